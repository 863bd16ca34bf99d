import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import {
  type ChartKeyShape,
  type ChartSetting,
  type ChartValues,
  setting,
  valuesOf as valuesOfChart,
  withoutSecrets,
} from "../helm";
import { chartKeys, unknownChartKey } from "./chart-keys";
import type { ResolvedImage } from "./defaults";
import type { GatewayFabricArgs, GatewayFabricCommonArgs, GatewayFabricService } from "./gateway-fabric-args";
import type { GatewayFabricV1Args } from "./gateway-fabric-v1-args";
import type { ResolvedFabric } from "./resolve";
import { servicePorts } from "./v1";
import type { AgentSecrets } from "./v2";
import { firstVersionWith } from "./versions";

/** Returns the values of a release of the 2.x chart, but for the names of its certificates. */
export function chartValues(
  argument: Argument<GatewayFabricArgs>,
  resolved: ResolvedFabric,
  config: unknown,
): ChartValues {
  const args = argument.value;
  const { dataPlane = {} } = args;
  const { version, features } = resolved.version;
  if (!features.certificateGeneratorSwitch)
    argument
      .field("delivery")
      .refuse(
        `is "helm", but the chart of ${version} always makes certificates of its own`,
        `use version ${firstVersionWith("certificateGeneratorSwitch")} or later, or delivery: "manifests"`,
      );
  return valuesOf(argument, resolved, [
    setting("nginxGateway.name", "name", resolved.release),
    ...commonSettings(resolved, args),
    ...placementSettings("nginxGateway.", args),
    setting("nginxGateway.priorityClassName", "priorityClassName", args.priorityClassName),
    setting("nginxGateway.replicas", "replicas", args.replicas),
    ...metricsSettings("nginxGateway.metrics", args),
    ...pullSecretSettings("nginxGateway.serviceAccount", "controlPlanePullSecrets", args.controlPlanePullSecrets),
    ...pullSecretSettings("nginx", "imagePullSecrets", args.imagePullSecrets),
    setting("nginxGateway.watchNamespaces", "watchNamespaces", args.watchNamespaces),
    setting("nginxGateway.snippets.enable", "snippets", args.snippets || undefined),
    setting("nginxGateway.gwAPIInferenceExtension.enable", "inferenceExtension", args.inferenceExtension || undefined),
    setting("nginx.replicas", "dataPlane.replicas", dataPlane.replicas),
    setting("nginx.container.resources", "dataPlane.resources", dataPlane.resources),
    setting("nginx.pod.nodeSelector", "dataPlane.nodeSelector", dataPlane.nodeSelector),
    setting("nginx.pod.tolerations", "dataPlane.tolerations", dataPlane.tolerations),
    setting("nginx.pod.affinity", "dataPlane.affinity", dataPlane.affinity),
    setting(
      "nginx.pod.topologySpreadConstraints",
      "dataPlane.topologySpreadConstraints",
      dataPlane.topologySpreadConstraints,
    ),
    ...serviceSettings("nginx.service", "dataPlane.service", dataPlane.service),
    setting("nginx.config", "dataPlane.config", config),
    setting("certGenerator.enable", "issuer", false),
    // No argument writes these keys, and helmValues must not.
    setting("certGenerator", "issuer", undefined),
    setting("nameOverride", "name", undefined),
  ]);
}

/** The values with the names of the Secrets by which control plane and data plane know each other. */
export const withCertificates = (values: ChartValues, { server, agent }: AgentSecrets): ChartValues => ({
  ...values,
  certGenerator: {
    ...values.certGenerator,
    ...(server !== "server-tls" && { serverTLSSecretName: server }),
    ...(agent !== "agent-tls" && { agentTLSSecretName: agent }),
  },
});

/** Returns the values of a release of the 1.6 chart. */
export function chartValuesV1(
  argument: Argument<GatewayFabricV1Args>,
  resolved: ResolvedFabric,
  config: unknown,
): ChartValues {
  const args = argument.value;
  const { service = {} } = args;
  return valuesOf(argument, resolved, [
    setting("nameOverride", "name", resolved.release),
    ...commonSettings(resolved, args),
    ...placementSettings("", args),
    setting("priorityClassName", "priorityClassName", args.priorityClassName),
    setting("terminationGracePeriodSeconds", "terminationGracePeriodSeconds", args.terminationGracePeriodSeconds),
    setting("nginxGateway.replicaCount", "replicas", args.replicas),
    ...metricsSettings("metrics", args),
    ...pullSecretSettings("serviceAccount", "imagePullSecrets", args.imagePullSecrets),
    setting("nginx.config", "dataPlaneConfig", config),
    setting("nginx.config.logging.errorLevel", "errorLevel", args.errorLevel),
    ...serviceSettings("service", "service", service),
    setting("service.annotations", "service.annotations", service.annotations),
    setting("service.ports", "service.ports", service.ports && servicePorts(service.ports)),
  ]);
}

