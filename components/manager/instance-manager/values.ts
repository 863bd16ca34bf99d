import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../../foundation";
import { type ChartSetting, type ChartValues, mergeValues, setting, valuesOf } from "../../helm";
import { certificateSettings, type InstanceManagerSecrets } from "./certificates";
import { nimChart } from "./chart-keys";
import { clickHousePasswordSettings, clickHouseSettings, inUrl, type PasswordReference } from "./clickhouse";
import { persistenceSettings } from "./persistence";
import type { ResolvedArguments, ResolvedInstanceManager } from "./resolve";

/** Parts with an image of F5's. */
const imageParts = ["apigw", "core", "dpm", "ingestion", "integrations", "secmon", "utility"];
const placedParts = [...imageParts, "nmsClickhouse"];

/** Resources that are made before the chart's release, and that its values name. */
export interface ReleaseParts {
  secrets: InstanceManagerSecrets;
  adminPasswordHash: pulumi.Input<string>;
  clickHousePassword?: PasswordReference;
  /** Keyed digest of the contents that the parts read at start only: a change of it restarts them. */
  checksum: pulumi.Input<string>;
}

/** Returns the values of the release but for its parts, with the user's own checked. */
export function chartValues(refuse: Refuser, args: ResolvedArguments, helmValues: ChartValues): ChartValues {
  const { imagePullSecrets, hostnames, outboundProxy, tolerations } = args;
  const settings: ChartSetting[] = [
    setting(
      "imagePullSecrets",
      "imagePullSecrets",
      imagePullSecrets?.map((name) => ({ name })),
    ),
    ...imageSettings(args),
    setting("apigw.serverName", "hostnames", hostnames && pulumi.all(hostnames).apply((names) => names.join(" "))),
    // The chart's Service can have neither source ranges nor a class: the library makes one that can.
    setting("apigw.service", "service", undefined),
    setting("networkPolicies.enabled", "networkPolicies", false),
    ...clickHouseSettings(args.clickHouse),
    ...persistenceSettings(args.persistence),
    setting("integrations.container.modeOfOperation", "mode", args.mode),
    setting("proxyConfig.proxyEnable", "outboundProxy", outboundProxy && true),
    setting("proxyConfig.proxyHost", "outboundProxy.host", outboundProxy && inUrl(outboundProxy.host)),
    setting("proxyConfig.proxyPort", "outboundProxy.port", outboundProxy?.port),
    setting("proxyConfig.proxyProtocol", "outboundProxy.protocol", outboundProxy?.protocol),
    ...placedParts.map((part) => setting(`${part}.tolerations`, "tolerations", tolerations)),
    setting("openshift.enabled", "openshift", args.openshift),
    setting("log.level", "logLevel", args.logLevel),
    // Values that the parts below decide, and no user may.
    setting("adminPasswordHash", "admin", undefined),
    setting("externalCerts", args.existingCertificates ? "existingCertificates" : "issuer", undefined),
    setting("apigw.tlsSecret", "certificate", undefined),
    setting("apigw.tlsReload", "certificate", undefined),
    setting(`podAnnotations.${checksumAnnotation}`, "revision", undefined),
  ];
  return valuesOf(refuse, nimChart(args.version.chartVersion), settings, helmValues, hasNoKey);
}

/** Returns the values of the release, with its parts. */
export function withParts(resolved: ResolvedInstanceManager, parts: ReleaseParts): ChartValues {
  const settings = [
    setting("adminPasswordHash", "admin", parts.adminPasswordHash),
    ...certificateSettings(resolved, parts.secrets),
    ...clickHousePasswordSettings(resolved.clickHouse, parts.clickHousePassword),
    setting(`podAnnotations.${checksumAnnotation}`, "revision", parts.checksum),
  ];
  const chart = nimChart(resolved.version.chartVersion);
  return mergeValues(
    resolved.values,
    valuesOf((key) => hasNoKey({ key }), chart, settings, {}, hasNoKey),
  );
}

const checksumAnnotation = "checksum/secrets";

/** Every version of the chart has the keys that are set here: a fault of this library, not of arguments. */
const hasNoKey = (setting: { key: string }): never => {
  throw new Error(`the chart nim has no ${setting.key}`);
};

function imageSettings({ registry, version: { imageTag } }: ResolvedArguments): ChartSetting[] {
  const from = (own: string, path: string) => pulumi.interpolate`${registry ?? own}/${path}`;
  return [
    ...imageParts.flatMap((part) => [
      // The chart's default is the name alone, which no node can pull.
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
