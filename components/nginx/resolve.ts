import type { types } from "@pulumi/kubernetes";
import type { Input, Output } from "@pulumi/pulumi";
import { type Argument, checkSameNamespace, containedArguments, formats, type PodPlacement } from "../foundation";
import { clientsPerPod, hasBlock, hasDirective } from "./capacity";
import { checkTree } from "./check-tree";
import { configMapData, managementSecret, splitData } from "./config-map";
import { defaultDrainSeconds, wholeConfiguration } from "./configuration";
import { Edition } from "./edition";
import { checkFiles, checkSecretMounts } from "./files";
import { nginxImage } from "./image";
import { checkKnownFaults, usedParts } from "./known-faults";
import { checkListening } from "./listening";
import { checkManagementBlock, checkManagementSecrets } from "./management";
import { type ResolvedMonitoring, resolveMonitoring } from "./monitoring";
import { type FileVolume, fileVolumes, managementVolume, type SecretVolume, secretVolumes } from "./mounts";
import { type EgressPorts, type ResolvedNetworkPolicy, resolveNetworkPolicy } from "./network-policy";
import type { NginxPlusArgs, NginxSecretMount } from "./nginx-plus-args";
import { checkPorts, type ResolvedPort, resolvePorts } from "./ports";
import { checkCertificates, checkMain, checkReferences } from "./references";
import { defaultRelease, resolveRelease } from "./releases";
import { warningsOf } from "./remarks";
import { type ResolvedAutoscaling, resolveAutoscaling, resolveReplicas } from "./scaling";
import type { NginxDisruptionBudget } from "./scaling-args";
import { checkNginxService, type NginxService } from "./service";
import { everyNode, type Origins, placeNodes } from "./tree";

/** A Secret that the component makes. */
interface MadeSecret {
  secretName: Input<string>;
  revision: Input<string>;
}

/** An NginxPlus as it will be made: checked, with every default, and its configuration printed. */
export interface ResolvedNginx {
  namespace: Input<string>;
  edition: Edition;
  /** Release of NGINX Plus with its patch. */
  release: string | undefined;
  image: Input<string>;
  /** The image's tag may be a newer image at each start. */
  pullAlways: boolean;
  imagePullSecrets: Input<string>[] | undefined;
  placement: PodPlacement;
  /** OpenShift chooses user and groups. */
  openshift: boolean;
  resources: types.input.core.v1.ResourceRequirements;
  ports: ResolvedPort[];
  /** Number of pods to begin with. */
  replicas: number;
  autoscaling: ResolvedAutoscaling | undefined;
  podDisruptionBudget: NginxDisruptionBudget | undefined;
  service: NginxService;
  networkPolicy: ResolvedNetworkPolicy | undefined;
  drainSeconds: number;
  monitoring: ResolvedMonitoring | undefined;
  contents: NginxContents;
  /** Texts of the ConfigMaps, by key. */
  data: Record<string, Input<string>>;
  /** The same, one ConfigMap each. */
  configMaps: Record<string, Input<string>>[];
  /** Contents of the Secret with the `mgmt` block, where it has a password. */
  management: Output<string> | undefined;
  files: FileVolume[];
  /** Returns the volumes of Secrets, given the one with the `mgmt` block. */
  secrets(management?: MadeSecret): SecretVolume[];
  /** Messages for the log. */
  warnings: string[];
  /** Arguments that are recorded in state. */
  recorded: Pick<NginxPlusArgs, "namespace" | "edition" | "release" | "image" | "replicas" | "ports">;
}

/** Parts of the configuration that decide which metrics there are. */
export interface NginxContents {
  /** Number of clients that a pod has room for; undefined where the configuration does not say it. */
  clientsPerPod: number | undefined;
  /** The user's configuration has HTTP. */
  http: boolean;
  httpUpstreams: boolean;
  streamUpstreams: boolean;
  streamZones: boolean;
  healthChecks: boolean;
}

