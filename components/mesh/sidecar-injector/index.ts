export { type ResolvedInjector, resolveContainedInjector } from "./resolve";
export { SidecarInjector } from "./sidecar-injector";
export type { MeshSidecars, SidecarInjectorArgs } from "./sidecar-injector-args";
