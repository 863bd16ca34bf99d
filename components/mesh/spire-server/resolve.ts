import type { Input } from "@pulumi/pulumi";
import { type Argument, formats, type ResolvedCrds, refuseSecrets, resolveArguments } from "../../foundation";
import { oldTablesWarning } from "../../versions";
import { meshFormats } from "../formats";
import { checkPlugins } from "../hcl";
import { knownFaultWarnings } from "../known-faults";
import { type MeshLifetimes, resolveLifetimes } from "../lifetimes";
import { checkMonitoring } from "../monitoring";
import { deniesByDefault } from "../network-policy";
import { checkImages, checkPullSecrets } from "../pod-rules";
import { checkSecretVariables, secretInPlugin } from "../secret-variables";
import { checkTrustDomain } from "../trust-domain";
import { resolveServerCrds } from "./controller-manager";
import { type ResolvedDatabase, resolveDatabase, toDatabase } from "./data-store";
import {
  SpireKeyManager,
  SpireKeyType,
  SpireLogLevel,
  type SpireServerArgs,
  type SpireStorage,
} from "./spire-server-args";
import { type ResolvedUpstream, resolveUpstream } from "./upstream-resolve";

/** A SPIRE server with every default. */
export interface ResolvedSpireServer
  extends Omit<SpireServerArgs, "lifetimes" | "dataStore" | "upstreamAuthority" | "clusterName" | "crds"> {
  agentNamespace: Input<string>;
  clusterName: string;
  replicas: number;
  keyManager: SpireKeyManager;
  caKeyType: SpireKeyType;
  logLevel: SpireLogLevel;
  validatingWebhook: boolean;
  crds: ResolvedCrds;
  lifetimes: Required<MeshLifetimes>;
  /** Undefined for SQLite. */
  database: ResolvedDatabase | undefined;
  /** Undefined for a CA that signs itself. */
  upstream: ResolvedUpstream | undefined;
  /** Number of authorities between SPIRE's own and the root. */
  chainLength: number;
  /** Outputs that are known once the plugins are found to have no secret. */
  openPlugins: ReturnType<typeof refuseSecrets>;
  /** `true`: the Namespace needs a NetworkPolicy for the server. */
  denied: boolean;
  /** Warnings about faults of the versions. */
  warnings: string[];
}

/** Resolves the arguments of a SpireServer. */
export const resolveSpireServer = (name: string, args: SpireServerArgs): ResolvedSpireServer =>
  resolveArguments("SpireServer", name, "SpireServerArgs", args, resolveContainedServer);

/** Applies the rules and defaults of a SPIRE server, also inside a ServiceMesh. */
export function resolveContainedServer(argument: Argument<SpireServerArgs>): ResolvedSpireServer {
  const { value } = argument;
  const { lifetimes: _given, dataStore, upstreamAuthority, ...rest } = value;
  const {
    replicas = 1,
    keyManager = SpireKeyManager.disk,
    caKeyType = SpireKeyType.ecP256,
    logLevel = SpireLogLevel.info,
    validatingWebhook = true,
    namespace,
  } = value;
  argument.check(
    checkNames,
    checkStorage,
    checkJwtSvids,
    () => checkMonitoring(argument.field("monitoring")),
    () => checkImages(argument.field("images")),
    () => checkPullSecrets(argument.field("imagePullSecrets"), namespace),
    () => checkPlugins(argument.field("plugins"), pluginRules),
    () => checkSecretVariables(argument.field("secretVariables"), namespace),
  );
  const lifetimes = resolveLifetimes(argument.field("lifetimes"));
  const database = resolveDatabase(argument.field("dataStore"), namespace);
  const upstream = resolveUpstream(
    argument.field("upstreamAuthority"),
    namespace,
    lifetimes.caTtlSeconds,
    (wrong, remedy) => argument.field("lifetimes").field("caTtlSeconds").refuse(wrong, remedy),
  );
  return {
    ...rest,
    agentNamespace: value.agentNamespace ?? namespace,
    replicas,
    keyManager,
    caKeyType,
    logLevel,
    validatingWebhook,
    crds: resolveServerCrds(argument),
    lifetimes,
    database,
    upstream,
    chainLength: upstream?.chainLength ?? 0,
    openPlugins: refuseSecrets(argument.field("plugins"), secretInPlugin),
    denied: deniesByDefault(namespace),
    warnings: [...knownFaultWarnings(value.images), ...oldTablesWarning()],
  };
}

function checkNames(argument: Argument<SpireServerArgs>): void {
  argument.field("namespace").matches(formats.dnsLabel);
  argument.field("agentNamespace").matches(formats.dnsLabel);
  checkTrustDomain(argument.field("trustDomain"), argument.value.unsafeExampleTrustDomain);
  argument.field("clusterName").matches(meshFormats.clusterName);
  argument.field("clusterDomain").matches(meshFormats.clusterDomain);
  argument.field("className").matches(meshFormats.className);
  argument.field("replicas").integer(1, 9);
  for (const key of argument.field("nodeLabelKeys").entries()) key.matches(formats.qualifiedName);
  for (const namespace of argument.field("ignoredNamespaces").entries()) namespace.matches(formats.dnsLabel);
}

function checkStorage(argument: Argument<SpireServerArgs>): void {
  const { replicas = 1, keyManager = SpireKeyManager.disk, dataStore } = argument.value;
  const database = toDatabase(dataStore);
  const storage = argument.field("storage");
  if (!database && replicas > 1 && replicas <= 9)
    argument
      .field("replicas")
      .refuse(`is ${replicas}, and each would have its own data store`, "write 1, or give a database in dataStore");
  if (storage.value === undefined && (!database || keyManager === SpireKeyManager.disk))
    storage.refuse(
      "is missing",
      "give a volume { size, storageClass }, or for a trial unsafeEphemeral: true; only a database with keyManager memory needs none",
    );
  storage.given((given: Argument<SpireStorage>) => {
    given.exactlyOne(
      ["volume", "unsafeEphemeral"],
      "give { size, storageClass }, or for a trial unsafeEphemeral: true",
    );
    given.field("volume").field("size").matches(meshFormats.volumeSize);
    given.field("volume").field("storageClass").matches(formats.dnsSubdomain);
  });
}

function checkJwtSvids(argument: Argument<SpireServerArgs>): void {
  const jwtSvids = argument.field("jwtSvids");
  if (jwtSvids.value?.enabled === false)
    for (const key of ["issuer", "keyType"] as const)
      jwtSvids.field(key).notGiven("is given beside enabled: false", "remove one of the two");
}

/** Plugins of the escape hatch. Other kinds are set by arguments, and SPIRE accepts one of each. */
const pluginRules = {
  kinds: ["BundlePublisher", "CredentialComposer", "Notifier"],
  reason: "which dataStore, keyManager, upstreamAuthority and clusterName configure",
  checkName: (_kind: string, label: Argument<string>) => {
    if (label.value === "k8s_configmap" || label.value === "k8sbundle")
      label.refuse(
        `is ${label.value}, which is configured already`,
        "remove the plugin: bundleConfigMapName says where the bundle is",
      );
  },
};
