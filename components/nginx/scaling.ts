import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import type { Edition } from "./edition";
import { connectionsMetric } from "./monitoring";
import type { NginxPlusArgs } from "./nginx-plus-args";
import type { NginxAutoscaling, NginxDisruptionBudget, NginxScaleDown } from "./scaling-args";

const defaultReplicas = 2;

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
  { minReplicas, maxReplicas, cpuPercent, connectionsPerPod, scaleDown }: ResolvedAutoscaling,
  edition: Edition,
  deploymentName: Input<string>,
): types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
  const { stabilizationWindowSeconds, pods, periodSeconds } = scaleDown;
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

/** Autoscaling with its defaults. */
export type ResolvedAutoscaling = Required<Omit<NginxAutoscaling, "connectionsPerPod" | "scaleDown">> & {
  connectionsPerPod: number | undefined;
  scaleDown: Required<NginxScaleDown>;
};

/** Checks autoscaling, and returns it with its defaults. */
export function resolveAutoscaling(
  autoscaling: Argument<NginxAutoscaling>,
  monitoring: boolean,
  room: number | undefined,
): ResolvedAutoscaling {
  const {
    minReplicas = defaultReplicas,
    maxReplicas,
    cpuPercent = 75,
    connectionsPerPod,
    scaleDown = {},
  } = autoscaling.value;
  for (const field of ["minReplicas", "maxReplicas", "cpuPercent"] as const) autoscaling.field(field).integer(1, 1000);
  if (minReplicas > maxReplicas)
    autoscaling.field("maxReplicas").refuse(`is ${maxReplicas}, below ${minReplicas}`, "make it at least minReplicas");
  checkConnections(autoscaling.field("connectionsPerPod"), monitoring, room);
  const slow = autoscaling.field("scaleDown");
  slow.field("stabilizationWindowSeconds").integer(0, 3600);
  slow.field("pods").integer(1, 1000);
  slow.field("periodSeconds").integer(1, 1800);
  const { stabilizationWindowSeconds = 300, pods = 1, periodSeconds = 60 } = scaleDown;
  return {
    minReplicas,
    maxReplicas,
    cpuPercent,
    connectionsPerPod,
    scaleDown: { stabilizationWindowSeconds, pods, periodSeconds },
  };
}

function checkConnections(wanted: Argument<number | undefined>, monitoring: boolean, room: number | undefined): void {
  wanted.integer(1, 10_000_000);
  if (wanted.value === undefined) return;
  if (!monitoring)
    wanted.refuse(
      "is given without monitoring, which counts the connections",
      "add monitoring: {}, or remove it: CPU decides then",
    );
  if (room !== undefined && wanted.value > room)
    wanted.refuse(
      `is ${wanted.value}, and a pod has room for ${room} clients (worker_processes, worker_connections): it would be full before another came`,
      `aim at three quarters of that, ${Math.floor(room * 0.75)}`,
    );
}

/** Checks numbers of pods that contradict each other, and returns the number to begin with. */
export function resolveReplicas(argument: Argument<NginxPlusArgs>): number {
  const { replicas, autoscaling, podDisruptionBudget } = argument.value;
  argument.field("replicas").integer(1, 1000);
  if (replicas !== undefined && autoscaling !== undefined)
    argument
      .field("replicas")
      .refuse("is given beside autoscaling", "remove it: the autoscaler decides, from minReplicas on");
  const first = replicas ?? autoscaling?.minReplicas ?? defaultReplicas;
  const budget = argument.field("podDisruptionBudget");
  if (podDisruptionBudget?.minAvailable !== undefined && podDisruptionBudget.maxUnavailable !== undefined)
    budget.refuse("has both minAvailable and maxUnavailable", "remove one of the two");
  budget.field("minAvailable").integer(1, 1000);
  budget.field("maxUnavailable").integer(1, 1000);
  const least = podDisruptionBudget?.minAvailable;
  if (least !== undefined && least >= first)
    budget
      .field("minAvailable")
      .refuse(
        `is ${least} of ${first} pods, so that no node could ever be drained`,
        `make it less than ${first}, or run more pods`,
      );
  return first;
}
