import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import { block, flag, type HclBody, type HclNode, number, text, texts } from "../hcl";
import { checkLifetimes, duration } from "../lifetimes";
import { bundleKey } from "../mesh-reference";
import { observationNodes } from "../observation";
import { dataStoreNode } from "./data-store";
import { inServerPod, type ServerPlace } from "./place";
import { SpireKeyManager, SpireLogLevel, type SpireServerArgs } from "./spire-server-args";
import { upstreamNode } from "./upstream";

/** What the configuration refers to and the arguments do not have. */
export interface ServerSurroundings {
  agentNamespace: Input<string>;
  agentServiceAccountName: Input<string>;
  bundleConfigMapName: Input<string>;
}

/** The configuration of the SPIRE server, of checked arguments. */
export function serverConfiguration(
  args: SpireServerArgs,
  surroundings: ServerSurroundings,
  place: ServerPlace = inServerPod,
): HclBody {
  return [
    block("server", serverNodes(args, place)),
    block("plugins", [
      dataStoreNode(args.dataStore, place.dataFolder),
      nodeAttestor(args, surroundings, place),
      keyManager(args, place),
      ...upstreamNode(args.upstreamAuthority, args.namespace, place.upstreamFolder),
      bundlePublisher(args, surroundings, place),
      ...(args.plugins ?? []),
    ]),
    ...observationNodes(place, args.monitoring !== undefined),
  ];
}

function serverNodes(args: SpireServerArgs, place: ServerPlace): HclNode[] {
  const { jwtSvids = {}, caSubject } = args;
  const lifetimes = checkLifetimes(neverRefuses, "", args.lifetimes ?? {});
  const issued = jwtSvids.enabled ?? true;
  return [
    text("bind_address", place.bindAddress),
    number("bind_port", place.serverPort),
    text("trust_domain", args.trustDomain),
    text("data_dir", place.dataFolder),
    text("socket_path", place.socketPath),
    text("log_level", args.logLevel ?? SpireLogLevel.info),
    text("ca_key_type", args.caKeyType ?? "ec-p256"),
    text("ca_ttl", duration(lifetimes.caTtlSeconds)),
    text("default_x509_svid_ttl", duration(lifetimes.svidTtlSeconds)),
    ...(issued
      ? [text("default_jwt_svid_ttl", duration(lifetimes.jwtSvidTtlSeconds))]
      : [flag("disable_jwt_svids", true)]),
    ...(jwtSvids.issuer === undefined ? [] : [text("jwt_issuer", jwtSvids.issuer)]),
    ...(jwtSvids.keyType === undefined ? [] : [text("jwt_key_type", jwtSvids.keyType)]),
    ...(caSubject
      ? [
          block("ca_subject", [
            texts("country", caSubject.countries ?? []),
            texts("organization", caSubject.organizations ?? []),
            ...(caSubject.commonName === undefined ? [] : [text("common_name", caSubject.commonName)]),
          ]),
        ]
      : []),
  ];
}

/** The lifetimes were checked with all other arguments. */
const neverRefuses = (property: string): never => {
  throw new Error(`${property} was not checked`);
};

/** Agents are attested by a token of the one ServiceAccount that was made for them. */
function nodeAttestor(
  { clusterName, nodeLabelKeys }: SpireServerArgs,
  { agentNamespace, agentServiceAccountName }: ServerSurroundings,
  { kubeConfigFile }: ServerPlace,
): HclNode {
  const account =
    isPlainInput(agentNamespace) && isPlainInput(agentServiceAccountName)
      ? `${agentNamespace}:${agentServiceAccountName}`
      : pulumi.interpolate`${agentNamespace}:${agentServiceAccountName}`;
  const cluster = [
    texts("service_account_allow_list", [account]),
    ...(nodeLabelKeys?.length ? [texts("allowed_node_label_keys", nodeLabelKeys)] : []),
    ...(kubeConfigFile === undefined ? [] : [text("kube_config_file", kubeConfigFile)]),
  ];
  return block("NodeAttestor", [block("plugin_data", [block("clusters", [block(clusterName, cluster)])])], "k8s_psat");
}

function keyManager(args: SpireServerArgs, { dataFolder }: ServerPlace): HclNode {
  const kind = args.keyManager ?? SpireKeyManager.disk;
  const data = kind === SpireKeyManager.disk ? [text("keys_path", `${dataFolder}/keys.json`)] : [];
  return block("KeyManager", [block("plugin_data", data)], kind);
}

/** The bundle, as the agents mount it. */
function bundlePublisher(
  { clusterName }: SpireServerArgs,
  { agentNamespace, bundleConfigMapName }: ServerSurroundings,
  { kubeConfigFile }: ServerPlace,
): HclNode {
  const cluster = [
    text("namespace", agentNamespace),
    text("configmap_name", bundleConfigMapName),
    text("configmap_key", bundleKey),
    text("format", "pem"),
    ...(kubeConfigFile === undefined ? [] : [text("kubeconfig_path", kubeConfigFile)]),
  ];
  return block(
    "BundlePublisher",
    [block("plugin_data", [block("clusters", [block(clusterName, cluster)])])],
    "k8s_configmap",
  );
}
