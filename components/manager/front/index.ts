export { AgentMtls, type InstanceManagerAgents } from "./agents";
export { backendTlsLayout, hostFiles } from "./files";
export { checkAgentAuthorities, checkHostBackendTls, frontHostFiles } from "./hosts";
export type { BackendLayout, CertificateFiles } from "./model";
export { frontNodes } from "./nginx";
export type { InstanceManagerPods } from "./pods";
export type { ClientRevocation, ClientRevocationByApi, ClientRevocationKeyval } from "./revocation";
export * from "./version-1";
export * from "./version-2";
