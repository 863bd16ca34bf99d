export { KubeletAddress, type SpireKubelet } from "./kubelet";
export { nodePlacement } from "./pod";
export { type ResolvedSpireAgent, resolveContainedAgent } from "./resolve";
export { SpireAgent } from "./spire-agent";
export type { SpireAgentArgs, SpireAgentSettings } from "./spire-agent-args";
