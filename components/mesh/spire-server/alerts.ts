import type { Alert } from "../../foundation";

/** Returns the alerts about the server and its controller manager; `job` is the value of the instance label. */
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
      // SPIRE prepares the next CA at half of the current one's lifetime, and activates it when a sixth is left.
      expr: `max(${metric("spire_server_manager_x509_ca_rotate_expiration")}) - time() < ${Math.floor(caTtlSeconds / 6)}`,
      for: "5m",
      severity: "critical",
      summary:
        "SPIRE's CA has less than a sixth of its life left and was not replaced: look for its upstream authority.",
    },
    {
      alert: "SpireEntriesFail",
      // The server counts calls, each for many entries. The status of a ClusterSPIFFEID shows faults of single entries.
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