/** Returns the settings that both charts call the same. */
function commonSettings(resolved: ResolvedFabric, args: GatewayFabricCommonArgs): ChartSetting[] {
  const { version, usage, plus } = resolved;
  return [
    setting("fullnameOverride", "name", undefined),
    setting("nginxGateway.gatewayClassName", "gatewayClassName", args.gatewayClassName),
    setting("nginxGateway.gatewayControllerName", "gatewayControllerName", args.gatewayControllerName),
    setting("nginxGateway.config.logging.level", "logLevel", args.logLevel),
    setting("nginxGateway.resources", "resources", args.resources),
    setting("nginxGateway.readinessProbe.port", "healthPort", args.healthPort),
    setting("nginxGateway.productTelemetry.enable", "productTelemetry", args.productTelemetry),
    setting("nginxGateway.leaderElection.enable", "leaderElection", args.leaderElection),
    setting("nginxGateway.gwAPIExperimentalFeatures.enable", "experimentalFeatures", args.experimentalFeatures),
    setting("nginxGateway.snippetsFilters.enable", "snippetsFilters", args.snippetsFilters),
    ...imageSettings("nginxGateway.image", "controlPlaneImage", resolved.controlPlaneImage, {
      repository: args.controlPlaneImage?.repository !== undefined || args.registry !== undefined,
      tag: args.controlPlaneImage?.tag !== undefined || version.imageTag !== version.chartVersion,
      pullPolicy: args.controlPlaneImage?.pullPolicy !== undefined,
    }),
    setting("nginx.plus", "edition", plus || undefined),
    ...imageSettings("nginx.image", "dataPlaneImage", resolved.dataPlaneImage, {
      // The chart's own default is the open-source image, whatever the edition.
      repository: plus || args.dataPlaneImage?.repository !== undefined || args.registry !== undefined,
      tag: args.dataPlaneImage?.tag !== undefined || version.imageTag !== version.chartVersion,
      pullPolicy: args.dataPlaneImage?.pullPolicy !== undefined,
    }),
    setting("nginx.usage.secretName", "usage.license", usage?.license.secretName),
    setting("nginx.usage.endpoint", "usage.usageEndpoint", usage?.usageEndpoint),
    setting("nginx.usage.resolver", "usage.resolver", usage?.resolver),
    setting("nginx.usage.skipVerify", "usage.unsafeSkipVerification", usage?.unsafeSkipVerification || undefined),
    setting("nginx.usage.caSecretName", "usage.trustedCertificates", usage?.trustedCertificates?.secretName),
    setting("nginx.usage.clientSSLSecretName", "usage.clientCertificate", usage?.clientCertificate?.secretName),
    setting(
      "nginx.usage.enforceInitialReport",
      "usage.enforceInitialReport",
      version.features.enforceInitialReport ? usage?.enforceInitialReport : undefined,
    ),
  ];
}

/** Placement of the control plane's pods. */
const placementSettings = (group: string, args: GatewayFabricCommonArgs): ChartSetting[] => [
  setting(`${group}nodeSelector`, "nodeSelector", args.nodeSelector),
  setting(`${group}tolerations`, "tolerations", args.tolerations),
  setting(`${group}affinity`, "affinity", args.affinity),
  setting(`${group}topologySpreadConstraints`, "topologySpreadConstraints", args.topologySpreadConstraints),
];

const metricsSettings = (group: string, { monitoring = {} }: GatewayFabricCommonArgs): ChartSetting[] => [
  setting(`${group}.enable`, "monitoring.enabled", monitoring.enabled),
  setting(`${group}.port`, "monitoring.port", monitoring.port),
  setting(`${group}.secure`, "monitoring.secure", monitoring.secure),
];

/** The chart has a key for one pull secret and another for several. */
const pullSecretSettings = (group: string, argument: string, secrets: Input<string>[] = []): ChartSetting[] => [
  setting(`${group}.imagePullSecret`, argument, secrets.length === 1 ? secrets[0] : undefined),
  setting(`${group}.imagePullSecrets`, argument, secrets.length > 1 ? secrets : undefined),
];

const serviceSettings = (group: string, argument: string, service: GatewayFabricService = {}): ChartSetting[] => [
  setting(`${group}.type`, `${argument}.type`, service.type),
  setting(`${group}.externalTrafficPolicy`, `${argument}.externalTrafficPolicy`, service.externalTrafficPolicy),
  setting(`${group}.loadBalancerIP`, `${argument}.loadBalancerIP`, service.loadBalancerIP),
  setting(
    `${group}.loadBalancerSourceRanges`,
    `${argument}.loadBalancerSourceRanges`,
    service.loadBalancerSourceRanges,
  ),
];

function imageSettings(
  group: string,
  argument: string,
  image: ResolvedImage,
  written: Record<"repository" | "tag" | "pullPolicy", boolean>,
): ChartSetting[] {
  return (["repository", "tag", "pullPolicy"] as const).map((part) =>
    setting(`${group}.${part}`, `${argument}.${part}`, written[part] ? image[part] : undefined),
  );
}

/** Returns settings of the data plane that have been searched for secrets: in an NginxProxy as in values of a chart, anyone who reads objects sees them. */
export function withoutSecretSettings<T>(argument: Argument<GatewayFabricCommonArgs>, path: string, settings: T): T {
  let searched: unknown;
  argument.attempt((refuse) => {
    searched = withoutSecrets(refuse, path, settings);
  });
  return searched as T;
}

/** Returns the values of the chart: the settings and `helmValues`. */
function valuesOf(
  argument: Argument<GatewayFabricCommonArgs>,
  { version: { line, version, behavesLike, additions } }: ResolvedFabric,
  settings: ChartSetting[],
): ChartValues {
  const chart = {
    version: behavesLike,
    keys: new Map([
      ...chartKeys(line, behavesLike),
      ...(additions.chartKeys ?? []).map((key): [string, ChartKeyShape] => [key, "map"]),
    ]),
    unknownKey: (path: string) => unknownChartKey(line, behavesLike, path),
  };
  let values: ChartValues = {};
  argument.attempt((refuse) => {
    values = valuesOfChart(refuse, chart, settings, argument.value.helmValues, (missing) =>
      refuse(missing.argument, `has no key in the chart of ${version}`, 'leave it out, or use delivery: "manifests"'),
    );
  });
  return values;
}
