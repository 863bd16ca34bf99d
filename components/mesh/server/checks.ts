import { checked, checkInteger, checkPlain, labelName, type Refuser } from "../../foundation";
import { instanceName } from "../../nginx/labels";
import { checkHcl } from "../hcl";
import { checkLifetimes, type MeshLifetimes } from "../lifetimes";
import { checkTrustDomain } from "../trust-domain";
import { checkCrds } from "./crds";
import { checkDataStore, databaseOf } from "./data-store";
import { SpireCrds, SpireKeyManager, SpireKeyType, SpireLogLevel, type SpireServerArgs } from "./spire-server-args";
import { checkUpstream } from "./upstream-checks";

/** What the arguments come to. */
export interface CheckedSpireServer {
  lifetimes: Required<MeshLifetimes>;
  className: string;
  /** How many authorities stand between SPIRE's own and the root. */
  chainLength: number;
  replicas: number;
}

/** Refuses, before anything is registered, what would not start, would not be trusted, or would be ignored. */
export function checkSpireServer(refuse: Refuser, name: string, args: SpireServerArgs): CheckedSpireServer {
  checkStructure(refuse, args);
  checkNames(refuse, args);
  const { crds, keyManager, caKeyType, jwtSvids, logLevel, monitoring, replicas = 1, className } = args;
  checkClosed(refuse, "crds", crds, SpireCrds);
  checkClosed(refuse, "keyManager", keyManager, SpireKeyManager);
  checkClosed(refuse, "caKeyType", caKeyType, SpireKeyType);
  checkClosed(refuse, "jwtSvids.keyType", jwtSvids?.keyType, SpireKeyType);
  checkClosed(refuse, "logLevel", logLevel, SpireLogLevel);
  checkCrds(refuse, args);
  checkDataStore(refuse, args.dataStore);
  checkInteger(refuse, "replicas", replicas, 1, 9);
  checkStorage(refuse, args, replicas);
  const lifetimes = checkLifetimes(refuse, "lifetimes.", args.lifetimes ?? {});
  if (jwtSvids?.enabled === false)
    for (const property of ["issuer", "keyType"] as const)
      if (jwtSvids[property] !== undefined)
        refuse(`jwtSvids.${property}`, "is given beside enabled: false", "remove one of the two");
  checkPlugins(refuse, args);
  if (monitoring?.labels && !monitoring.prometheusOperator)
    refuse(
      "monitoring.labels",
      "is given without prometheusOperator",
      "set prometheusOperator: true, or leave the labels out",
    );
  const chainLength = checkUpstream(refuse, args.upstreamAuthority, lifetimes.caTtlSeconds);
  return { lifetimes, className: className ?? instanceName(name), chainLength, replicas };
}

/** What decides which resources there are, and what they look like, is plain; only its leaves may be outputs. */
function checkStructure(refuse: Refuser, args: SpireServerArgs): void {
  const { namespace, agentNamespace, trustDomain, clusterDomain, priorityClassName, ...structure } = args;
  checkPlain(refuse, structure);
  for (const [property, value] of Object.entries({ storage: args.storage, upstreamAuthority: args.upstreamAuthority }))
    checkPlain(refuse, prefixed(property, value));
  checkPlain(refuse, prefixed("jwtSvids", { ...args.jwtSvids, issuer: undefined }));
  checkPlain(refuse, prefixed("lifetimes", args.lifetimes));
  checkPlain(refuse, prefixed("monitoring", args.monitoring));
}

const prefixed = (path: string, value: object | undefined) =>
  Object.fromEntries(Object.entries(value ?? {}).map(([field, inner]) => [`${path}.${field}`, inner]));

function checkNames(refuse: Refuser, args: SpireServerArgs): void {
  const { namespace, agentNamespace, trustDomain, clusterName, className } = args;
  if (namespace === undefined) refuse("namespace", "is missing", "write the namespace of the SPIRE server");
  checked(namespace, labelName(refuse, "namespace"));
  if (agentNamespace !== undefined) checked(agentNamespace, labelName(refuse, "agentNamespace"));
  if (trustDomain === undefined)
    refuse("trustDomain", "is missing", "write a name that is yours: it stands in every identity");
  checked(trustDomain, (name) => checkTrustDomain(refuse, "trustDomain", name, args.unsafeExampleTrustDomain));
  if (clusterName === undefined)
    refuse("clusterName", "is missing", "write a name that no other cluster of the trust domain has");
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(clusterName))
    refuse(
      "clusterName",
      "is not a name that a SPIFFE ID can have",
      "write at most 63 letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit",
    );
  if (className !== undefined && !/^[A-Za-z0-9._-]{1,63}$/.test(className))
    refuse("className", "is not the name of a class", "write at most 63 letters, digits, `.`, `_` and `-`");
}

function checkClosed(refuse: Refuser, property: string, value: string | undefined, set: Record<string, string>): void {
  if (value !== undefined && !Object.values(set).includes(value))
    refuse(property, `is "${value}"`, `write one of ${Object.values(set).join(", ")}`);
}

function checkStorage(refuse: Refuser, args: SpireServerArgs, replicas: number): void {
  const { storage, keyManager = SpireKeyManager.disk } = args;
  const database = databaseOf(args.dataStore);
  if (!database && replicas !== 1)
    refuse(
      "replicas",
      `is ${replicas}, and each would have a data store of its own`,
      "write 1, or give a database in dataStore",
    );
  if (!storage) {
    if (!database || keyManager === SpireKeyManager.disk)
      refuse(
        "storage",
        "is missing",
        "give a volume { size, storageClass } (or, for a trial, unsafeEphemeral: true); only a database with keyManager memory needs none",
      );
    return;
  }
  if (storage.volume && storage.unsafeEphemeral)
    refuse("storage.unsafeEphemeral", "is given beside volume", "remove one of the two");
  if (!storage.volume && !storage.unsafeEphemeral)
    refuse("storage.volume", "is missing", "give { size, storageClass } (or, for a trial, unsafeEphemeral: true)");
  if (storage.volume && storage.volume.size === undefined)
    refuse("storage.volume.size", "is missing", "write for example `1Gi`");
  if (storage.volume)
    checked(storage.volume.size, (size) => {
      if (!/^[1-9]\d*(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/.test(size))
        refuse("storage.volume.size", "is no size of a volume", "write for example `1Gi`");
    });
}

/** Kinds of plugins that the escape hatch takes; of the others the arguments decide, and SPIRE takes one each. */
const openKinds = ["BundlePublisher", "CredentialComposer", "Notifier"];

function checkPlugins(refuse: Refuser, { plugins = [] }: SpireServerArgs): void {
  checkHcl(refuse, "plugins", plugins);
  for (const [index, { name, labels = [], block }] of plugins.entries()) {
    const path = `plugins[${index}]`;
    if (!openKinds.includes(name))
      refuse(
        `${path}.name`,
        `is ${name}, about which dataStore, keyManager, upstreamAuthority and clusterName decide`,
        `write one of ${openKinds.join(", ")}`,
      );
    if (block === undefined || labels.length !== 1)
      refuse(path, "is not a plugin", `give a block with one label, the name of the plugin: ${name} "name" { … }`);
    if (labels[0] === "k8s_configmap" || labels[0] === "k8sbundle")
      refuse(
        `${path}.labels[0]`,
        `is ${labels[0]}, and the bundle is in a ConfigMap already`,
        "remove the plugin: bundleConfigMapName says where the bundle is",
      );
  }
}
