export {
  KubeletAddress,
  type ResolvedDriver,
  resolveDriver,
  SpiffeCsiDriver,
  type SpiffeCsiDriverArgs,
  SpireAgent,
  type SpireAgentArgs,
  type SpireAgentSettings,
  type SpireKubelet,
} from "./agent";
export type { HclNode } from "./hcl";
export { WorkloadIdentity, type WorkloadIdentityArgs, type WorkloadSelection } from "./identity";
export * from "./injector";
export type { MeshLifetimes } from "./lifetimes";
export type { MeshReference } from "./mesh-reference";
export type { SpireSecretVariable } from "./secret-variables";
export {
  type ExistingConnectionString,
  type SpireAwsPrivateAuthority,
  type SpireCaSubject,
  type SpireCertManagerAuthority,
  SpireCrds,
  type SpireDatabase,
  type SpireDataStore,
  type SpireDiskAuthority,
  type SpireJwtSvids,
  SpireKeyManager,
  SpireKeyType,
  SpireLogLevel,
  type SpireMonitoring,
  SpireServer,
  type SpireServerArgs,
  type SpireServerSettings,
  type SpireStorage,
  type SpireUpstreamAuthority,
  type SpireVaultAppRoleLogin,
  type SpireVaultAuthority,
  type SpireVaultCertificateLogin,
  type SpireVaultKubernetesLogin,
  type SpireVolume,
} from "./server";
export * from "./service-mesh";
export * from "./service-mesh-args";
export * from "./sidecar";
export type { MeshImages } from "./versions";
