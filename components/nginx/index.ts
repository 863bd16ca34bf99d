export { checkRepeated } from "./check-tree";
export {
  block,
  directive,
  evaluated,
  flat,
  type MapEntry,
  mapBlock,
  NginxConfigError,
  type NginxConfigNode,
  type NginxConfigNodes,
  NginxContext,
  plusOnly,
  printConfig,
  regexFault,
  when,
} from "./conf";
export { Edition } from "./edition";
export type { ExistingManagement, NginxManagement, UsageProxy } from "./management";
export type { NginxMonitoring } from "./monitoring";
export { nameServerRule } from "./network-policy";
export type { NginxNetworkPolicy, NginxPeer, NginxUpstreamPeer } from "./network-policy-args";
export type { NginxDeploymentArgs, NginxPods } from "./nginx-deployment-args";
export { NginxPlus } from "./nginx-plus";
export type {
  NginxConfiguration,
  NginxFile,
  NginxPlusArgs,
  NginxSecretMount,
} from "./nginx-plus-args";
export { type NginxPort, NginxPortProtocol } from "./ports";
export { containedNginx, type NginxContainer, type ResolvedNginx, resolveNginx } from "./resolve";
export { type ClientRevocation, serialNumber } from "./revocation";
export type { NginxAutoscaling, NginxDisruptionBudget, NginxScaleDown } from "./scaling-args";
export { type NginxService, NginxServiceType, NginxTrafficPolicy } from "./service";
export { type Origins, originsOf } from "./tree";
