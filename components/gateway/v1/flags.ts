import type { Input } from "@pulumi/pulumi";
import { usageFlags } from "../usage";
import type { ResolvedGatewayFabricV1 } from "./resolve";

/** Returns the control plane's arguments, in upstream's order. */
export function controlPlaneFlags(resolved: ResolvedGatewayFabricV1): Input<string>[] {
  const { release, version, usage, monitoring } = resolved;
  return [
    "static-mode",
    `--gateway-ctlr-name=${resolved.gatewayControllerName}`,
    `--gatewayclass=${resolved.gatewayClassName}`,
    `--config=${release}-config`,
    `--service=${release}`,
    ...(usage ? ["--nginx-plus", ...usageFlags(version, usage)] : []),
    monitoring.enabled ? `--metrics-port=${monitoring.port}` : "--metrics-disable",
    ...(monitoring.secure ? ["--metrics-secure-serving"] : []),
    `--health-port=${resolved.healthPort}`,
    resolved.leaderElection ? `--leader-election-lock-name=${release}-leader-election` : "--leader-election-disable",
    ...(resolved.productTelemetry ? [] : ["--product-telemetry-disable"]),
    ...(resolved.experimentalFeatures ? ["--gateway-api-experimental-features"] : []),
    ...(resolved.snippetsFilters ? ["--snippets-filters"] : []),
    ...(version.additions.flags ?? []),
  ];
}
