import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { PodPlacement } from "../../foundation";
import type { MeshImages } from "../versions";

/** Arguments of a SpiffeCsiDriver. The placement is that of its pods; by default they run on every node, whatever its taints. */
export interface SpiffeCsiDriverArgs extends PodPlacement {
  /** Namespace of the driver, which has to admit privileged pods: that of the agents, for example. The driver has no network traffic, so a Namespace that denies it by default suits too. */
  namespace: Input<string>;
  /** Name of the driver, by which pods ask for it; a cluster has one of each name. @default "csi.spiffe.io" */
  name?: string;
  /** Folder of the kubelet on the nodes. @default "/var/lib/kubelet" */
  kubeletFolder?: string;
  /** Images, and a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
  imagePullSecrets?: Input<string>[];
  /**
   * `true`: the driver gets the SecurityContextConstraints `privileged` of OpenShift, pods of every Pod Security level may have its volumes, and an init container gives the folder
   * with the agent's socket an SELinux type that containers may use.
   *
   * @default false
   */
  openshift?: boolean;
  /** CPU and memory of each of the two containers. @default requests of 10m CPU and 32Mi, a limit of 128Mi of memory */
  resources?: types.input.core.v1.ResourceRequirements;
}
