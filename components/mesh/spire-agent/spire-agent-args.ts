import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { PodPlacement } from "../../foundation";
import type { HclNode } from "../hcl";
import type { MeshReference } from "../mesh-reference";
import type { SpireMonitoring } from "../monitoring";
import type { SpireSecretVariable } from "../secret-variables";
import type { SpireLogLevel } from "../spire-server";
import type { MeshImages } from "../versions";
import type { SpireKubelet } from "./kubelet";

/** Settings of SPIRE agents and their pods. The placement is that of the pods; by default they run on every node, whatever its taints. */
export interface SpireAgentSettings extends PodPlacement {
  /** Verification of the kubelets, by exactly one of clusterAuthority, authorities, hostCertificate and unsafeSkipVerification. There is no default: it depends on the cluster, and with a wrong choice no workload is attested. */
  kubelet: SpireKubelet;
  /** Time after which an agent that does not trust its server any more takes the bundle anew and attests again (`rebootstrap_delay`), in seconds. @default 600 */
  rebootstrapDelaySeconds?: number;
  /** Time for which workloads should have a certificate although SPIRE is down (`availability_target`), in seconds; at least 86400, and certificates have to live 12 hours longer. @default none: certificates are renewed at half of their life */
  availabilityTargetSeconds?: number;
  /** Beginnings of selectors that may be written to the log (`log_selectors`): `k8s:ns`. @default none: their values may be confidential */
  logSelectors?: string[];
  /** Level of the log. @default "INFO" */
  logLevel?: SpireLogLevel;
  /** More plugins, each a block of `plugins` like `SVIDStore "aws_secretsmanager" { … }`. Kinds that the other arguments decide about are refused. @default none */
  plugins?: HclNode[];
  /** Environment variables with values of Secrets, for nodes with `environment` in `plugins`. @default none */
  secretVariables?: SpireSecretVariable[];
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
  imagePullSecrets?: Input<string>[];
  /** CPU and memory of the agent's container. @default requests of 50m CPU and 64Mi, a limit of 256Mi of memory */
  resources?: types.input.core.v1.ResourceRequirements;
  /** How many nodes may be without agent while agents are replaced: a number, or a percentage like `25%`. @default "25%" */
  maxUnavailable?: string;
}

/** Arguments of a SpireAgent. */
export interface SpireAgentArgs extends SpireAgentSettings {
  /**
   * SpireServer of the agents. They run in its `agentNamespace`, which has to admit privileged pods, as the ServiceAccount that it made for them. In a Namespace of this program
   * that denies by default they get a NetworkPolicy: out go connections to name servers, servers of SPIRE and kubelets, and to any address where there are plugins.
   */
  mesh: MeshReference;
  /** Images, and a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics for Prometheus, on port 9988. @default none */
  monitoring?: SpireMonitoring;
  /** `true`: the agents get the SecurityContextConstraints `privileged` of OpenShift, and an SELinux type that may write the node's folder with the socket. @default false */
  openshift?: boolean;
}
