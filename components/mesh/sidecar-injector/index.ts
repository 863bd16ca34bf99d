export { type ResolvedInjector, resolveContainedInjector } from "./resolve";
export { SidecarInjector } from "./sidecar-injector";
export type { EarlierSidecars, MeshSidecars, SidecarInjectorArgs } from "./sidecar-injector-args";
