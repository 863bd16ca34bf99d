export type { ExistingConnectionString, SpireDatabase, SpireDataStore } from "./data-store";
export { agentAlerts, type SpireMonitoring, scrapeAnnotations } from "./monitoring";
export { makeMonitoring } from "./monitors";
export { nameServers, tcpPorts } from "./network-policy";
export { inServerPod } from "./place";
export { type ResolvedSpireServer, resolveSpireServer } from "./resolve";
export { bindRules } from "./role";
export { SpireServer } from "./spire-server";
export {
  type SpireCaSubject,
  SpireCrds,
  type SpireJwtSvids,
  SpireKeyManager,
  SpireKeyType,
  SpireLogLevel,
  type SpireServerArgs,
  type SpireServerSettings,
  type SpireStorage,
  type SpireVolume,
} from "./spire-server-args";
export type {
  SpireAwsPrivateAuthority,
  SpireCertManagerAuthority,
  SpireDiskAuthority,
  SpireUpstreamAuthority,
  SpireVaultAppRoleLogin,
  SpireVaultAuthority,
  SpireVaultCertificateLogin,
  SpireVaultKubernetesLogin,
} from "./upstream-args";
