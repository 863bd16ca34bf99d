// The public interface. What the folders share among themselves stays inside.
export {
  type ExistingLicenseSecret,
  type ExistingSecret,
  HostAction,
  type HostFile,
  type LicenseReference,
  LicenseSecret,
  type LicenseSecretArgs,
  Namespace,
  type NamespaceArgs,
  type PodPlacement,
  PodSecurityLevel,
  RegistrySecret,
  type RegistrySecretArgs,
  type SecretMetadata,
  type SecretReference,
} from "./foundation";
export * from "./gateway";
export * from "./manager";
export * from "./mesh";
export * from "./mqtt";
export {
  Edition,
  type ExistingManagement,
  type NginxAutoscaling,
  type NginxConfigNode,
  type NginxConfiguration,
  type NginxDeploymentArgs,
  type NginxDisruptionBudget,
  type NginxFile,
  type NginxManagement,
  type NginxMonitoring,
  type NginxNetworkPolicy,
  type NginxPeer,
  NginxPlus,
  type NginxPlusArgs,
  type NginxPods,
  type NginxPort,
  NginxPortProtocol,
  type NginxScaleDown,
  type NginxSecretMount,
  type NginxService,
  NginxServiceType,
  NginxTrafficPolicy,
  type NginxUpstreamPeer,
  type UsageProxy,
} from "./nginx";
export * from "./pki";
