export type { HclNode } from "./hcl";
export type { MeshLifetimes } from "./lifetimes";
export type { MeshReference } from "./mesh-reference";
export type { MeshImages } from "./versions";
