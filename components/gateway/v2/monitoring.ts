import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { GatewayFabricArgs, GatewayFabricMetrics } from "../gateway-fabric-args";
import type { GatewayFabricVersion } from "../versions";
import { className } from "./gateway-api";
import { labels, type Names, selector } from "./names";

const managedBy = "app.kubernetes.io/managed-by";

/** The label that the control plane puts on the pods of every Gateway of its class. */
export const dataPlaneLabel = (names: Names, className: string) => `${names.release}-${className}`;

/** Has the Prometheus Operator collect the metrics of both planes, and warn. */
export function makeMonitoring(
  name: string,
  args: GatewayFabricArgs,
  { names, version }: { names: Names; version: GatewayFabricVersion },
  opts: pulumi.CustomResourceOptions,
): void {
  const { namespace, leaderElection = true, metrics = {} } = args;
  const gatewayClass = className(args);
  const monitoring = (suffix: string, kind: string, spec: pulumi.Input<object>) =>
    new k8s.apiextensions.CustomResource(
      `${name}-${suffix}`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind,
        metadata: { namespace, labels: { ...labels(names, version), ...metrics.labels } },
        spec,
      },
      opts,
    );
  monitoring("pod-monitor", "PodMonitor", controlPlaneMonitor(names, metrics));
  monitoring("data-plane-monitor", "PodMonitor", dataPlaneMonitor(names, gatewayClass));
  monitoring(
    "alerts",
    "PrometheusRule",
    pulumi.output(namespace).apply((own) => alertRules(names, gatewayClass, own, leaderElection)),
  );
}

/** Spec of the PodMonitor of the control plane. */
export const controlPlaneMonitor = (names: Names, { secure }: GatewayFabricMetrics) => ({
  jobLabel: "app.kubernetes.io/instance",
  selector: { matchLabels: selector(names) },
  podMetricsEndpoints: [
    // Its certificate is signed by nobody.
    { port: "metrics", ...(secure && { scheme: "https", tlsConfig: { insecureSkipVerify: true } }) },
  ],
});

/** Spec of the PodMonitor of the data plane: its pods are in the namespaces of their Gateways. */
export const dataPlaneMonitor = (names: Names, className: string) => ({
  jobLabel: managedBy,
  selector: { matchLabels: { [managedBy]: dataPlaneLabel(names, className) } },
  namespaceSelector: { any: true },
  podMetricsEndpoints: [{ port: "metrics" }],
});

interface Alert {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: "warning" | "critical" };
  annotations: { summary: string };
}

/** Spec of the PrometheusRule. */
export function alertRules(names: Names, className: string, namespace: string, leaderElection: boolean) {
  const controlPlane = `job="${names.release}",namespace="${namespace}"`;
  const rules: Alert[] = [
    {
      alert: "GatewayFabricDown",
      expr: `absent(up{${controlPlane}} == 1)`,
      for: "5m",
      labels: { severity: "critical" },
      annotations: { summary: `No control plane of ${names.release} answers: changes of Gateways and routes wait.` },
    },
    {
      alert: "GatewayFabricReconcileErrors",
      expr: `increase(controller_runtime_reconcile_errors_total{${controlPlane}}[15m]) > 0`,
      for: "15m",
      labels: { severity: "warning" },
      annotations: { summary: "The control plane {{ $labels.pod }} fails to read {{ $labels.controller }} objects." },
    },
    {
      alert: "GatewayFabricDataPlaneDown",
      expr: `up{job="${dataPlaneLabel(names, className)}"} == 0`,
      for: "5m",
      labels: { severity: "critical" },
      annotations: { summary: "NGINX in {{ $labels.namespace }}/{{ $labels.pod }} does not answer." },
    },
  ];
  if (leaderElection)
    rules.push({
      alert: "GatewayFabricWithoutLeader",
      expr: `sum(leader_election_master_status{${controlPlane}}) == 0`,
      for: "5m",
      labels: { severity: "warning" },
      annotations: {
        summary: `No control plane of ${names.release} leads: the status of Gateways and routes is stale.`,
      },
    });
  return { groups: [{ name: names.release, rules }] };
}
