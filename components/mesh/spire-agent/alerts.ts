import type { Alert } from "../../foundation";

/** Returns the alerts about the agents; `job` is the value of the instance label. */
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
    // An agent that can attest again does so instead of a rotation.
    expr: `increase(spire_agent_node_attest{job="${job}",status!="OK"}[15m]) > 0`,
    for: "10m",
    severity: "critical",
    summary: "The SPIRE agent {{ $labels.pod }} cannot renew its own identity.",
  },
];
