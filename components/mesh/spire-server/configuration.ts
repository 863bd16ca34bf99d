import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import { block, flag, type HclBody, type HclNode, number, optionalText, text, texts, when } from "../hcl";
import { duration } from "../lifetimes";
import { bundleKey } from "../mesh-reference";
import { monitoringNodes } from "../monitoring";
import { dataStoreNode } from "./data-store";
import { serverLayout } from "./layout";
import type { ResolvedSpireServer } from "./resolve";
import { SpireKeyManager } from "./spire-server-args";
import { upstreamNode } from "./upstream";

/** Names of objects in the configuration. */
export interface ServerObjects {
  agentServiceAccountName: Input<string>;
  bundleConfigMapName: Input<string>;
}

/** Returns the configuration of the SPIRE server. */
export function renderServerConfiguration(server: ResolvedSpireServer, objects: ServerObjects): HclBody {
  return [
    block("server", serverNodes(server)),
    block("plugins", [
      dataStoreNode(server.database),
      nodeAttestor(server, objects),
      keyManager(server),
      ...upstreamNode(server.upstream, server.namespace),
      bundlePublisher(server, objects),
      ...(server.plugins ?? []),
    ]),
    ...monitoringNodes(serverLayout, server.monitoring !== undefined),
  ];
}

function serverNodes(server: ResolvedSpireServer): HclNode[] {
  const { jwtSvids = {}, caSubject, lifetimes } = server;
  const { enabled = true } = jwtSvids;
  return [
    text("bind_address", "0.0.0.0"),
    number("bind_port", serverLayout.serverPort),
    text("trust_domain", server.trustDomain),
    text("data_dir", serverLayout.dataFolder),
    text("socket_path", serverLayout.socketPath),
    text("log_level", server.logLevel),
    text("ca_key_type", server.caKeyType),
    text("ca_ttl", duration(lifetimes.caTtlSeconds)),
    text("default_x509_svid_ttl", duration(lifetimes.svidTtlSeconds)),
    enabled ? text("default_jwt_svid_ttl", duration(lifetimes.jwtSvidTtlSeconds)) : flag("disable_jwt_svids", true),
    ...optionalText("jwt_issuer", jwtSvids.issuer),
    ...optionalText("jwt_key_type", jwtSvids.keyType),
    ...when(
      caSubject !== undefined,
      block("ca_subject", [
        texts("country", caSubject?.countries ?? []),
        texts("organization", caSubject?.organizations ?? []),
        ...optionalText("common_name", caSubject?.commonName),
      ]),
    ),
  ];
}

/** Returns the plugin that attests agents by a token of their ServiceAccount. */
function nodeAttestor(
  { clusterName, nodeLabelKeys = [], agentNamespace }: ResolvedSpireServer,
  { agentServiceAccountName }: ServerObjects,
): HclNode {
  const account =
    isPlainInput(agentNamespace) && isPlainInput(agentServiceAccountName)
      ? `${agentNamespace}:${agentServiceAccountName}`
      : pulumi.interpolate`${agentNamespace}:${agentServiceAccountName}`;
  const cluster = [
    texts("service_account_allow_list", [account]),
    ...when(nodeLabelKeys.length > 0, texts("allowed_node_label_keys", nodeLabelKeys)),
  ];
  return block("NodeAttestor", [block("plugin_data", [block("clusters", [block(clusterName, cluster)])])], "k8s_psat");
}

function keyManager({ keyManager: kind }: ResolvedSpireServer): HclNode {
  const data = when(kind === SpireKeyManager.disk, text("keys_path", `${serverLayout.dataFolder}/keys.json`));
  return block("KeyManager", [block("plugin_data", data)], kind);
}

/** Returns the plugin that writes the bundle into the ConfigMap that the agents mount. */
function bundlePublisher(
  { clusterName, agentNamespace }: ResolvedSpireServer,
  { bundleConfigMapName }: ServerObjects,
): HclNode {
  const cluster = [
    text("namespace", agentNamespace),
    text("configmap_name", bundleConfigMapName),
    text("configmap_key", bundleKey),
    text("format", "pem"),
  ];
  return block(
    "BundlePublisher",
    [block("plugin_data", [block("clusters", [block(clusterName, cluster)])])],
    "k8s_configmap",
  );
}
