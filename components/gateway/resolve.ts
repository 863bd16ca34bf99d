import type { Input } from "@pulumi/pulumi";
import {
  type Argument,
  checkSameNamespace,
  factsOf,
  formats,
  type GatewayFacts,
  type PodPlacement,
  resolveCrds,
} from "../foundation";
import { Edition } from "../nginx";
import { crdFiles } from "./crds";
import * as defaults from "./defaults";
import {
  type GatewayFabricCommonArgs,
  GatewayFabricDelivery,
  type GatewayFabricImage,
  GatewayFabricLogLevel,
  type GatewayFabricMonitoring,
  type GatewayFabricService,
  GatewayServiceType,
  GatewayTrafficPolicy,
} from "./gateway-fabric-args";
import { knownFaultWarnings } from "./known-faults";
import { resolveVersion } from "./resolve-version";
import { type ResolvedUsage, resolveUsage } from "./usage";
import type { GatewayFabricLine, GatewayFabricVersion } from "./versions";

/** Arguments of both lines with their defaults, checked. */
export type ResolvedFabric = ReturnType<typeof resolveCommon>;

/** Applies the rules that both lines have, and returns their arguments with every default. */
export function resolveCommon(
  argument: Argument<GatewayFabricCommonArgs & { inferenceExtension?: boolean }>,
  line: GatewayFabricLine,
) {
  const args = argument.value;
  const version = resolveVersion(argument, line);
  argument.check(checkNames, checkImages, checkPullSecrets, checkReplicas, checkMonitoring, checkDelivery);
  const { edition = Edition.plus, delivery = GatewayFabricDelivery.manifests } = args;
  const { nodeSelector, tolerations, affinity, priorityClassName, topologySpreadConstraints } = args;
  const placement: PodPlacement = { nodeSelector, tolerations, affinity, priorityClassName, topologySpreadConstraints };
  const { name = defaults.releaseName, gatewayClassName = defaults.gatewayClassName } = args;
  return {
    namespace: args.namespace,
    release: name,
    version,
    edition,
    plus: edition === Edition.plus,
    usage: resolveEdition(argument, version),
    delivery,
    crds: resolveCrds(argument, crdFiles(version, args)),
    chartRegistry: args.registry ?? "ghcr.io",
    controlPlaneImage: defaults.controlPlaneImage(args, version),
    dataPlaneImage: defaults.dataPlaneImage(args, version),
    imagePullSecrets: args.imagePullSecrets ?? [],
    openshift: args.openshift ?? false,
    replicas: args.replicas ?? 1,
    resources: args.resources,
    placement,
    logLevel: args.logLevel ?? GatewayFabricLogLevel.info,
    monitoring: resolveMonitoring(args.monitoring),
    healthPort: args.healthPort ?? defaults.healthPort,
    productTelemetry: args.productTelemetry ?? true,
    leaderElection: args.leaderElection ?? true,
    gatewayClassName,
    gatewayControllerName: args.gatewayControllerName ?? defaults.gatewayControllerName,
    experimentalFeatures: args.experimentalFeatures ?? false,
    snippetsFilters: args.snippetsFilters ?? false,
    /** `true`: the namespace denies traffic that no policy allows. */
    defaultDeny: factsOf(args.namespace)?.defaultDeny ?? false,
    warnings: [...warningsOf(args), ...knownFaultWarnings(args, version)],
    /** Arguments that the state keeps. */
    recorded: {
      namespace: args.namespace,
      edition,
      delivery,
      name,
      version: version.version,
      gatewayClassName,
      replicas: args.replicas,
    },
  };
}

/** Returns what the Gateways of the class have to know. */
export const gatewayFacts = (
  { namespace, version, edition, experimentalFeatures, openshift, usage }: ResolvedFabric,
  own: Pick<GatewayFacts, "reservedPorts" | "watchNamespaces">,
): GatewayFacts => ({
  version: version.version,
  edition,
  experimentalFeatures,
  namespace,
  ownPods: version.line === 2,
  tlsTermination: version.features.tlsTermination,
  tlsRoutes: version.features.tlsRoutes || experimentalFeatures,
  layer4Routes: version.features.standardLayer4Routes || (version.features.layer4Routes && experimentalFeatures),
  layer4Supported: version.features.layer4Routes,
  severalCertificates: version.features.severalCertificates,
  ...own,
  openshift,
  usageEndpoint: usage?.usageEndpoint,
});

