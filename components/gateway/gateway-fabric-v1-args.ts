import type { Input } from "@pulumi/pulumi";
import type { GatewayFabricCommonArgs, GatewayFabricService } from "./gateway-fabric-args";

/** A port of the Service in front of a GatewayFabricV1. */
export interface GatewayFabricV1Port {
  /** Name, at most 15 lower-case letters, digits and `-`. */
  name: string;
  /** Port of the Service. */
  port: number;
  /** Port of a listener of the Gateway. @default port */
  targetPort?: number;
  /** Port of each node, for NodePort and LoadBalancer. @default chosen by Kubernetes */
  nodePort?: number;
}

/** The Service in front of a GatewayFabricV1, which all Gateways of the class share. */
export interface GatewayFabricV1Service extends GatewayFabricService {
  /** Annotations, most of which are for the cloud's load balancer. @default none */
  annotations?: Record<string, Input<string>>;
  /** One for each port that listeners of the Gateway have. @default 80 named "http" and 443 named "https" */
  ports?: GatewayFabricV1Port[];
}

/** Levels of NGINX's error log. */
export const NginxErrorLevel = {
  debug: "debug",
  info: "info",
  notice: "notice",
  warn: "warn",
  error: "error",
  crit: "crit",
  alert: "alert",
  emerg: "emerg",
} as const;
export type NginxErrorLevel = (typeof NginxErrorLevel)[keyof typeof NginxErrorLevel];

/** Arguments of a GatewayFabricV1, the 1.6 line. */
export interface GatewayFabricV1Args extends GatewayFabricCommonArgs {
  /** The Service. @default of type LoadBalancer, with ports 80 and 443 */
  service?: GatewayFabricV1Service;
  /** Level of NGINX's error log. NginxProxy `spec.logging.errorLevel`. @default "info" */
  errorLevel?: NginxErrorLevel;
  /** Further fields of the NginxProxy's `spec` (`gateway.nginx.org/v1alpha1`): `{ ipFamily: "ipv4" }`. @default no NginxProxy, unless there is an `errorLevel` */
  // biome-ignore lint/suspicious/noExplicitAny: fields of a CRD, which the API server checks
  dataPlaneConfig?: Record<string, any>;
  /** Seconds that a pod has to end. @default 30 */
  terminationGracePeriodSeconds?: number;
}
