export { AgentMtls, checkAgentMtls, type InstanceManagerAgents } from "./agents";
export {
  checkBackendName,
  checkHostCertificate,
  checkSecretCertificate,
  checkServerCertificates,
} from "./certificates";
export { checkHostOrAddress, usageEndpointOf } from "./checks";
export { backendTlsLayout, hostFiles, podFiles } from "./files";
export { checkAgentAuthorities, checkHostBackendTls, frontHostFiles } from "./hosts";
export type { AgentServer, BackendLayout, CertificateFiles, ManagerServer, ResolvedFront, StatusServer } from "./model";
export { type FrontNodes, frontNodes, grpcLog, header, streamLimits } from "./nginx";
export { type InstanceManagerPods, type PodPort, resolvePods } from "./pods";
export { resolveInstanceManagerHostProxy } from "./resolve-host-proxy";
export { resolveInstanceManagerProxy } from "./resolve-proxy";
export type { ClientRevocation, ClientRevocationByApi, ClientRevocationKeyval } from "./revocation";
export { checkSnippet, resolveSnippets, type SnippetOrigins } from "./snippets";
export { lacksRejection } from "./tls-support";
