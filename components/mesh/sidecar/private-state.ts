import type { ComponentResource, Input } from "@pulumi/pulumi";
import type { SidecarPodSettings } from "./pod";
import type { SidecarModel } from "./resolve";

/** State of a Sidecar that `withSidecar` reads. */
export interface SidecarState {
  name: string;
  sidecar: SidecarModel;
  pod: SidecarPodSettings;
  annotations: Record<string, Input<string>>;
}

// Not a field of the component, because each field would become an output in the state.
const states = new WeakMap<object, SidecarState>();

export const setPrivateState = (sidecar: ComponentResource, state: SidecarState) => void states.set(sidecar, state);

/** Returns the state of a Sidecar; undefined for any other value. */
export const getPrivateState = (sidecar: unknown): SidecarState | undefined =>
  typeof sidecar === "object" && sidecar !== null ? states.get(sidecar) : undefined;
