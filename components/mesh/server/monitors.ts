import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Alert, prometheusRuleSpec } from "../../foundation";
import { podMonitorSpec } from "./monitoring";

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
    { ...common, kind: "PodMonitor", spec: podMonitorSpec(selector, ports) },
    opts,
  );
  new k8s.apiextensions.CustomResource(
    `${name}-alerts`,
    { ...common, kind: "PrometheusRule", spec: instance.apply((job) => prometheusRuleSpec(job, alerts(job))) },
    opts,
  );
}
