import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartValues } from "../helm";
import { releaseName } from "./defaults";
import type { GatewayFabricCommonArgs } from "./gateway-fabric-args";
import type { GatewayFabricVersion } from "./versions";

/** Makes the release of Gateway Fabric's chart. Its CRDs are not the chart's: Helm installs those once and never updates them. */
export function chartRelease(
  name: string,
  args: GatewayFabricCommonArgs,
  version: GatewayFabricVersion,
  values: ChartValues,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    `${name}-release`,
    {
      name: args.name ?? releaseName,
      namespace: args.namespace,
      chart: pulumi.interpolate`oci://${args.registry ?? "ghcr.io"}/nginx/charts/nginx-gateway-fabric`,
      version: version.chartVersion,
      skipCrds: true,
      values,
    },
    opts,
  );
}
