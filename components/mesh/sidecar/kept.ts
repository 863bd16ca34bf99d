import type { Input } from "@pulumi/pulumi";
import type { SidecarPodSettings } from "./pod";
import type { Sidecar } from "./sidecar";
import type { SidecarArgs } from "./sidecar-args";

/** What `withSidecar` needs of a Sidecar, beside its outputs. */
export interface KeptSidecar {
  name: string;
  args: SidecarArgs;
  pod: SidecarPodSettings;
  annotations: Record<string, Input<string>>;
}

// Not a field of the component: each field of one becomes an output in the stack's state.
const kept = new WeakMap<Sidecar, KeptSidecar>();

export const keep = (sidecar: Sidecar, what: KeptSidecar) => void kept.set(sidecar, what);

export const keptOf = (sidecar: Sidecar): KeptSidecar | undefined => kept.get(sidecar);
