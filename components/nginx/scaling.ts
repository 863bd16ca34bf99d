import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { checkInteger, type Refuser } from "../foundation";
import { clientsPerPod } from "./capacity";
import type { Edition } from "./edition";
import { connectionsMetric } from "./monitoring";
import type { NginxPlusArgs } from "./nginx-plus-args";
import type { NginxAutoscaling, NginxDisruptionBudget } from "./scaling-args";

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
  { minReplicas = defaultReplicas, maxReplicas, cpuPercent = 75, connectionsPerPod, scaleDown = {} }: NginxAutoscaling,
  edition: Edition,
  deploymentName: Input<string>,
): types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
  const { stabilizationWindowSeconds = 300, pods = 1, periodSeconds = 60 } = scaleDown;
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
      ...(connectionsPerPod === undefined
        ? []
        : [
            {
              type: "Pods",
              pods: {
                metric: { name: connectionsMetric[edition] },
                target: { type: "AverageValue", averageValue: `${connectionsPerPod}` },
              },
            },
          ]),
    ],
    behavior: {
      scaleDown: { stabilizationWindowSeconds, policies: [{ type: "Pods", value: pods, periodSeconds }] },
    },
  };
}

/** Refuses numbers of pods that contradict each other. */
export function checkScaling(args: NginxPlusArgs, refuse: Refuser): void {
  const { replicas, autoscaling, podDisruptionBudget } = args;
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
    checkConnections(args, autoscaling.connectionsPerPod, refuse);
    const { stabilizationWindowSeconds, pods, periodSeconds } = autoscaling.scaleDown ?? {};
    checkInteger(refuse, "autoscaling.scaleDown.stabilizationWindowSeconds", stabilizationWindowSeconds, 0, 3600);
    checkInteger(refuse, "autoscaling.scaleDown.pods", pods, 1, 1000);
    checkInteger(refuse, "autoscaling.scaleDown.periodSeconds", periodSeconds, 1, 1800);
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

function checkConnections(args: NginxPlusArgs, wanted: number | undefined, refuse: Refuser): void {
  const property = "autoscaling.connectionsPerPod";
  checkInteger(refuse, property, wanted, 1, 10_000_000);
  if (wanted === undefined) return;
  if (!args.monitoring)
    refuse(
      property,
      "is given without monitoring, which counts the connections",
      "add monitoring: {}, or leave it out: CPU decides then",
    );
  const room = clientsPerPod(args);
  if (room !== undefined && wanted > room)
    refuse(
      property,
      `is ${wanted}, and a pod has room for ${room} clients (worker_processes, worker_connections): it would be full before another came`,
      `aim at three quarters of that, ${Math.floor(room * 0.75)}`,
    );
}
