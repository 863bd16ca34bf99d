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

/** Settings of SPIRE agents that a ServiceMesh takes too. The placement is that of the pods; by default they run on every node, with any taints. */
export interface SpireAgentSettings extends PodPlacement {
  /** Verification of the kubelets, by exactly one of clusterAuthority, authorities, hostCertificate and unsafeSkipVerification. There is no default: the right one depends on the cluster, and with a wrong one no workload is attested. */
  kubelet: SpireKubelet;
  /** Time in seconds after which an agent that no longer trusts its server reads the bundle again and attests (`rebootstrap_delay`). @default 600 */
  rebootstrapDelaySeconds?: number;
  /** Time in seconds for which certificates remain valid while SPIRE is down (`availability_target`), at least 86400. Certificates must live 12 hours longer. @default none: certificates are renewed at half of their lifetime */
  availabilityTargetSeconds?: number;
  /** Prefixes of selectors that the agent may log (`log_selectors`): `k8s:ns`. @default none: their values may be confidential */
  logSelectors?: string[];
  /** Log level (`log_level`). @default "INFO" */
  logLevel?: SpireLogLevel;
  /** Further plugins, each a block of `plugins` such as `SVIDStore "aws_secretsmanager" { … }`. Kinds that other arguments configure are refused. @default none */
  plugins?: HclNode[];
  /** Environment variables with values of Secrets, for nodes with `environment` in `plugins`. @default none */
  secretVariables?: SpireSecretVariable[];
  /** Names of pull Secrets (`kubernetes.io/dockerconfigjson`). @default none */
  imagePullSecrets?: Input<string>[];
  /** CPU and memory of the agent's container. @default requests of 50m CPU and 64Mi, a limit of 256Mi of memory */
  resources?: types.input.core.v1.ResourceRequirements;
  /** Number or percentage of nodes that may be without agent during an update, such as `25%`. @default "25%" */
  maxUnavailable?: string;
}

/** Arguments of a SpireAgent. */
export interface SpireAgentArgs extends SpireAgentSettings {
  /**
   * SpireServer of the agents. They run in its `agentNamespace`, which must admit privileged pods, with the ServiceAccount that it made for them. In a Namespace of this program
   * that denies by default, they get a NetworkPolicy. It allows egress to name servers, SPIRE servers and kubelets; with plugins, to any address.
   */
  mesh: MeshReference;
  /** Images, or a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics for Prometheus, on port 9988. @default none */
  monitoring?: SpireMonitoring;
  /** `true`: the agents get the SecurityContextConstraints `privileged` of OpenShift, and an SELinux type that may write to the socket's folder on the node. @default false */
  openshift?: boolean;
}