const resolveMonitoring = (monitoring: GatewayFabricMonitoring = {}) => ({
  enabled: monitoring.enabled ?? true,
  port: monitoring.port ?? defaults.metricsPort,
  secure: monitoring.secure ?? false,
  prometheusOperator: monitoring.prometheusOperator ?? false,
  labels: monitoring.labels,
});

/** The longest name that the chart does not cut, with `-proxy-config` behind it. */
const nameLimit = 63 - "-proxy-config".length;

function checkNames(argument: Argument<GatewayFabricCommonArgs>): void {
  argument.field("namespace").matches(formats.dnsLabel);
  const name = argument.field("name");
  name.matches(formats.serviceName);
  if (name.value !== undefined && name.value.length > nameLimit && name.value.length <= 63)
    name.refuse(
      `is ${name.value.length} characters long`,
      `write at most ${nameLimit}: -proxy-config is put behind it`,
    );
  argument.field("gatewayClassName").matches(formats.dnsSubdomain);
  argument.field("gatewayControllerName").matches({
    test: (text) => /^gateway\.nginx\.org\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(text),
    wrong: "is not in the domain gateway.nginx.org",
    remedy: "write `gateway.nginx.org/` and a path of your own: Gateway Fabric does not start with another domain",
  });
}

function checkPullSecrets(argument: Argument<GatewayFabricCommonArgs>): void {
  const seen = new Set<unknown>();
  for (const secret of argument.field("imagePullSecrets").entries()) {
    secret.matches(formats.dnsSubdomain);
    checkSameNamespace(secret, argument.value.namespace);
    secret.unique(seen, "name each pull secret once");
  }
}

function checkReplicas(argument: Argument<GatewayFabricCommonArgs>): void {
  const { replicas = 1, leaderElection } = argument.value;
  argument.field("replicas").integer(1, 1000);
  if (replicas > 1 && leaderElection === false)
    argument
      .field("leaderElection")
      .refuse(
        `is false with ${replicas} replicas`,
        "leave it out: each of them would write the status of Gateways and routes",
      );
}

/** Returns the reporting of usage; undefined for open-source NGINX. */
function resolveEdition(
  argument: Argument<GatewayFabricCommonArgs>,
  version: GatewayFabricVersion,
): ResolvedUsage | undefined {
  const { edition = Edition.plus, usage, namespace } = argument.value;
  const given = argument.field("usage");
  if (edition === Edition.oss) {
    if (usage !== undefined)
      given.refuse("is about NGINX Plus", 'leave it out for edition "oss", or use edition "plus"');
    return undefined;
  }
  if (usage === undefined) {
    given.refuse(
      "is missing",
      'give usage: { license } with a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
    );
    return undefined;
  }
  return resolveUsage(given as Argument<typeof usage>, version, namespace);
}

/** The images of the data plane by edition, as the last part of their repositories. */
const dataPlaneImages = { plus: "nginx-gateway-fabric/nginx-plus", oss: "nginx-gateway-fabric/nginx" };

function checkImages(argument: Argument<GatewayFabricCommonArgs>): void {
  const { edition = Edition.plus } = argument.value;
  const other = edition === Edition.plus ? Edition.oss : Edition.plus;
  const checkImage = (image: Argument<GatewayFabricImage | undefined>) => {
    image.field("repository").matches(formats.imageRepository);
    image.field("tag").matches(formats.imageTag);
  };
  argument.field("registry").matches(formats.registry);
  checkImage(argument.field("controlPlaneImage"));
  checkImage(argument.field("dataPlaneImage"));
  argument
    .field("dataPlaneImage")
    .field("repository")
    .known((text, repository) => {
      if (text.endsWith(`/${dataPlaneImages[other]}`))
        repository.refuse(
          `is the image of edition "${other}"`,
          `write the one that ends in ${dataPlaneImages[edition]}, or edition "${other}"`,
        );
    });
}