/** A component that contains an NginxPlus, as far as its rules need to know. */
export interface NginxContainer {
  /**
   * The user's arguments of nodes, files and Secrets that the component takes from its own arguments, by identity: `originsOf(…)`. Faults in them carry those paths,
   * and the nodes are checked as a user's are: names, places and numbers of arguments of directives. Of a file whose text alone is the user's, give the argument of the text;
   * of a mount, the reference to the Secret.
   */
  origins?: Origins;
  /** Ports of the component's servers, to which a NetworkPolicy without `upstreams` lets the pods connect at any address. Those of plain texts in the configuration are found. */
  egress?: EgressPorts[];
}

/**
 * Applies the rules of an NginxPlus that another component contains, fills in defaults, and prints its configuration.
 *
 * @param argument its arguments: `argument.inner(nginxArgs, rename)` of the component's own
 */
export const resolveNginx = (argument: Argument<NginxPlusArgs>, container: NginxContainer = {}): ResolvedNginx =>
  resolve(argument, container.origins ?? new Map(), container.egress ?? []);

/** Applies the rules of an NginxPlus of the user's, fills in defaults, and prints its configuration. */
export const resolveOwnNginx = (argument: Argument<NginxPlusArgs>): ResolvedNginx => resolve(argument, undefined, []);

const defaultResources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } };

function resolve(
  argument: Argument<NginxPlusArgs>,
  origins: Origins | undefined,
  egress: EgressPorts[],
): ResolvedNginx {
  const args = argument.value;
  const { namespace, edition = Edition.plus, drainSeconds = defaultDrainSeconds, image, registry } = args;
  const plus = edition === Edition.plus;
  const release = plus ? resolvePlus(argument) : refusePlus(argument);
  const monitored = args.monitoring !== undefined;
  const { whole, nodes, places } = placeConfiguration(argument, origins);
  const room = clientsPerPod(whole);

  const files = fileVolumes(args.files);
  const secrets = (made?: MadeSecret) => secretVolumes(args, managementVolume(args, made));
  argument.field("namespace").matches(formats.dnsLabel);
  argument.field("drainSeconds").integer(1, 24 * 60 * 60);
  argument.check(
    checkImages,
    () => checkPorts(argument.field("ports"), monitored),
    () => argument.field("service").given(checkNginxService),
    () => checkFiles(argument.field("files"), origins),
    () => checkSecretMounts(argument, edition, origins),
    () => argument.field("configuration").given(() => checkListening(nodes, argument.field("ports"))),
    () => checkTree(nodes, edition),
    () => checkCertificates(nodes),
    () => checkMain(nodes, image !== undefined),
    () => checkReferences(nodes, { files, secrets: secrets(), ownImage: image !== undefined }),
  );

  const { http = [], stream = [] } = args.configuration ?? {};
  const ports = resolvePorts(args.ports);
  const data = configMapData(argument, edition, whole, places, origins);
  const autoscaling = argument.field("autoscaling");
  const monitoring = argument.field("monitoring");
  return {
    namespace,
    edition,
    release: plus ? (args.release ?? defaultRelease) : undefined,
    image: image ?? (plus && release?.tag === undefined ? "" : nginxImage(edition, args.release, registry)),
    pullAlways: image === undefined && plus,
    imagePullSecrets: args.imagePullSecrets,
    placement: {
      nodeSelector: args.nodeSelector,
      tolerations: args.tolerations,
      affinity: args.affinity,
      priorityClassName: args.priorityClassName,
      topologySpreadConstraints: args.topologySpreadConstraints,
    },
    openshift: args.openshift ?? false,
    resources: args.resources ?? defaultResources,
    ports,
    replicas: resolveReplicas(argument),
    autoscaling: isGiven(autoscaling) ? resolveAutoscaling(autoscaling, monitored, room) : undefined,
    podDisruptionBudget: args.podDisruptionBudget,
    service: args.service ?? {},
    networkPolicy: resolveNetworkPolicy(argument, { edition, ports, nodes, egress }),
    drainSeconds,
    monitoring: isGiven(monitoring) ? resolveMonitoring(monitoring, registry) : undefined,
    contents: contentsOf(args, room),
    data,
    configMaps: splitData(argument, data),
    management: managementSecret(argument.field("management")),
    files,
    secrets,
    warnings: [...warningsOf(args, edition), ...checkKnownFaults(argument, usedParts({ http, stream }))],
    recorded: {
      namespace,
      edition,
      release: plus ? (args.release ?? defaultRelease) : undefined,
      image,
      replicas: args.replicas,
      ports: args.ports,
    },
  };
}

