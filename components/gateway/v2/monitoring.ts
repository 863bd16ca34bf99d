import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dataPlaneLabel, labels, managedBy, type Names, selector } from "./names";
import type { ResolvedGatewayFabric } from "./resolve";

/** Makes the objects by which the Prometheus Operator collects the metrics of both planes, and warns. */
export function makeMonitoring(
  name: string,
  { names, version, namespace, leaderElection, monitoring: metrics, gatewayClassName }: ResolvedGatewayFabric,
  opts: pulumi.CustomResourceOptions,
): void {
  const make = (suffix: string, kind: string, spec: pulumi.Input<object>) =>
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
  make("pod-monitor", "PodMonitor", controlPlaneMonitor(names, metrics));
  make("data-plane-monitor", "PodMonitor", dataPlaneMonitor(names, gatewayClassName));
  make(
    "alerts",
    "PrometheusRule",
    pulumi.output(namespace).apply((own) => alertRules(names, gatewayClassName, own, leaderElection)),
  );
}

/** Spec of the PodMonitor of the control plane. */
export const controlPlaneMonitor = (names: Names, { secure }: { secure: boolean }) => ({
  jobLabel: "app.kubernetes.io/instance",
  selector: { matchLabels: selector(names) },
  podMetricsEndpoints: [
    // Its certificate is signed by itself.
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