function checkMonitoring(argument: Argument<GatewayFabricCommonArgs>): void {
  const monitoring = argument.field("monitoring");
  const { enabled, port = defaults.metricsPort, prometheusOperator, labels } = monitoring.value ?? {};
  const { healthPort = defaults.healthPort } = argument.value;
  monitoring.field("port").integer(1024, 65535);
  argument.field("healthPort").integer(1024, 65535);
  if (enabled === false) {
    // SDKs of other languages write the default port.
    for (const key of ["port", "secure", "prometheusOperator", "labels"] as const)
      if (monitoring.value?.[key] && monitoring.value[key] !== defaults.metricsPort)
        monitoring.field(key).refuse("is given, but no metrics are served", "leave it out, or leave enabled out");
    return;
  }
  if (port === healthPort) {
    const [given, use] =
      monitoring.value?.port === undefined
        ? [argument.field("healthPort"), "metrics"]
        : [monitoring.field("port"), "the readiness probe"];
    given.refuse(
      `is ${healthPort}, which serves ${use} too`,
      "choose another port: Gateway Fabric does not start with one for both",
    );
  }
  if (labels && !prometheusOperator)
    monitoring
      .field("labels")
      .refuse("is given without prometheusOperator", "set prometheusOperator: true, or leave it out");
}

function checkDelivery(argument: Argument<GatewayFabricCommonArgs>): void {
  const { delivery = GatewayFabricDelivery.manifests, helmValues } = argument.value;
  if (helmValues !== undefined && delivery !== GatewayFabricDelivery.helm)
    argument
      .field("helmValues")
      .refuse("is given without a chart", 'use delivery: "helm", or opts.transforms for single objects');
}

/** Checks the Service in front of NGINX. */
export function checkService(service: Argument<GatewayFabricService | undefined>): void {
  const { type = GatewayServiceType.loadBalancer, externalTrafficPolicy } = service.value ?? {};
  if (externalTrafficPolicy !== undefined && type === GatewayServiceType.clusterIp)
    service
      .field("externalTrafficPolicy")
      .refuse("is given for a Service of type ClusterIP", "leave it out, or use LoadBalancer or NodePort");
  for (const key of ["loadBalancerIP", "loadBalancerSourceRanges"] as const)
    if (service.value?.[key] !== undefined && type !== GatewayServiceType.loadBalancer)
      service.field(key).refuse(`is given for a Service of type ${type}`, "leave it out, or use LoadBalancer");
  service.field("loadBalancerIP").matches(formats.address);
  const ranges = service.field("loadBalancerSourceRanges");
  ranges.notEmpty("name the networks, or leave it out for a load balancer that takes any client");
  for (const range of ranges.entries()) range.matches(formats.cidr);
}

/** Returns the Service with its defaults. */
export function resolveService({ type = GatewayServiceType.loadBalancer, ...service }: GatewayFabricService = {}) {
  const { externalTrafficPolicy = GatewayTrafficPolicy.local, loadBalancerIP, loadBalancerSourceRanges } = service;
  return {
    type,
    // Only a Service that takes traffic from outside has such a policy.
    externalTrafficPolicy: type === GatewayServiceType.clusterIp ? undefined : externalTrafficPolicy,
    loadBalancerIP,
    loadBalancerSourceRanges,
  };
}

/** Returns warnings about arguments that work, and may surprise. */
function warningsOf(args: GatewayFabricCommonArgs): string[] {
  const { edition = Edition.plus, registry, dataPlaneImage, imagePullSecrets = [], usage } = args;
  const own: Input<string> | undefined = dataPlaneImage?.repository ?? registry;
  return [
    ...(edition === Edition.plus && own === undefined && imagePullSecrets.length === 0
      ? [
          "imagePullSecrets: F5's registry gives no image without credentials; name a RegistrySecret's secretName, unless the nodes have them",
        ]
      : []),
    ...(usage?.unsafeSkipVerification
      ? ["usage.unsafeSkipVerification: any server that answers at the endpoint of usage reports learns the licence"]
      : []),
  ];
}
