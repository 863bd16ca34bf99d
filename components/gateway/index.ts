export { Gateway, type GatewayArgs } from "./gateway";
export { GatewayFabric } from "./gateway-fabric";
export {
  type GatewayFabricArgs,
  type GatewayFabricCommonArgs,
  GatewayFabricCrds,
  type GatewayFabricDataPlane,
  GatewayFabricDelivery,
  type GatewayFabricImage,
  GatewayFabricLogLevel,
  type GatewayFabricMonitoring,
  type GatewayFabricService,
  GatewayServiceType,
  GatewayTrafficPolicy,
  ImagePullPolicy,
} from "./gateway-fabric-args";
export { GatewayFabricV1 } from "./gateway-fabric-v1";
export {
  type GatewayFabricV1Args,
  type GatewayFabricV1Port,
  type GatewayFabricV1Service,
  NginxErrorLevel,
} from "./gateway-fabric-v1-args";
export {
  type GatewayAllowedRoutes,
  type GatewayListener,
  type GatewayListenerCertificate,
  GatewayProtocol,
  GatewayRouteKind,
  GatewayRouteNamespaces,
} from "./listeners";
export type { GatewayFabricCustomVersion } from "./resolve-version";
export type { GatewayUsageReporting } from "./usage";
