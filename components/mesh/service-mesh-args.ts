import type { Input } from "@pulumi/pulumi";
import type { SpireMonitoring } from "./monitoring";
import type { EarlierSidecars, MeshSidecars } from "./sidecar-injector";
import type { SpireAgentSettings } from "./spire-agent";
import type { SpireServerSettings } from "./spire-server";
import type { MeshImages } from "./versions";

/** Settings of the SPIFFE CSI driver of a mesh. */
export interface MeshCsiDriver {
  /** Folder of the kubelet on the nodes. @default "/var/lib/kubelet" */
  kubeletFolder?: string;
  /** Names of pull Secrets (`kubernetes.io/dockerconfigjson`). @default none */
  imagePullSecrets?: Input<string>[];
}

/** Injection of sidecars in a mesh. */
export interface MeshInjection {
  /** Version of Kubernetes in the cluster, for example `1.36`. Before 1.36 use withSidecar instead of `injection`. */
  kubernetesVersion: string;
  /** Names of namespaces in which pods without sidecar are rejected, beside those with the label `nginx-stacks/mesh: strict`. @default none */
  strictNamespaces?: Input<string>[];
  /** Arguments that all sidecars share. Each Sidecar needs the same values. @default those of a Sidecar */
  sidecars?: MeshSidecars;
  /** Earlier sidecars that pods may still have, for as long as you state. @default none */
  earlierSidecars?: EarlierSidecars[];
}

/** Arguments of a ServiceMesh. */
export interface ServiceMeshArgs {
  /** Name of the trust domain, a name of your own. It is part of every identity, so a change changes all of them. */
  trustDomain: Input<string>;
  /** `true`: a trust domain of examples, such as example.org, is accepted. @default false */
  unsafeExampleTrustDomain?: boolean;
  /** Name of the cluster, different in each cluster of a trust domain. It is part of the agents' identities. */
  clusterName: string;
  /** SPIRE server of the mesh, at least with `storage` for its data. */
  server: SpireServerSettings;
  /** SPIRE agents of the mesh, at least with `kubelet` for the verification of kubelets. */
  agent: SpireAgentSettings;
  /** SPIFFE CSI driver. @default one for the kubelet's default folder */
  csiDriver?: MeshCsiDriver;
  /** Injection of sidecars by label. @default none: `withSidecar` adds sidecars */
  injection?: MeshInjection;
  /** `true`: pods with a sidecar have an identity in every namespace. With `false`, use WorkloadIdentity. @default true */
  sidecarIdentity?: boolean;
  /** Name of an existing Namespace for the server and its Secrets. @default a new one, which enforces restricted Pod Security */
  serverNamespace?: Input<string>;
  /** Name of an existing Namespace for agents, driver and bundle, which admits privileged pods. @default a new one */
  systemNamespace?: Input<string>;
  /** Images of the mesh, or a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics of server and agents for Prometheus. @default none */
  monitoring?: SpireMonitoring;
  /**
   * `true`: server, agents and driver run on OpenShift. ServiceAccounts of workloads need the SecurityContextConstraints `nonroot-v2` for the sidecar's user 2102, or
   * `privileged` with `redirect`.
   *
   * @default false
   */
  openshift?: boolean;
}
