import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../../foundation";
import { type ChartSetting, type ChartValues, setting, valuesOf } from "../../helm";
import { certificateSettings, type InstanceManagerSecrets } from "./certificates";
import { nimChart } from "./chart-keys";
import { clickHouseSettings, type InstanceManagerSecretKey } from "./clickhouse";
import type { InstanceManagerArgs } from "./instance-manager-args";
import { persistenceSettings } from "./persistence";
import type { InstanceManagerVersion } from "./versions";

/** Every part with an image of F5's. */
const imageParts = ["apigw", "core", "dpm", "ingestion", "integrations", "secmon", "utility"];
const placedParts = [...imageParts, "nmsClickhouse"];

/** What is made before the chart's release. */
export interface ReleaseParts {
  secrets: InstanceManagerSecrets;
  adminPasswordHash: pulumi.Input<string>;
  clickHousePassword?: InstanceManagerSecretKey;
  /** Annotations of every pod. */
  podAnnotations: Record<string, pulumi.Input<string>>;
}

/** The values of the release. */
export function chartValues(
  refuse: Refuser,
  args: InstanceManagerArgs,
  version: InstanceManagerVersion,
  { secrets, adminPasswordHash, clickHousePassword, podAnnotations }: ReleaseParts,
): ChartValues {
  const { imagePullSecrets, hostnames, outboundProxy, tolerations } = args;
  const settings: ChartSetting[] = [
    setting("adminPasswordHash", "admin", adminPasswordHash),
    setting(
      "imagePullSecrets",
      "imagePullSecrets",
      imagePullSecrets?.map((name) => ({ name })),
    ),
    ...imageSettings(args, version),
    ...certificateSettings(args, secrets),
    setting("apigw.serverName", "hostnames", hostnames && pulumi.all(hostnames).apply((names) => names.join(" "))),
    // Its Service can have neither source ranges nor a class: one of our own has.
    setting("apigw.service", "service", undefined),
    setting("networkPolicies.enabled", "networkPolicies", false),
    ...clickHouseSettings(args, clickHousePassword),
    ...persistenceSettings(args),
    setting("integrations.container.modeOfOperation", "mode", args.mode),
    setting("proxyConfig.proxyEnable", "outboundProxy", outboundProxy && true),
    setting("proxyConfig.proxyHost", "outboundProxy.host", outboundProxy?.host),
    setting("proxyConfig.proxyPort", "outboundProxy.port", outboundProxy?.port),
    setting("proxyConfig.proxyProtocol", "outboundProxy.protocol", outboundProxy?.protocol),
    ...placedParts.map((part) => setting(`${part}.tolerations`, "tolerations", tolerations)),
    setting("openshift.enabled", "openshift", args.openshift),
    setting("log.level", "logLevel", args.logLevel),
    ...Object.entries(podAnnotations).map(([key, value]) => setting(`podAnnotations.${key}`, "certificate", value)),
  ];
  return valuesOf(refuse, nimChart(version.chartVersion), settings, args.helmValues, ({ argument }) =>
    refuse(argument, "has no key in the chart", "leave it out"),
  );
}

function imageSettings({ registry }: InstanceManagerArgs, { imageTag }: InstanceManagerVersion): ChartSetting[] {
  const from = (own: string, path: string) => pulumi.interpolate`${registry ?? own}/${path}`;
  return [
    ...imageParts.flatMap((part) => [
      // The chart's own default is the name alone, which no node could pull.
      setting(`${part}.image.repository`, "registry", from("private-registry.nginx.com", `nms/${part}`)),
      setting(`${part}.image.tag`, "version", imageTag),
    ]),
    setting(
      "nmsClickhouse.image.repository",
      "registry",
      registry === undefined ? undefined : from("", "clickhouse/clickhouse-server"),
    ),
  ];
}