const isGiven = <T>(argument: Argument<T | undefined>): argument is Argument<T> => argument.value !== undefined;

/** Returns the configuration, whole and node by node. */
function placeConfiguration(argument: Argument<NginxPlusArgs>, origins: Origins | undefined) {
  const configuration = argument.field("configuration");
  const parts = {
    main: placeNodes(configuration.field("main"), [], origins),
    events: placeNodes(configuration.field("events"), ["events"], origins),
    http: placeNodes(configuration.field("http"), ["http"], origins),
    stream: placeNodes(configuration.field("stream"), ["stream"], origins),
  };
  const nodes = everyNode(Object.values(parts).flat());
  const places = new Map(nodes.map((placed) => [placed.node, placed]));
  const { edition, management, drainSeconds } = argument.value;
  return {
    nodes,
    places,
    whole: wholeConfiguration({ edition, management, drainSeconds, configuration: configuration.value ?? {} }),
  };
}

function resolvePlus(argument: Argument<NginxPlusArgs>) {
  const release = resolveRelease(argument);
  const license = argument.field("license");
  if (license.value === undefined)
    license.refuse("is missing", 'write a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)');
  license.field("secretName").matches(formats.dnsSubdomain);
  license.field("key").matches(formats.secretKey);
  checkSameNamespace(license.field("secretName"), argument.value.namespace);
  argument.field("management").given((management) => {
    checkManagementBlock(management, release);
    checkManagementSecrets(management, argument.value.namespace);
  });
  return release;
}

function refusePlus(argument: Argument<NginxPlusArgs>): undefined {
  for (const property of ["license", "management", "release"] as const)
    argument.field(property).notGiven("is about NGINX Plus", 'remove it for edition "oss", or use edition "plus"');
}

function checkImages(argument: Argument<NginxPlusArgs>): void {
  argument.field("image").matches(formats.image);
  argument.field("registry").matches(formats.registry);
  argument.field("priorityClassName").matches(formats.dnsSubdomain);
  for (const secret of argument.field("imagePullSecrets").entries()) {
    secret.matches(formats.dnsSubdomain);
    checkSameNamespace(secret, argument.value.namespace);
  }
}

function contentsOf({ configuration = {} }: NginxPlusArgs, room: number | undefined): NginxContents {
  const { http = [], stream = [] } = configuration;
  return {
    clientsPerPod: room,
    http: configuration.http !== undefined,
    httpUpstreams: hasBlock(http, "upstream"),
    streamUpstreams: hasBlock(stream, "upstream"),
    streamZones: hasDirective(stream, "status_zone"),
    healthChecks: hasDirective([...http, ...stream], "health_check"),
  };
}

/**
 * Returns the arguments for an NginxPlus that another component contains and has resolved with its own name and paths.
 *
 * @param secretMounts Secrets that the component has made since
 */
export const containedNginx = (resolved: ResolvedNginx, secretMounts: NginxSecretMount[] = []): NginxPlusArgs =>
  containedArguments<NginxPlusArgs>({ ...resolved.recorded, configuration: {} }, {
    ...resolved,
    secrets: (made) => [...resolved.secrets(made), ...secretVolumes({ secretMounts })],
  } satisfies ResolvedNginx);
