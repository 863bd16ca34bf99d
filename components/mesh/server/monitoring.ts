import type { Input } from "@pulumi/pulumi";
import type { Alert } from "../../foundation";

/** Metrics for Prometheus: of SPIRE on port 9988, of the controller manager on port 8082, path `/metrics`, announced by `prometheus.io` annotations where it is one port. */
export interface SpireMonitoring {
  /**
   * Whether the cluster runs the Prometheus Operator: then a PodMonitor has the metrics collected, and a PrometheusRule warns when a CA or the certificates of workloads are
   * about to expire, when agents cannot attest, and when entries cannot be made.
   *
   * @default false
   */
  prometheusOperator?: boolean;
  /** Labels of the PodMonitor and PrometheusRule, for the selectors of a Prometheus: `{ release: "prometheus" }`. @default none */
  labels?: Record<string, Input<string>>;
}

/** How Prometheus finds the metrics where no operator tells it. */
export const scrapeAnnotations = (port: number) => ({
  "prometheus.io/scrape": "true",
  "prometheus.io/port": `${port}`,
  "prometheus.io/path": "/metrics",
});

/** Spec of a PodMonitor. Its job is the instance, so that alerts are about these pods and no others. */
export const podMonitorSpec = (matchLabels: Record<string, Input<string>>, ports: string[]) => ({
  jobLabel: "app.kubernetes.io/instance",
  selector: { matchLabels },
  podMetricsEndpoints: ports.map((port) => ({ port })),
});

/** Alerts about the server and its controller manager. `job` is the value of the instance label. */
export function serverAlerts(job: string, caTtlSeconds: number): Alert[] {
  const metric = (name: string) => `${name}{job="${job}"}`;
  const failures = (name: string) => `increase(${name}{job="${job}",status!="OK"}[15m]) > 0`;
  return [
    {
      alert: "SpireServerDown",
      expr: `absent(up{job="${job}"} == 1)`,
      for: "5m",
      severity: "critical",
      summary: "No SPIRE server answers: workloads keep their certificates until those expire, and get no others.",
    },
    {
      alert: "SpireCaExpiresSoon",
      // SPIRE prepares the next CA at half of the life of the last, and takes it into use when a sixth is left.
      expr: `max(${metric("spire_server_manager_x509_ca_rotate_expiration")}) - time() < ${Math.floor(caTtlSeconds / 6)}`,
      for: "5m",
      severity: "critical",
      summary:
        "SPIRE's CA has less than a sixth of its life left and was not replaced: look for its upstream authority.",
    },
    {
      alert: "SpireEntriesFail",
      // The server counts calls, each of which is for many entries; of single ones the status of a ClusterSPIFFEID tells.
      expr: [
        failures("spire_server_rpc_entry_v1_entry_batch_create_entry"),
        failures("spire_server_rpc_entry_v1_entry_batch_update_entry"),
        `${metric("cluster_static_entry_failures")} > 0`,
      ].join(" or "),
      for: "5m",
      severity: "warning",
      summary: "The controller manager cannot make or change entries: new workloads get no certificates.",
    },
    {
      alert: "SpireAttestationFails",
      expr: failures("spire_server_rpc_agent_v1_agent_attest_agent"),
      for: "10m",
      severity: "warning",
      summary: "Agents cannot attest to SPIRE: workloads of their nodes get no certificates.",
    },
  ];
}

/** Alerts about the agents. */
export const agentAlerts = (job: string): Alert[] => [
  {
    alert: "SpireAgentSyncFails",
    expr: `increase(spire_agent_manager_sync_fetch_entries_updates{job="${job}",status!="OK"}[15m]) > 0`,
    for: "10m",
    severity: "warning",
    summary: "The SPIRE agent {{ $labels.pod }} does not reach its server: certificates of its workloads will expire.",
  },
  {
    alert: "SpireAgentIdentityNotRenewed",
    // An agent that can attest again does that instead of a rotation.
    expr: `increase(spire_agent_node_attest{job="${job}",status!="OK"}[15m]) > 0`,
    for: "10m",
    severity: "critical",
    summary: "The SPIRE agent {{ $labels.pod }} cannot renew its own identity.",
  },
];
