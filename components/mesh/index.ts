export type { HclNode } from "./hcl";
export type { MeshLifetimes } from "./lifetimes";
export type { MeshReference } from "./mesh-reference";
export type { ExistingConnectionString, SpireDatabase, SpireDataStore } from "./server/data-store";
export type { SpireMonitoring } from "./server/monitoring";
export * from "./server/spire-server";
export * from "./server/spire-server-args";
export * from "./server/upstream-args";
export type { MeshImages } from "./versions";
