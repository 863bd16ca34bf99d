import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../../foundation";
import { type ChartSetting, type ChartValues, mergeValues, setting, valuesOf } from "../../helm";
import { certificateSettings, type InstanceManagerSecrets } from "./certificates";
import { nimChart } from "./chart-keys";
import { clickHousePasswordSettings, clickHouseSettings, type InstanceManagerSecretKey } from "./clickhouse";
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
  /** A keyed digest of what the parts read at start only; it changes when that does, and restarts them. */
  checksum: pulumi.Input<string>;
}

/** The values of the release, but for what is made before it. Called before anything is, so that a wrong one leaves nothing behind. */
export function chartValues(refuse: Refuser, args: InstanceManagerArgs, version: InstanceManagerVersion): ChartValues {
  const { imagePullSecrets, hostnames, outboundProxy, tolerations } = args;
  const settings: ChartSetting[] = [
    setting(
      "imagePullSecrets",
      "imagePullSecrets",
      imagePullSecrets?.map((name) => ({ name })),
    ),
    ...imageSettings(args, version),
    setting("apigw.serverName", "hostnames", hostnames && pulumi.all(hostnames).apply((names) => names.join(" "))),
    // Its Service can have neither source ranges nor a class: one of our own has.
    setting("apigw.service", "service", undefined),
    setting("networkPolicies.enabled", "networkPolicies", false),
    ...clickHouseSettings(args),
    ...persistenceSettings(args),
    setting("integrations.container.modeOfOperation", "mode", args.mode),
    setting("proxyConfig.proxyEnable", "outboundProxy", outboundProxy && true),
    setting("proxyConfig.proxyHost", "outboundProxy.host", outboundProxy?.host),
    setting("proxyConfig.proxyPort", "outboundProxy.port", outboundProxy?.port),
    setting("proxyConfig.proxyProtocol", "outboundProxy.protocol", outboundProxy?.protocol),
    ...placedParts.map((part) => setting(`${part}.tolerations`, "tolerations", tolerations)),
    setting("openshift.enabled", "openshift", args.openshift),
    setting("log.level", "logLevel", args.logLevel),
    // What comes from the parts below, and nobody else may write.
    setting("adminPasswordHash", "admin", undefined),
    setting("externalCerts", args.existingCertificates ? "existingCertificates" : "issuer", undefined),
    setting("apigw.tlsSecret", "certificate", undefined),
    setting("apigw.tlsReload", "certificate", undefined),
    setting(`podAnnotations.${checksumAnnotation}`, "revision", undefined),
  ];
  return valuesOf(refuse, nimChart(version.chartVersion), settings, args.helmValues, missing(refuse));
}

/** The values with what was made before the release. */
export function withParts(
  refuse: Refuser,
  args: InstanceManagerArgs,
  version: InstanceManagerVersion,
  values: ChartValues,
  { secrets, adminPasswordHash, clickHousePassword, checksum }: ReleaseParts,
): ChartValues {
  const settings = [
    setting("adminPasswordHash", "admin", adminPasswordHash),
    ...certificateSettings(args, secrets),
    ...clickHousePasswordSettings(args, clickHousePassword),
    setting(`podAnnotations.${checksumAnnotation}`, "revision", checksum),
  ];
  return mergeValues(values, valuesOf(refuse, nimChart(version.chartVersion), settings, {}, missing(refuse)));
}

const checksumAnnotation = "checksum/secrets";

const missing =
  (refuse: Refuser) =>
  ({ argument }: ChartSetting) =>
    refuse(argument, "has no key in the chart", "leave it out");

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
