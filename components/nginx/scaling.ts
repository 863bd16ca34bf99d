import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { checkInteger, type Refuser } from "../foundation";
import type { NginxDeploymentArgs } from "./nginx-deployment-args";

/** Lets the number of pods follow their CPU load (HorizontalPodAutoscaler). */
export interface NginxAutoscaling {
  /** Fewest pods. @default 2 */
  minReplicas?: number;
  /** Most pods. */
  maxReplicas: number;
  /** CPU use that is aimed at, in percent of what the pods request. @default 75 */
  cpuPercent?: number;
}

/** How many pods an eviction must leave (PodDisruptionBudget): at most one of the two. */
export interface NginxDisruptionBudget {
  /** Pods that must be available. */
  minAvailable?: number;
  /** Pods that may be unavailable. @default 1, unless minAvailable is given */
  maxUnavailable?: number;
}

export const defaultReplicas = 2;

type Labels = Record<string, Input<string>>;

/** Spec of the PodDisruptionBudget. */
export function disruptionBudgetSpec(
  { minAvailable, maxUnavailable }: NginxDisruptionBudget,
  matchLabels: Labels,
): types.input.policy.v1.PodDisruptionBudgetSpec {
  return {
    selector: { matchLabels },
    // Pods that never got ready, for want of a usage report for example, hold no node back.
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    ...(minAvailable === undefined ? { maxUnavailable: maxUnavailable ?? 1 } : { minAvailable }),
  };
}

/** Spec of the HorizontalPodAutoscaler. Pods leave slowly, since each takes its long connections with it. */
export function autoscalerSpec(
  { minReplicas = defaultReplicas, maxReplicas, cpuPercent = 75 }: NginxAutoscaling,
  deploymentName: Input<string>,
): types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deploymentName },
    minReplicas,
    maxReplicas,
    // Of NGINX alone: the exporter beside it asks for almost nothing.
    metrics: [
      {
        type: "ContainerResource",
        containerResource: {
          container: "nginx",
          name: "cpu",
          target: { type: "Utilization", averageUtilization: cpuPercent },
        },
      },
    ],
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] },
    },
  };
}

/** Refuses numbers of pods that contradict each other. */
export function checkScaling(
  { replicas, autoscaling, podDisruptionBudget }: NginxDeploymentArgs,
  refuse: Refuser,
): void {
  checkInteger(refuse, "replicas", replicas, 1, 1000);
  if (autoscaling) {
    if (replicas !== undefined)
      refuse("replicas", "is given beside autoscaling", "leave it out: the autoscaler decides, from minReplicas on");
    const { minReplicas = defaultReplicas, maxReplicas, cpuPercent } = autoscaling;
    checkInteger(refuse, "autoscaling.minReplicas", minReplicas, 1, 1000);
    checkInteger(refuse, "autoscaling.maxReplicas", maxReplicas, 1, 1000);
    checkInteger(refuse, "autoscaling.cpuPercent", cpuPercent, 1, 1000);
    if (minReplicas > maxReplicas)
      refuse("autoscaling.maxReplicas", `is ${maxReplicas}, below ${minReplicas}`, "make it at least minReplicas");
  }
  if (podDisruptionBudget) {
    const { minAvailable, maxUnavailable } = podDisruptionBudget;
    if (minAvailable !== undefined && maxUnavailable !== undefined)
      refuse("podDisruptionBudget", "has both minAvailable and maxUnavailable", "leave one of the two out");
    checkInteger(refuse, "podDisruptionBudget.minAvailable", minAvailable, 1, 1000);
    checkInteger(refuse, "podDisruptionBudget.maxUnavailable", maxUnavailable, 1, 1000);
    const fewest = autoscaling ? (autoscaling.minReplicas ?? defaultReplicas) : (replicas ?? defaultReplicas);
    if (minAvailable !== undefined && minAvailable >= fewest)
      refuse(
        "podDisruptionBudget.minAvailable",
        `is ${minAvailable} of ${fewest} pods, so that no node could ever be drained`,
        `make it less than ${fewest}, or run more pods`,
      );
  }
}
