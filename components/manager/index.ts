export * from "./agent";
export type { InstanceManagerHostname } from "./hostname";
export * from "./instance-manager";
export * from "./instance-manager-proxy";
export * from "./instance-manager-proxy-args";
export * from "./instance-manager-proxy-options";
export type { ClientRevocation, ClientRevocationByApi, ClientRevocationKeyval } from "./revocation";
