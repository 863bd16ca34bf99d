export { passNodes, upstreamNode } from "./backends";
export {
  checkAuthorities,
  checkBackendName,
  checkHostCertificate,
  checkLists,
  checkSecretCertificate,
} from "./certificates";
export { checkHostOrAddress, usageEndpointOf } from "./checks";
export { grpcErrorNodes } from "./grpc-errors";
export { withHeaders } from "./headers";
export { resolveInstanceManagerHostProxy } from "./host";
export { listenNodes } from "./http2";
export type { BackendLayout, CertificateFiles } from "./layout";
export { resolveInstanceManagerProxy } from "./pods";
export { checkSnippet, resolveSnippets, type SnippetOrigins } from "./snippets";
export { certificateNodes, lacksRejection, rejectingServer, tlsNodes } from "./tls";
