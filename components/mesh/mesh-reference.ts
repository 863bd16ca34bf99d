import type { Input } from "@pulumi/pulumi";
import { instanceLabel } from "../foundation";

/** A trust domain and the addresses of its parts. SpireServer and ServiceMesh are one. */
export interface MeshReference {
  /** Name of the trust domain. */
  trustDomain: Input<string>;
  /** Name of the cluster, which is part of the agents' SPIFFE IDs. */
  clusterName: string;
  /** Class of the controller manager, which silently ignores a ClusterSPIFFEID of another class. */
  className: Input<string>;
  /** Host name of the SPIRE server inside the cluster. */
  serverHost: Input<string>;
  /** Port of the SPIRE server. */
  serverPort: number;
  /** Namespace of the agents, and of the ConfigMap with the bundle. */
  agentNamespace: Input<string>;
  /** ServiceAccount of the agents. The server accepts tokens of no other account. */
  agentServiceAccountName: Input<string>;
  /** Name of the ConfigMap into which the server writes the roots of the trust domain. */
  bundleConfigMapName: Input<string>;
  /** Key of the roots in that ConfigMap; the value is PEM. */
  bundleKey: string;
  /** Verification depth for peers (directives `ssl_verify_depth`, `proxy_ssl_verify_depth`): 1 and the number of authorities between SPIRE's and the root. */
  verifyDepth: number;
  /** Lifetime of SPIRE's CA in seconds. Certificates have at most a sixth of it. */
  caTtlSeconds: number;
}

/** Key of the bundle in its ConfigMap. */
export const bundleKey = "bundle.crt";

/** Folder on each node for the socket of the Workload API. It is a folder of the host, because a socket in a pod's own volume would end with the pod. */
export const agentSocketFolder = "/run/spire/agent-sockets";
/** Name of the socket in that folder. */
export const agentSocketName = "spire-agent.sock";
/** Name of the CSI driver that mounts the socket into pods. */
export const csiDriverName = "csi.spiffe.io";

/** Label with the name of a program. */
export const nameLabel = "app.kubernetes.io/name";

/** Returns the labels of a component's objects, which select its pods. */
export const meshLabels = (name: string, instance: Input<string>): Record<string, Input<string>> => ({
  [nameLabel]: name,
  [instanceLabel]: instance,
});
