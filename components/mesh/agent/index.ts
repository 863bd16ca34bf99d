export { KubeletAddress, type SpireKubelet } from "./kubelet";
export { type ResolvedSpireAgent, resolveSpireAgent } from "./resolve";
export { type ResolvedDriver, resolveDriver, SpiffeCsiDriver } from "./spiffe-csi-driver";
export type { SpiffeCsiDriverArgs } from "./spiffe-csi-driver-args";
export { SpireAgent } from "./spire-agent";
export type { SpireAgentArgs, SpireAgentSettings } from "./spire-agent-args";
