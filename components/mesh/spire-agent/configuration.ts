import { block, type HclBody, number, text, texts, when } from "../hcl";
import { duration } from "../lifetimes";
import { agentSocketFolder, agentSocketName } from "../mesh-reference";
import { monitoringNodes } from "../monitoring";
import { kubeletNodes } from "./kubelet";
import type { ResolvedSpireAgent } from "./resolve";

/** Ports and paths of an agent in its pod. */
export const agentLayout = {
  // Not 8080, which another program may use in the node's network.
  healthPort: 9982,
  metricsPort: 9988,
  dataFolder: "/var/lib/spire/agent",
  socketPath: `${agentSocketFolder}/${agentSocketName}`,
  bundleFolder: "/run/spire/bundle",
  tokenPath: "/var/run/secrets/tokens/spire-agent",
} as const;

export const agentFile = "agent.conf";
export const agentConfigFolder = "/run/spire/config";
/** Audience of the agents' token; the server accepts no other. */
export const agentAudience = "spire-server";

/** Returns the configuration of the SPIRE agents. */
export function renderAgentConfiguration(agent: ResolvedSpireAgent): HclBody {
  const { mesh, availabilityTargetSeconds = 0, logSelectors = [], monitoring, plugins = [] } = agent;
  return [
    block("agent", [
      text("data_dir", agentLayout.dataFolder),
      text("log_level", agent.logLevel),
      ...when(logSelectors.length > 0, texts("log_selectors", logSelectors)),
      text("server_address", mesh.serverHost),
      number("server_port", mesh.serverPort),
      text("socket_path", agentLayout.socketPath),
      text("trust_domain", mesh.trustDomain),
      text("trust_bundle_path", `${agentLayout.bundleFolder}/${mesh.bundleKey}`),
      text("trust_bundle_format", "pem"),
      // Otherwise an agent with an old bundle never connects again.
      text("rebootstrap_mode", "always"),
      text("rebootstrap_delay", duration(agent.rebootstrapDelaySeconds)),
      ...when(availabilityTargetSeconds > 0, text("availability_target", duration(availabilityTargetSeconds))),
    ]),
    block("plugins", [
      block(
        "NodeAttestor",
        [block("plugin_data", [text("cluster", mesh.clusterName), text("token_path", agentLayout.tokenPath)])],
        "k8s_psat",
      ),
      block("KeyManager", [block("plugin_data", [])], "memory"),
      block("WorkloadAttestor", [block("plugin_data", kubeletNodes(agent.kubelet))], "k8s"),
      block("WorkloadAttestor", [block("plugin_data", [])], "unix"),
      ...plugins,
    ]),
    ...monitoringNodes(agentLayout, monitoring !== undefined),
  ];
}
