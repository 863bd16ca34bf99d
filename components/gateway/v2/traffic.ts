import { nameServerRule } from "../../nginx";
import { metricsPort } from "../defaults";
import { fromAnyPod, type PodTraffic, tcp, toApiServer } from "../network-policy";
import { agentPort } from "./deployment";
import { dataPlaneLabel, managedBy, selector } from "./names";
import type { ResolvedGatewayFabric } from "./resolve";

/** Returns the traffic of the control plane: the data planes of all namespaces call it, and it calls the API server. */
export function controlPlaneTraffic(resolved: ResolvedGatewayFabric): PodTraffic {
  const { names, gatewayClassName, monitoring } = resolved;
  const dataPlane = { matchLabels: { [managedBy]: dataPlaneLabel(names, gatewayClassName) } };
  return {
    podLabels: selector(names),
    ingress: [
      { from: [{ namespaceSelector: {}, podSelector: dataPlane }], ports: tcp(agentPort) },
      ...(monitoring.prometheusOperator ? [fromAnyPod(tcp(monitoring.port))] : []),
    ],
    egress: [toApiServer, nameServerRule(resolved.openshift)],
  };
}

/** Returns the ports of the data plane's pods that no listener can have. */
export function reservedPorts({ dataPlane }: ResolvedGatewayFabric): Record<string, number> {
  const metrics: { disable?: unknown; port?: unknown } = dataPlane.config?.metrics ?? {};
  if (metrics.disable === true) return {};
  return { metrics: typeof metrics.port === "number" ? metrics.port : metricsPort };
}
