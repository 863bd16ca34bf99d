import type { Input } from "@pulumi/pulumi";
import type { LicenseReference } from "../../foundation";
import type { Edition, NginxManagement } from "../../nginx";
import type { SidecarResources } from "../sidecar";
import type { MeshImages } from "../versions";

/** Arguments that the sidecars of a mesh have in common. A SidecarInjector makes its containers from them, so the Sidecars have to be given the same. */
export interface MeshSidecars {
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** The image of NGINX, as in a Sidecar. @default for open-source NGINX `nginxinc/nginx-unprivileged:1.30.4` */
  image?: Input<string>;
  /** A mirror that stands in for the registry of NGINX's default image. @default "docker.io" */
  registry?: Input<string>;
  /** Images of the mesh, of which spiffe-helper's stands here. @default their own registries */
  images?: MeshImages;
  /** Image with `iptables-nft-restore`, as in `redirect.image` of a Sidecar. @default "registry.k8s.io/build-image/distroless-iptables:v0.8.8" */
  redirectImage?: Input<string>;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson` in the namespaces of the pods. @default none */
  imagePullSecrets?: Input<string>[];
  /** The licence: a Secret of this name in each namespace with sidecars. Needed for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /** How NGINX Plus reports its usage, as in a Sidecar: the Secrets that it names have to be in each namespace. @default to F5, directly */
  management?: NginxManagement;
  /** CPU and memory of the sidecar's containers. @default small */
  resources?: SidecarResources;
  /** First of the ports that NGINX has for itself in the pod. @default 15000 */
  firstPort?: number;
}

/** Arguments of a SidecarInjector. Those of MeshSidecars have to be as in the Sidecars of its pods. */
export interface SidecarInjectorArgs extends MeshSidecars {
  /**
   * Version of Kubernetes in the cluster, for example `1.36`. Before 1.36 there is no MutatingAdmissionPolicy v1; a program cannot ask the cluster for its version before it changes it, so it is written here.
   */
  kubernetesVersion: string;
  /** Names of namespaces in which a pod without sidecar is refused, beside those with the label `nginx-stacks/mesh: strict`. @default none */
  strictNamespaces?: Input<string>[];
}
