import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { LicenseReference, PodPlacement } from "../foundation";
import type { Edition } from "./edition";
import type { NginxManagement } from "./management";
import type { NginxMonitoring } from "./monitoring";
import type { NginxNetworkPolicy } from "./network-policy-args";
import type { NginxAutoscaling, NginxDisruptionBudget } from "./scaling-args";
import type { NginxService } from "./service";

/** Pods that run NGINX: image, number, size, placement, Service and monitoring. */
export interface NginxPods extends PodPlacement {
  /**
   * Release of NGINX Plus with its patch, as its release notes write it: `R36 P8`, `PLS.37.0.8.1`. It decides about the directives and the default image; beside `image`, it says which release that image has.
   * @default `PLS.37.0.8.1` for NGINX Plus
   */
  release?: string;
  /**
   * `true`: a release without the fix of CVE-2026-60065 is accepted, in whose MQTT filter anyone who can connect reads beyond a buffer and restarts workers.
   * @default false
   */
  unsafeAllowVulnerableRelease?: boolean;
  /**
   * The image of NGINX, with its tag or digest. It has to run as any user without privileges, and NGINX has to be on its PATH.
   *
   * The default for NGINX Plus is the release's Debian image for unprivileged users in F5's registry, `nginx-plus/rootless-base:r37.0-debian`. The tag follows the documentation and was never
   * pulled by the makers of this library, and F5 rebuilds it for every patch: the pods pull it at every start, and a digest here pins it. For open-source NGINX it is `nginxinc/nginx-unprivileged:1.30.7`.
   *
   * @default by edition and release
   */
  image?: Input<string>;
  /** A mirror that stands in for the registry of every default image: `registry.example.com/mirror`. @default each image's own registry */
  registry?: Input<string>;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`, for example a RegistrySecret's `secretName`. @default none */
  imagePullSecrets?: Input<string>[];
  /** Licence and usage reports of NGINX Plus: the `mgmt` block. Only for NGINX Plus. @default reports to F5, directly */
  management?: NginxManagement;
  /** Number of pods; not beside `autoscaling`. @default 2, or the number that the autoscaler begins with */
  replicas?: number;
  /** Lets the number of pods follow their load. @default none */
  autoscaling?: NginxAutoscaling;
  /** Number of pods that may be evicted at once (PodDisruptionBudget). @default no PodDisruptionBudget */
  podDisruptionBudget?: NginxDisruptionBudget;
  /** CPU and memory of the NGINX container. @default requests of 100m CPU and 128Mi, a limit of 512Mi of memory; twice the memory for an MqttProxy */
  resources?: types.input.core.v1.ResourceRequirements;
  /** The Service. @default of type ClusterIP */
  service?: NginxService;
  /**
   * A NetworkPolicy that allows the traffic that the pods need and no other.
   * @default none; `{}` where `namespace` is the name of a Namespace of this program with `defaultDeny`, without which no packet would reach the pods
   */
  networkPolicy?: NginxNetworkPolicy;
  /** `true`: no user and groups are set, so that OpenShift gives the pods those of their project. @default false: user and groups 101, as in the images */
  openshift?: boolean;
  /**
   * Time for open connections in a pod that ends, in seconds. NGINX accepts no new ones meanwhile (signal QUIT, directive `worker_shutdown_timeout`).
   * @default 60
   */
  drainSeconds?: number;
  /** Metrics for Prometheus, with the state of the licence. @default none */
  monitoring?: NginxMonitoring;
}

/** Namespace, edition and licence of pods that run NGINX, and the pods themselves. */
export interface NginxDeploymentArgs extends NginxPods {
  /** Namespace of everything that is made; that of the Secrets that the pods use. */
  namespace: Input<string>;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** The licence: a LicenseSecret, or the Secret of another. Needed for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
}
