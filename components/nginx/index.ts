export { checkRepeated, checkTree } from "./check-tree";
export { checksumAnnotations } from "./checksums";
export {
  block,
  directive,
  type ExactMaps,
  escapeRegex,
  evaluated,
  evaluatedBlock,
  exactMaps,
  flat,
  hashSizeNodes,
  type KnownEntry,
  type MapEntry,
  type MapHash,
  mapBlock,
  mapHashNodes,
  mostExpressions,
  NginxConfigError,
  type NginxConfigNode,
  type NginxConfigNodes,
  NginxContext,
  plusOnly,
  printConfig,
  printTree,
  type ReportFault,
  regexFault,
  when,
  withHashSizes,
} from "./conf";
export { Edition } from "./edition";
export { nginxImage } from "./image";
export {
  blockFile,
  checkInstanceManagerVersion,
  checkManagementBlock,
  type ExistingManagement,
  hasPassword,
  managementArgument,
  managementBlock,
  managementNode,
  managementPaths,
  type NginxManagement,
  type UsageProxy,
} from "./management";
export type { NginxMonitoring } from "./monitoring";
export { managementVolume, type SecretVolume, secretVolumes } from "./mounts";
export { checkNginxPeer, nameServerRule, nameServerRules, policyPeer } from "./network-policy";
export type { NginxNetworkPolicy, NginxPeer, NginxUpstreamPeer } from "./network-policy-args";
export type { NginxDeploymentArgs, NginxPods } from "./nginx-deployment-args";
export { NginxPlus } from "./nginx-plus";
export type {
  NginxConfiguration,
  NginxFile,
  NginxPlusArgs,
  NginxSecretMount,
} from "./nginx-plus-args";
export { readCertificateProgram, readProgram } from "./njs";
export { checkImageVersion, checkNginxVersion, hasHttp2Directive, isFromVersion } from "./open-source-version";
export { type NginxPort, NginxPortProtocol } from "./ports";
export { defaultRelease, readRelease, releaseNames } from "./releases";
export { unverifiedUsage } from "./remarks";
export { containedNginx, type NginxContainer, type ResolvedNginx, resolveNginx } from "./resolve";
export { type ClientRevocation, checkRevocation, deniedSerialsMap, serialNumber } from "./revocation";
export type { NginxAutoscaling, NginxDisruptionBudget, NginxScaleDown } from "./scaling-args";
export { checkNginxService, type NginxService, NginxServiceType, NginxTrafficPolicy, serviceSpec } from "./service";
export { modernTls } from "./tls";
export { everyNode, type Origins, originsOf, type PlacedNode, placeNodes } from "./tree";
