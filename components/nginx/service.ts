import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, formats } from "../foundation";
import type { NginxPort } from "./ports";

/** Types of a Service. */
export const NginxServiceType = {
  clusterIP: "ClusterIP",
  nodePort: "NodePort",
  loadBalancer: "LoadBalancer",
} as const;
export type NginxServiceType = (typeof NginxServiceType)[keyof typeof NginxServiceType];

/** Routes of traffic from outside the cluster to the pods of a Service. */
export const NginxTrafficPolicy = { cluster: "Cluster", local: "Local" } as const;
export type NginxTrafficPolicy = (typeof NginxTrafficPolicy)[keyof typeof NginxTrafficPolicy];

/** The Service in front of the pods. */
export interface NginxService {
  /** Fixed name of the Service. @default made up by Pulumi from the component's name */
  name?: Input<string>;
  /** Type of the Service. @default "ClusterIP" */
  type?: NginxServiceType;
  /** Annotations, most of which are for the cloud's load balancer. @default none */
  annotations?: Record<string, Input<string>>;
  /** `Local` keeps the clients' addresses; `Cluster` replaces them by a node's. Not for ClusterIP. @default "Cluster" */
  externalTrafficPolicy?: NginxTrafficPolicy;
  /** Class of the load balancer (`loadBalancerClass`). Only for LoadBalancer. @default the cluster's */
  loadBalancerClass?: Input<string>;
  /** Networks (CIDR) from which the load balancer takes traffic. Only for LoadBalancer. @default any */
  loadBalancerSourceRanges?: Input<string>[];
}

/** Spec of the Service. */
export function serviceSpec(
  { type, externalTrafficPolicy, loadBalancerClass, loadBalancerSourceRanges }: NginxService,
  ports: NginxPort[],
  selector: Record<string, Input<string>>,
): types.input.core.v1.ServiceSpec {
  return {
    type: type ?? NginxServiceType.clusterIP,
    // The API server takes it, also `Cluster`, where traffic comes from outside.
    ...(type !== undefined && type !== NginxServiceType.clusterIP && { externalTrafficPolicy }),
    loadBalancerClass,
    loadBalancerSourceRanges,
    selector,
    ports: ports.map(({ name, port, protocol, appProtocol }) => ({
      name,
      port,
      targetPort: name,
      protocol: protocol ?? "TCP",
      appProtocol,
    })),
  };
}

/** Checks a Service as the API server does, and refuses arguments that it would ignore. */
export function checkNginxService(service: Argument<NginxService>): void {
  const { type = NginxServiceType.clusterIP, externalTrafficPolicy } = service.value;
  service.field("name").matches(formats.serviceName);
  service.field("loadBalancerClass").matches(formats.qualifiedName);
  for (const range of service.field("loadBalancerSourceRanges").entries()) range.matches(formats.cidr);
  if (externalTrafficPolicy === NginxTrafficPolicy.local && type === NginxServiceType.clusterIP)
    service
      .field("externalTrafficPolicy")
      .refuse("is given for a Service of type ClusterIP", "remove it, or use LoadBalancer or NodePort");
  for (const property of ["loadBalancerClass", "loadBalancerSourceRanges"] as const)
    if (service.value[property] !== undefined && type !== NginxServiceType.loadBalancer)
      service.field(property).refuse(`is given for a Service of type ${type}`, "remove it, or use LoadBalancer");
}
