import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { Refuser } from "../foundation";
import type { NginxPort } from "./ports";

/** Types of a Service. */
export const NginxServiceType = {
  clusterIP: "ClusterIP",
  nodePort: "NodePort",
  loadBalancer: "LoadBalancer",
} as const;
export type NginxServiceType = (typeof NginxServiceType)[keyof typeof NginxServiceType];

/** What a Service does with traffic from outside the cluster. */
export const NginxTrafficPolicy = { cluster: "Cluster", local: "Local" } as const;
export type NginxTrafficPolicy = (typeof NginxTrafficPolicy)[keyof typeof NginxTrafficPolicy];

/** The Service in front of the pods. */
export interface NginxService {
  /** Name, for clients that have it written down. @default made up by Pulumi from the component's name */
  name?: Input<string>;
  /** Who can reach it. @default "ClusterIP" */
  type?: NginxServiceType;
  /** Annotations, most of which are for the cloud's load balancer. @default none */
  annotations?: Record<string, Input<string>>;
  /** `Local` keeps the clients' addresses, which `Cluster` replaces by a node's. Not for ClusterIP. @default "Cluster" */
  externalTrafficPolicy?: NginxTrafficPolicy;
  /** Which implementation provides the load balancer. Only for LoadBalancer. @default the cluster's */
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
    externalTrafficPolicy,
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

/** Refuses what the API server would, and what it would ignore. */
export function checkService(service: NginxService, refuse: Refuser): void {
  const { type = NginxServiceType.clusterIP } = service;
  const types = Object.values(NginxServiceType);
  if (!types.includes(type)) refuse("service.type", "is no type of a Service", `write one of ${types.join(", ")}`);
  if (service.externalTrafficPolicy !== undefined && type === NginxServiceType.clusterIP)
    refuse(
      "service.externalTrafficPolicy",
      "is given for a Service of type ClusterIP",
      "leave it out, or use LoadBalancer or NodePort",
    );
  for (const property of ["loadBalancerClass", "loadBalancerSourceRanges"] as const)
    if (service[property] !== undefined && type !== NginxServiceType.loadBalancer)
      refuse(`service.${property}`, `is given for a Service of type ${type}`, "leave it out, or use LoadBalancer");
}
