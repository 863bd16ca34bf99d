import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Alert, type Argument, instanceLabel, prometheusRuleSpec } from "../foundation";
import { block, flag, type HclNode, number, text, when } from "./hcl";

/** Metrics for Prometheus at `/metrics`: of SPIRE on port 9988, of the controller manager on port 8082. Annotations `prometheus.io` announce the former. */
export interface SpireMonitoring {
  /**
   * `true`: the cluster runs the Prometheus Operator. A PodMonitor then collects the metrics. A PrometheusRule alerts when a CA or certificates of workloads
   * are about to expire, agents cannot attest, or entries cannot be made.
   *
   * @default false
   */
  prometheusOperator?: boolean;
  /** Labels of the PodMonitor and PrometheusRule, which a Prometheus selects: `{ release: "prometheus" }`. @default none */
  labels?: Record<string, pulumi.Input<string>>;
}

/** Checks that labels of monitors are for monitors that exist. */
export function checkMonitoring(monitoring: Argument<SpireMonitoring | undefined>): void {
  if (monitoring.value?.labels && !monitoring.value.prometheusOperator)
    monitoring
      .field("labels")
      .refuse("is given without prometheusOperator", "set prometheusOperator: true, or leave the labels out");
}

/** Ports of a SPIRE server or agent for health checks and metrics. */
interface MonitoringPorts {
  healthPort: number;
  metricsPort: number;
}

const anyAddress = "0.0.0.0";

/** Returns the blocks of a SPIRE configuration for metrics, and for the health checks of the kubelet. */
export const monitoringNodes = ({ healthPort, metricsPort }: MonitoringPorts, hasMetrics: boolean): HclNode[] => [
  ...when(
    hasMetrics,
    block("telemetry", [block("Prometheus", [text("host", anyAddress), number("port", metricsPort)])]),
  ),
  block("health_checks", [
    flag("listener_enabled", true),
    text("bind_address", anyAddress),
    text("bind_port", `${healthPort}`),
    text("live_path", "/live"),
    text("ready_path", "/ready"),
  ]),
];

/** Returns the annotations by which Prometheus finds the metrics without an operator. */
export const scrapeAnnotations = (port: number) => ({
  "prometheus.io/scrape": "true",
  "prometheus.io/port": `${port}`,
  "prometheus.io/path": "/metrics",
});

/** Returns the spec of a PodMonitor. Its job is the instance label, so that alerts are about these pods only. */
const renderPodMonitor = (matchLabels: Record<string, pulumi.Input<string>>, ports: string[]) => ({
  jobLabel: instanceLabel,
  selector: { matchLabels },
  podMetricsEndpoints: ports.map((port) => ({ port })),
});

/** Makes the PodMonitor and the PrometheusRule of the Prometheus Operator. */
export function makeMonitoring(
  name: string,
  pods: {
    namespace: pulumi.Input<string>;
    selector: Record<string, pulumi.Input<string>>;
    /** Value of the instance label. */
    instance: pulumi.Output<string>;
    labels?: Record<string, pulumi.Input<string>>;
  },
  ports: string[],
  alerts: (job: string) => Alert[],
  opts: pulumi.CustomResourceOptions,
): void {
  const { namespace, selector, instance, labels } = pods;
  const common = {
    apiVersion: "monitoring.coreos.com/v1",
    metadata: { namespace, labels: { ...selector, ...labels } },
  };
  new k8s.apiextensions.CustomResource(
    `${name}-pod-monitor`,
    { ...common, kind: "PodMonitor", spec: renderPodMonitor(selector, ports) },
    opts,
  );
  new k8s.apiextensions.CustomResource(
    `${name}-alerts`,
    { ...common, kind: "PrometheusRule", spec: instance.apply((job) => prometheusRuleSpec(job, alerts(job))) },
    opts,
  );
}
