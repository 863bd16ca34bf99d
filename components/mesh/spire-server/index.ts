export type { ExistingConnectionString, SpireDatabase, SpireDataStore } from "./data-store";
export { serverLayout } from "./layout";
export { type ResolvedSpireServer, resolveContainedServer } from "./resolve";
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
