import type { Input } from "@pulumi/pulumi";
import type { SpireMonitoring } from "./monitoring";
import type { MeshSidecars } from "./sidecar-injector";
import type { SpireAgentSettings } from "./spire-agent";
import type { SpireServerSettings } from "./spire-server";
import type { MeshImages } from "./versions";

/** SPIFFE CSI driver of a mesh. */
export interface MeshCsiDriver {
  /** Folder of the kubelet on the nodes. @default "/var/lib/kubelet" */
  kubeletFolder?: string;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
  imagePullSecrets?: Input<string>[];
}

/** Injection of sidecars in a mesh. */
export interface MeshInjection {
  /** Version of Kubernetes in the cluster, for example `1.36`. Before 1.36 leave `injection` out, and use withSidecar. */
  kubernetesVersion: string;
  /** Names of namespaces in which a pod without sidecar is refused, beside those with the label `nginx-stacks/mesh: strict`. @default none */
  strictNamespaces?: Input<string>[];
  /** Arguments that the sidecars have in common; the Sidecars have to be given the same. @default that of a Sidecar */
  sidecars?: MeshSidecars;
}

/** Arguments of a ServiceMesh. */
export interface ServiceMeshArgs {
  /** Name of the trust domain, a name of your own. It is a part of every identity, and a change changes all of them. */
  trustDomain: Input<string>;
  /** `true`: a trust domain of documentation, like example.org, is accepted. @default false */
  unsafeExampleTrustDomain?: boolean;
  /** Name of the cluster, another one in each cluster of a trust domain. It is a part of the identities of agents. */
  clusterName: string;
  /** SPIRE server of the mesh, at least with `storage` for its data. */
  server: SpireServerSettings;
  /** SPIRE agents of the mesh, at least with `kubelet` for the verification of kubelets. */
  agent: SpireAgentSettings;
  /** The SPIFFE CSI driver. @default one for the kubelet's usual folder */
  csiDriver?: MeshCsiDriver;
  /** Injection of sidecars by label. @default none: `withSidecar` adds sidecars */
  injection?: MeshInjection;
  /** Whether every pod with a sidecar has an identity, whatever its namespace. @default true; otherwise WorkloadIdentity gives them out */
  sidecarIdentity?: boolean;
  /** Name of a Namespace for the server that is there already; also where Secrets for the server are. @default one is made, which enforces restricted Pod Security */
  serverNamespace?: Input<string>;
  /** Name of a Namespace for agents, driver and bundle that is there already, and admits privileged pods. @default one is made */
  systemNamespace?: Input<string>;
  /** Images of the mesh, and a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics of server and agents for Prometheus. @default none */
  monitoring?: SpireMonitoring;
  /**
   * `true`: server, agents and driver run on OpenShift. The ServiceAccounts of workloads need the SecurityContextConstraints `nonroot-v2` for the sidecar's user 2102,
   * with `redirect` `privileged`.
   *
   * @default false
   */
  openshift?: boolean;
}
