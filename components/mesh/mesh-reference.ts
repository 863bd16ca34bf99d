import type { Input } from "@pulumi/pulumi";
import { instanceLabel } from "../foundation";

/** A trust domain, and where its parts find each other; a SpireServer is one. */
export interface MeshReference {
  /** Name of the trust domain. */
  trustDomain: Input<string>;
  /** Name of the cluster: it stands in the SPIFFE IDs of the agents. */
  clusterName: string;
  /** Class of the controller manager; a ClusterSPIFFEID without it is ignored, and nothing says so. */
  className: Input<string>;
  /** Host name of the SPIRE server inside the cluster. */
  serverHost: Input<string>;
  /** Port of the SPIRE server. */
  serverPort: number;
  /** Namespace of the agents, and of the ConfigMap with the bundle. */
  agentNamespace: Input<string>;
  /** ServiceAccount of the agents, the one account whose tokens the server accepts. */
  agentServiceAccountName: Input<string>;
  /** Name of the ConfigMap into which the server writes the roots of the trust domain. */
  bundleConfigMapName: Input<string>;
  /** Key of the roots in that ConfigMap, in PEM. */
  bundleKey: string;
  /** How deep a peer has to verify (directives `ssl_verify_depth`, `proxy_ssl_verify_depth`): 1, and as many as there are authorities between SPIRE's and the root. */
  verifyDepth: number;
  /** Life of SPIRE's CA in seconds; no certificate may live longer than a sixth of it. */
  caTtlSeconds: number;
}

/** Key of the bundle in its ConfigMap. */
export const bundleKey = "bundle.crt";

/** Where agents make the socket of the Workload API on each node: a folder of the host, because a socket in a pod's own volume dies with the pod. */
export const agentSocketFolder = "/run/spire/agent-sockets";
/** Name of the socket in that folder. */
export const agentSocketName = "spire-agent.sock";
/** Name of the CSI driver that brings the socket into pods. */
export const csiDriverName = "csi.spiffe.io";

/** Label with the name of a program. */
export const nameLabel = "app.kubernetes.io/name";

/** Returns the labels of the objects of a component, by which its pods are found. */
export const meshLabels = (name: string, instance: Input<string>): Record<string, Input<string>> => ({
  [nameLabel]: name,
  [instanceLabel]: instance,
});
