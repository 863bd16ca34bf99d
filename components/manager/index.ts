export * from "./agent";
export { HostAction, type HostFile } from "./host-files";
export type { InstanceManagerHostname } from "./hostname";
export * from "./instance-manager-proxy";
export * from "./instance-manager-proxy-args";
