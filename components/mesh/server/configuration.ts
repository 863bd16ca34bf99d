import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import { block, flag, type HclBody, type HclNode, number, text, texts } from "../hcl";
import { duration } from "../lifetimes";
import { bundleKey } from "../mesh-reference";
import { observationNodes } from "../observation";
import { dataStoreNode } from "./data-store";
import { inServerPod, type ServerPlace } from "./place";
import type { ResolvedSpireServer } from "./resolve";
import { SpireKeyManager } from "./spire-server-args";
import { upstreamNode } from "./upstream";

/** Names of objects in the configuration. */
export interface ServerObjects {
  agentServiceAccountName: Input<string>;
  bundleConfigMapName: Input<string>;
}

/** Returns the configuration of the SPIRE server. */
export function serverConfiguration(
  server: ResolvedSpireServer,
  objects: ServerObjects,
  place: ServerPlace = inServerPod,
): HclBody {
  return [
    block("server", serverNodes(server, place)),
    block("plugins", [
      dataStoreNode(server.database, place.dataFolder),
      nodeAttestor(server, objects, place),
      keyManager(server, place),
      ...upstreamNode(server.upstream, server.namespace, place.upstreamFolder),
      bundlePublisher(server, objects, place),
      ...(server.plugins ?? []),
    ]),
    ...observationNodes(place, server.monitoring !== undefined),
  ];
}

function serverNodes(server: ResolvedSpireServer, place: ServerPlace): HclNode[] {
  const { jwtSvids = {}, caSubject, lifetimes } = server;
  const issued = jwtSvids.enabled ?? true;
  return [
    text("bind_address", place.bindAddress),
    number("bind_port", place.serverPort),
    text("trust_domain", server.trustDomain),
    text("data_dir", place.dataFolder),
    text("socket_path", place.socketPath),
    text("log_level", server.logLevel),
    text("ca_key_type", server.caKeyType),
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

/** Agents are attested by a token of the one ServiceAccount that was made for them. */
function nodeAttestor(
  { clusterName, nodeLabelKeys, agentNamespace }: ResolvedSpireServer,
  { agentServiceAccountName }: ServerObjects,
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

function keyManager({ keyManager: kind }: ResolvedSpireServer, { dataFolder }: ServerPlace): HclNode {
  const data = kind === SpireKeyManager.disk ? [text("keys_path", `${dataFolder}/keys.json`)] : [];
  return block("KeyManager", [block("plugin_data", data)], kind);
}

/** Returns the plugin that writes the bundle as the agents mount it. */
function bundlePublisher(
  { clusterName, agentNamespace }: ResolvedSpireServer,
  { bundleConfigMapName }: ServerObjects,
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
