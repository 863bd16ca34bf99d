import type { ComponentResource, Input } from "@pulumi/pulumi";
import type { SidecarPodSettings } from "./pod";
import type { SidecarArgs } from "./sidecar-args";

/** What `withSidecar` needs of a Sidecar, beside its outputs. */
export interface KeptSidecar {
  name: string;
  args: SidecarArgs;
  pod: SidecarPodSettings;
  annotations: Record<string, Input<string>>;
}

// Not a field of the component: each field of one becomes an output in the stack's state.
const kept = new WeakMap<ComponentResource, KeptSidecar>();

export const keep = (sidecar: ComponentResource, what: KeptSidecar) => void kept.set(sidecar, what);

export const keptOf = (sidecar: ComponentResource): KeptSidecar | undefined => kept.get(sidecar);
