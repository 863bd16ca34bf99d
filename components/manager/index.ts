export * from "./agent";
export type { VerifiableCertificate } from "./certificate-checks";
export * from "./certificates";
export * from "./front";
export type { HostManagement, NginxHost } from "./host";
export type { InstanceManagerHostname } from "./hostname";
export * from "./instance-manager";
export * from "./v1";
