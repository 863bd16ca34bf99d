import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { GatewayServiceType, GatewayTrafficPolicy } from "../gateway-fabric-args";
import type { GatewayFabricV1Port, GatewayFabricV1Service } from "../gateway-fabric-v1-args";

export const defaultPorts: GatewayFabricV1Port[] = [
  { name: "http", port: 80 },
  { name: "https", port: 443 },
];

/** Spec of the Service in front of the pods. */
export function serviceSpec(
  service: GatewayFabricV1Service,
  selector: Record<string, Input<string>>,
): types.input.core.v1.ServiceSpec {
  const { type = GatewayServiceType.loadBalancer, ports = defaultPorts } = service;
  const outside = type !== GatewayServiceType.clusterIp;
  return {
    type,
    externalTrafficPolicy: outside ? (service.externalTrafficPolicy ?? GatewayTrafficPolicy.local) : undefined,
    loadBalancerIP: service.loadBalancerIP,
    loadBalancerSourceRanges: service.loadBalancerSourceRanges,
    selector,
    ports: ports.map(({ name, port, targetPort = port, nodePort }) => ({
      name,
      port,
      protocol: "TCP",
      targetPort,
      nodePort,
    })),
  };
}
