import type { Input } from "@pulumi/pulumi";
import { gatewayClassName, gatewayControllerName, healthPort, metricsPort, releaseName } from "../defaults";
import type { GatewayFabricV1Args } from "../gateway-fabric-v1-args";
import { type GatewayUsageReporting, usageFlags } from "../usage";
import type { GatewayFabricVersion } from "../versions";

/** The control plane's arguments, in upstream's order. */
export function controlPlaneFlags(
  args: GatewayFabricV1Args,
  version: GatewayFabricVersion,
  usage: GatewayUsageReporting | undefined,
): Input<string>[] {
  const { name = releaseName, metrics = {} } = args;
  return [
    "static-mode",
    `--gateway-ctlr-name=${args.gatewayControllerName ?? gatewayControllerName}`,
    `--gatewayclass=${args.gatewayClassName ?? gatewayClassName}`,
    `--config=${name}-config`,
    `--service=${name}`,
    ...(usage ? ["--nginx-plus", ...usageFlags(version, usage)] : []),
    ...(metrics.enabled === false ? ["--metrics-disable"] : [`--metrics-port=${metrics.port ?? metricsPort}`]),
    ...(metrics.secure ? ["--metrics-secure-serving"] : []),
    `--health-port=${args.healthPort ?? healthPort}`,
    args.leaderElection === false ? "--leader-election-disable" : `--leader-election-lock-name=${name}-leader-election`,
    ...(args.productTelemetry === false ? ["--product-telemetry-disable"] : []),
    ...(args.experimentalFeatures ? ["--gateway-api-experimental-features"] : []),
    ...(args.snippetsFilters ? ["--snippets-filters"] : []),
  ];
}
