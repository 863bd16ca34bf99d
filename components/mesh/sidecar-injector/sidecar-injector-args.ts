import type { Input } from "@pulumi/pulumi";
import type { LicenseReference } from "../../foundation";
import type { Edition, NginxManagement } from "../../nginx";
import type { SidecarResources } from "../sidecar";
import type { MeshImages } from "../versions";

/** Arguments that all sidecars of a mesh share. A SidecarInjector makes its containers from them, so each Sidecar needs the same values. */
export interface MeshSidecars {
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** Image of NGINX, as in a Sidecar. @default for open-source NGINX `nginxinc/nginx-unprivileged:1.30.7` */
  image?: Input<string>;
  /** Mirror that replaces the registry of NGINX's default image. @default "docker.io" */
  registry?: Input<string>;
  /** Images of the mesh, of which spiffe-helper's is used. @default their own registries */
  images?: MeshImages;
  /** Image with `iptables-nft-restore`, as in `redirect.image` of a Sidecar. @default "registry.k8s.io/build-image/distroless-iptables:v0.8.8" */
  redirectImage?: Input<string>;
  /** Names of pull Secrets (`kubernetes.io/dockerconfigjson`) in the namespaces of the pods. @default none */
  imagePullSecrets?: Input<string>[];
  /** Licence: a Secret of this name in each namespace with sidecars. Required for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /** Usage reports of NGINX Plus, as in a Sidecar. Each namespace needs the Secrets that it names. @default to F5, directly */
  management?: NginxManagement;
  /** CPU and memory of the sidecar's containers. @default those of SidecarResources */
  resources?: SidecarResources;
  /** First of the 500 ports in the pod that are reserved for NGINX. @default 15000 */
  firstPort?: number;
}

/** Arguments of a SidecarInjector. Those of MeshSidecars must equal those of the Sidecars of its pods. */
export interface SidecarInjectorArgs extends MeshSidecars {
  /**
   * Version of Kubernetes in the cluster, for example `1.36`. MutatingAdmissionPolicy v1 needs 1.36, and a program cannot read the version before it changes the cluster.
   */
  kubernetesVersion: string;
  /** Names of namespaces in which pods without sidecar are rejected, beside those with the label `nginx-stacks/mesh: strict`. @default none */
  strictNamespaces?: Input<string>[];
  /** Earlier sidecars that pods may still have, for as long as you state. @default none */
  earlierSidecars?: EarlierSidecars[];
}

/**
 * Sidecars of an earlier release of this library, or of earlier arguments of a SidecarInjector. Pods with their labels get the same containers as before.
 */
export interface EarlierSidecars {
  /** Output `sidecarTemplate` of the SidecarInjector or the ServiceMesh before the change, unchanged. */
  template: Input<string>;
  /** Instant in UTC from which new pods with these sidecars are rejected, for example `2027-01-31T00:00:00Z`. */
  until: Input<string>;
}
