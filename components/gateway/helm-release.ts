import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartValues } from "../helm";
import type { ResolvedFabric } from "./resolve";

/** Makes the release of Gateway Fabric's chart. Its CRDs are not the chart's: Helm installs those once and never updates them. */
export function chartRelease(
  name: string,
  { release, namespace, chartRegistry, version }: ResolvedFabric,
  values: ChartValues,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    `${name}-release`,
    {
      name: release,
      namespace,
      chart: pulumi.interpolate`oci://${chartRegistry}/nginx/charts/nginx-gateway-fabric`,
      version: version.chartVersion,
      skipCrds: true,
      values,
    },
    opts,
  );
}
