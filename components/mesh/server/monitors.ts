import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Alert, prometheusRuleSpec } from "../../foundation";
import { podMonitorSpec } from "./monitoring";

/** Makes what the Prometheus Operator looks for. */
export function makeMonitoring(
  name: string,
  pods: {
    namespace: pulumi.Input<string>;
    selector: Record<string, string>;
    labels?: Record<string, pulumi.Input<string>>;
  },
  ports: string[],
  alerts: Alert[],
  opts: pulumi.CustomResourceOptions,
): void {
  const { namespace, selector, labels } = pods;
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
    { ...common, kind: "PrometheusRule", spec: prometheusRuleSpec(selector["app.kubernetes.io/instance"]!, alerts) },
    opts,
  );
}
