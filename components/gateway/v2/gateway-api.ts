import type { Input } from "@pulumi/pulumi";
import {
  dataPlaneImage,
  gatewayClassName as defaultClassName,
  gatewayControllerName as defaultControllerName,
} from "../defaults";
import {
  type GatewayFabricArgs,
  GatewayFabricLogLevel,
  GatewayServiceType,
  GatewayTrafficPolicy,
} from "../gateway-fabric-args";
import type { GatewayFabricVersion } from "../versions";
import type { Names } from "./names";

/** Name of the GatewayClass. */
export const className = ({ gatewayClassName = defaultClassName }: GatewayFabricArgs) => gatewayClassName;

/** Spec of the GatewayClass: which controller it belongs to, and what its Gateways are made like. */
export const gatewayClassSpec = (
  { gatewayControllerName = defaultControllerName }: GatewayFabricArgs,
  names: Names,
  namespace: Input<string>,
) => ({
  controllerName: gatewayControllerName,
  parametersRef: { group: "gateway.nginx.org", kind: "NginxProxy", name: names.proxyConfig, namespace },
});

/** Spec of the NginxGateway: the settings of the control plane that it reads while it runs. */
export const nginxGatewaySpec = ({ logLevel = GatewayFabricLogLevel.info }: GatewayFabricArgs) => ({
  logging: { level: logLevel },
});

/** Spec of the NginxProxy: what the pods of every Gateway are like. */
export function nginxProxySpec(args: GatewayFabricArgs, version: GatewayFabricVersion) {
  const { config, replicas, resources, service, ...placement } = args.dataPlane ?? {};
  const { repository, tag, pullPolicy } = dataPlaneImage(args, version);
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints } = placement;
  const pod = Object.entries({ nodeSelector, tolerations, affinity, topologySpreadConstraints }).filter(
    ([, value]) => value !== undefined,
  );
  const type = service?.type ?? GatewayServiceType.loadBalancer;
  return {
    ...config,
    kubernetes: {
      deployment: {
        replicas: replicas ?? 1,
        ...(pod.length > 0 && { pod: Object.fromEntries(pod) }),
        container: { ...(resources && { resources }), image: { repository, tag, pullPolicy } },
      },
      service: {
        type,
        // Only a Service that takes traffic from outside has such a policy.
        ...(type !== GatewayServiceType.clusterIp && {
          externalTrafficPolicy: service?.externalTrafficPolicy ?? GatewayTrafficPolicy.local,
        }),
      },
    },
  };
}
