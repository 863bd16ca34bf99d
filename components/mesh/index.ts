export type { HclNode } from "./hcl";
export type { MeshLifetimes } from "./lifetimes";
export type { MeshReference } from "./mesh-reference";
export type { SpireMonitoring } from "./monitoring";
export type { SpireSecretVariable } from "./secret-variables";
export * from "./service-mesh";
export * from "./service-mesh-args";
export * from "./sidecar";
export * from "./sidecar-injector";
export { SpiffeCsiDriver, type SpiffeCsiDriverArgs } from "./spiffe-csi-driver";
export {
  KubeletAddress,
  SpireAgent,
  type SpireAgentArgs,
  type SpireAgentSettings,
  type SpireKubelet,
} from "./spire-agent";
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
} from "./spire-server";
export type { MeshImages } from "./versions";
export { WorkloadIdentity, type WorkloadIdentityArgs, type WorkloadSelection } from "./workload-identity";
