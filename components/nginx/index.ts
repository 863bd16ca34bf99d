export { checkRepeated, checkTree } from "./check-tree";
export { checksumAnnotations } from "./checksums";
export {
  block,
  directive,
  dollarVariable,
  type ExactMaps,
  escapeRegex,
  evaluated,
  evaluatedBlock,
  exactMaps,
  flat,
  hashSizeNodes,
  jsonLogFormat,
  type KnownEntry,
  type MapEntry,
  type MapHash,
  mapBlock,
  mapEntry,
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
export { checkKnownFaults, type FaultyPart, usedParts } from "./known-faults";
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
export {
  checkImageVersion,
  checkNginxVersion,
  completeServiceHost,
  defaultOpenSourceVersion,
  hasHttp2Directive,
  imageVersion,
  isFromVersion,
  resolvesAgain,
} from "./open-source-version";
export { type NginxPort, NginxPortProtocol } from "./ports";
export { defaultRelease, readRelease, releaseNames } from "./releases";
export { unverifiedUsage } from "./remarks";
export { containedNginx, type NginxContainer, type ResolvedNginx, resolveNginx } from "./resolve";
export { type ClientRevocation, checkRevocation, deniedSerialsMap } from "./revocation";
export type { NginxAutoscaling, NginxDisruptionBudget, NginxScaleDown } from "./scaling-args";
export { checkNginxService, type NginxService, NginxServiceType, NginxTrafficPolicy, serviceSpec } from "./service";
export { temporaryPaths } from "./temporary-paths";
export { modernTls, type UpstreamTls, upstreamTls } from "./tls";
export { everyNode, originsOf, type PlacedNode, placeNodes } from "./tree";
