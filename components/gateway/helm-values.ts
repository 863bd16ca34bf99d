import type { Input } from "@pulumi/pulumi";
import type { Refuser } from "../foundation";
import { type ChartSetting, type ChartValues, setting, valuesOf as valuesOfChart, withoutSecrets } from "../helm";
import { Edition } from "../nginx";
import { chartKeys, unknownChartKey } from "./chart-keys";
import type { CheckedGatewayFabric } from "./checks";
import { controlPlaneImage, dataPlaneImage, type ResolvedImage, releaseName } from "./defaults";
import type { GatewayFabricArgs, GatewayFabricCommonArgs } from "./gateway-fabric-args";
import type { GatewayFabricV1Args } from "./gateway-fabric-v1-args";
import { serviceSpec } from "./v1/service";
import type { AgentSecrets } from "./v2/certificates";
import { firstVersionWith } from "./versions";

/** The values of a release of the 2.x chart, but for the names of its certificates. */
export function chartValues(refuse: Refuser, read: CheckedGatewayFabric, args: GatewayFabricArgs): ChartValues {
  const { name = releaseName, dataPlane = {} } = args;
  const { version, features } = read.version;
  if (!features.certificateGeneratorSwitch)
    refuse(
      "delivery",
      `is "helm", but the chart of ${version} always makes certificates of its own`,
      `use version ${firstVersionWith("certificateGeneratorSwitch")} or later, or delivery: "manifests"`,
    );
  return valuesOf(refuse, read, args, [
    setting("nginxGateway.name", "name", name),
    ...commonSettings(read, args),
    ...placementSettings("nginxGateway.", args),
    setting("nginxGateway.priorityClassName", "priorityClassName", args.priorityClassName),
    setting("nginxGateway.replicas", "replicas", args.replicas),
    ...metricsSettings("nginxGateway.metrics", args),
    ...pullSecretSettings("nginxGateway.serviceAccount", "controlPlanePullSecrets", args.controlPlanePullSecrets),
    ...pullSecretSettings("nginx", "imagePullSecrets", args.imagePullSecrets),
    setting("nginxGateway.watchNamespaces", "watchNamespaces", args.watchNamespaces),
    setting("nginxGateway.snippets.enable", "snippets", args.snippets),
    setting("nginxGateway.gwAPIInferenceExtension.enable", "inferenceExtension", args.inferenceExtension),
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
    setting("nginx.config", "dataPlane.config", withoutSecrets(refuse, "dataPlane.config", dataPlane.config)),
    setting("certGenerator.enable", "issuer", false),
    // What nothing here writes, and nobody else may.
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

/** The values of a release of the 1.6 chart. */
export function chartValuesV1(refuse: Refuser, read: CheckedGatewayFabric, args: GatewayFabricV1Args): ChartValues {
  const { service = {} } = args;
  return valuesOf(refuse, read, args, [
    setting("nameOverride", "name", args.name ?? releaseName),
    ...commonSettings(read, args),
    ...placementSettings("", args),
    setting("priorityClassName", "priorityClassName", args.priorityClassName),
    setting("terminationGracePeriodSeconds", "terminationGracePeriodSeconds", args.terminationGracePeriodSeconds),
    setting("nginxGateway.replicaCount", "replicas", args.replicas),
    ...metricsSettings("metrics", args),
    ...pullSecretSettings("serviceAccount", "imagePullSecrets", args.imagePullSecrets),
    setting("nginx.config", "dataPlaneConfig", withoutSecrets(refuse, "dataPlaneConfig", args.dataPlaneConfig)),
    setting("nginx.config.logging.errorLevel", "errorLevel", args.errorLevel),
    ...serviceSettings("service", "service", service),
    setting("service.annotations", "service.annotations", service.annotations),
    setting("service.loadBalancerIP", "service.loadBalancerIP", service.loadBalancerIP),
    setting("service.loadBalancerSourceRanges", "service.loadBalancerSourceRanges", service.loadBalancerSourceRanges),
    setting("service.ports", "service.ports", service.ports && serviceSpec(service, {}).ports),
  ]);
}

/** What both charts call the same. */
function commonSettings({ version, usage }: CheckedGatewayFabric, args: GatewayFabricCommonArgs): ChartSetting[] {
  const { edition = Edition.plus } = args;
  const plus = edition === Edition.plus;
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
    ...imageSettings("nginxGateway.image", "controlPlaneImage", controlPlaneImage(args, version), {
      repository: args.controlPlaneImage?.repository !== undefined || args.registry !== undefined,
      tag: args.controlPlaneImage?.tag !== undefined || version.imageTag !== version.chartVersion,
      pullPolicy: args.controlPlaneImage?.pullPolicy !== undefined,
    }),
    setting("nginx.plus", "edition", plus || undefined),
    ...imageSettings("nginx.image", "dataPlaneImage", dataPlaneImage(args, version), {
      // The chart's own default is the open-source image, whatever the edition.
      repository: plus || args.dataPlaneImage?.repository !== undefined || args.registry !== undefined,
      tag: args.dataPlaneImage?.tag !== undefined || version.imageTag !== version.chartVersion,
      pullPolicy: args.dataPlaneImage?.pullPolicy !== undefined,
    }),
    setting("nginx.usage.secretName", "usage.license", usage?.license.secretName),
    setting("nginx.usage.endpoint", "usage.endpoint", usage?.endpoint),
    setting("nginx.usage.resolver", "usage.resolver", usage?.resolver),
    setting("nginx.usage.skipVerify", "usage.insecureSkipVerify", usage?.insecureSkipVerify || undefined),
    setting("nginx.usage.caSecretName", "usage.trustedCertificates", usage?.trustedCertificates?.secretName),
    setting("nginx.usage.clientSSLSecretName", "usage.clientCertificate", usage?.clientCertificate?.secretName),
    setting("nginx.usage.enforceInitialReport", "usage.enforceInitialReport", usage?.enforceInitialReport),
  ];
}

/** Where the pods of the control plane run. */
const placementSettings = (group: string, args: GatewayFabricCommonArgs): ChartSetting[] => [
  setting(`${group}nodeSelector`, "nodeSelector", args.nodeSelector),
  setting(`${group}tolerations`, "tolerations", args.tolerations),
  setting(`${group}affinity`, "affinity", args.affinity),
  setting(`${group}topologySpreadConstraints`, "topologySpreadConstraints", args.topologySpreadConstraints),
];

const metricsSettings = (group: string, { metrics = {} }: GatewayFabricCommonArgs): ChartSetting[] => [
  setting(`${group}.enable`, "metrics.enabled", metrics.enabled),
  setting(`${group}.port`, "metrics.port", metrics.port),
  setting(`${group}.secure`, "metrics.secure", metrics.secure),
];

/** The chart has a key for one pull secret and another for several. */
const pullSecretSettings = (group: string, argument: string, secrets: Input<string>[] = []): ChartSetting[] => [
  setting(`${group}.imagePullSecret`, argument, secrets.length === 1 ? secrets[0] : undefined),
  setting(`${group}.imagePullSecrets`, argument, secrets.length > 1 ? secrets : undefined),
];

const serviceSettings = (
  group: string,
  argument: string,
  service: { type?: string; externalTrafficPolicy?: string } = {},
): ChartSetting[] => [
  setting(`${group}.type`, `${argument}.type`, service.type),
  setting(`${group}.externalTrafficPolicy`, `${argument}.externalTrafficPolicy`, service.externalTrafficPolicy),
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

/** Puts the settings and the user's own values into one tree, once the chart of the version is known to have them all. */
function valuesOf(
  refuse: Refuser,
  { version: { line, version } }: CheckedGatewayFabric,
  args: GatewayFabricCommonArgs,
  settings: ChartSetting[],
): ChartValues {
  const behavior = args.customVersion?.behavesLike ?? version;
  const chart = {
    version: behavior,
    keys: chartKeys(line, behavior),
    unknownKey: (path: string) => unknownChartKey(line, behavior, path),
  };
  return valuesOfChart(refuse, chart, settings, args.helmValues, ({ argument }) =>
    refuse(argument, `has no key in the chart of ${version}`, 'leave it out, or use delivery: "manifests"'),
  );
}
