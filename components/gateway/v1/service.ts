import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { GatewayFabricV1Port } from "../gateway-fabric-v1-args";
import type { ResolvedGatewayFabricV1 } from "./resolve";

const defaultPorts: GatewayFabricV1Port[] = [
  { name: "http", port: 80 },
  { name: "https", port: 443 },
];

/** Returns the ports of the Service as Kubernetes has them. */
export const servicePorts = (ports = defaultPorts) =>
  ports.map(({ name, port, targetPort = port, nodePort }) => ({ name, port, protocol: "TCP", targetPort, nodePort }));

/** Returns the spec of the Service in front of the pods. */
export const serviceSpec = (
  { annotations, ...service }: ResolvedGatewayFabricV1["service"],
  selector: Record<string, Input<string>>,
): types.input.core.v1.ServiceSpec => ({ ...service, selector });
