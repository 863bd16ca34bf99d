import type { ResolvedGatewayFabric } from "./resolve";

/** Returns the spec of the GatewayClass: its controller, and the settings of its Gateways. */
export const gatewayClassSpec = ({ gatewayControllerName, names, namespace }: ResolvedGatewayFabric) => ({
  controllerName: gatewayControllerName,
  parametersRef: { group: "gateway.nginx.org", kind: "NginxProxy", name: names.proxyConfig, namespace },
});

/** Returns the spec of the NginxGateway: the settings of the control plane that it reads while it runs. */
export const nginxGatewaySpec = ({ logLevel }: ResolvedGatewayFabric) => ({ logging: { level: logLevel } });

/** Returns the spec of the NginxProxy: the settings of the pods of every Gateway. */
export function nginxProxySpec({ dataPlane, dataPlaneImage: { repository, tag, pullPolicy } }: ResolvedGatewayFabric) {
  const { config, replicas, resources, service, ...placement } = dataPlane;
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints } = placement;
  const pod = defined({ nodeSelector, tolerations, affinity, topologySpreadConstraints });
  return {
    ...config,
    kubernetes: {
      deployment: {
        replicas,
        ...(Object.keys(pod).length > 0 && { pod }),
        container: { ...(resources && { resources }), image: { repository, tag, pullPolicy } },
      },
      service: defined(service),
    },
  };
}

const defined = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
