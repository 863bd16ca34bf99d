import type { Input } from "@pulumi/pulumi";
import type { SpireAgentSettings } from "./agent/spire-agent-args";
import type { MeshSidecars } from "./injector";
import type { SpireMonitoring } from "./server/monitoring";
import type { SpireServerSettings } from "./server/spire-server-args";
import type { MeshImages } from "./versions";

/** The SPIFFE CSI driver of a mesh. */
export interface MeshCsiDriver {
  /** Folder of the kubelet on the nodes. @default "/var/lib/kubelet" */
  kubeletFolder?: string;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
  imagePullSecrets?: Input<string>[];
}

/** The injection of sidecars in a mesh. */
export interface MeshInjection {
  /** Version of Kubernetes in the cluster: `1.36`, or later. Before that leave `injection` out, and use withSidecar. */
  kubernetesVersion: string;
  /** Names of namespaces in which a pod without sidecar is refused, beside those with the label `nginx-stacks/mesh: strict`. @default none */
  strictNamespaces?: Input<string>[];
  /** What the sidecars have in common; the Sidecars have to be given the same. @default that of a Sidecar */
  sidecars?: MeshSidecars;
}

/** Arguments of a ServiceMesh. */
export interface ServiceMeshArgs {
  /** Name of the trust domain: it stands in every identity, and changing it changes all of them. */
  trustDomain: Input<string>;
  /** `true`: a trust domain of documentation, like example.org, is accepted. @default false */
  unsafeExampleTrustDomain?: boolean;
  /** Name of the cluster: it stands in the identities of agents, and has to be another in each cluster of a trust domain. */
  clusterName: string;
  /** The SPIRE server: where it keeps its data, and who signs its authority. */
  server: SpireServerSettings;
  /** The SPIRE agents: how they verify kubelets. */
  agent: SpireAgentSettings;
  /** The SPIFFE CSI driver. @default one for the kubelet's usual folder */
  csiDriver?: MeshCsiDriver;
  /** Whether pods get sidecars by label. @default not: `withSidecar` adds them */
  injection?: MeshInjection;
  /** Whether every pod with a sidecar has an identity, whatever its namespace. @default true; otherwise WorkloadIdentity gives them out */
  sidecarIdentity?: boolean;
  /** Name of a Namespace for the server that is there already. @default one is made, which enforces restricted Pod Security */
  serverNamespace?: Input<string>;
  /** Name of a Namespace for agents, driver and bundle that is there already, and admits privileged pods. @default one is made */
  systemNamespace?: Input<string>;
  /** Images of the mesh, and a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics of server and agents for Prometheus. @default none */
  monitoring?: SpireMonitoring;
}
