import { block, type HclBody, number, text, texts } from "../hcl";
import { duration } from "../lifetimes";
import { agentSocketFolder, agentSocketName } from "../mesh-reference";
import { observationNodes } from "../observation";
import { kubeletNodes } from "./kubelet";
import type { ResolvedSpireAgent } from "./resolve";

/** Where an agent finds what its configuration names: in its pod, or, in a test, on one machine. */
export interface AgentPlace {
  bindAddress: string;
  healthPort: number;
  metricsPort: number;
  dataFolder: string;
  socketPath: string;
  bundleFolder: string;
  tokenPath: string;
  /** The token that is shown to the kubelet; in a pod, Kubernetes puts it where the attestor looks. */
  kubeletTokenPath?: string;
}

/** In the pod. */
export const inAgentPod: AgentPlace = {
  bindAddress: "0.0.0.0",
  // Not 8080, which something else may have in the node's network.
  healthPort: 9982,
  metricsPort: 9988,
  dataFolder: "/var/lib/spire/agent",
  socketPath: `${agentSocketFolder}/${agentSocketName}`,
  bundleFolder: "/run/spire/bundle",
  tokenPath: "/var/run/secrets/tokens/spire-agent",
};

export const agentFile = "agent.conf";
export const agentConfigFolder = "/run/spire/config";
/** What the token of the agents is for; the server accepts no other. */
export const agentAudience = "spire-server";

/** Returns the configuration of the SPIRE agents. */
export function agentConfiguration(args: ResolvedSpireAgent, place: AgentPlace = inAgentPod): HclBody {
  const { mesh, availabilityTargetSeconds, logSelectors, monitoring } = args;
  const kubeletToken = place.kubeletTokenPath === undefined ? [] : [text("token_path", place.kubeletTokenPath)];
  return [
    block("agent", [
      text("data_dir", place.dataFolder),
      text("log_level", args.logLevel),
      ...(logSelectors?.length ? [texts("log_selectors", logSelectors)] : []),
      text("server_address", mesh.serverHost),
      number("server_port", mesh.serverPort),
      text("socket_path", place.socketPath),
      text("trust_domain", mesh.trustDomain),
      text("trust_bundle_path", `${place.bundleFolder}/${mesh.bundleKey}`),
      text("trust_bundle_format", "pem"),
      // Otherwise an agent whose bundle is too old never comes back.
      text("rebootstrap_mode", "always"),
      text("rebootstrap_delay", duration(args.rebootstrapDelaySeconds)),
      ...(availabilityTargetSeconds === undefined
        ? []
        : [text("availability_target", duration(availabilityTargetSeconds))]),
    ]),
    block("plugins", [
      block(
        "NodeAttestor",
        [block("plugin_data", [text("cluster", mesh.clusterName), text("token_path", place.tokenPath)])],
        "k8s_psat",
      ),
      block("KeyManager", [block("plugin_data", [])], "memory"),
      block("WorkloadAttestor", [block("plugin_data", [...kubeletNodes(args.kubelet), ...kubeletToken])], "k8s"),
      block("WorkloadAttestor", [block("plugin_data", [])], "unix"),
      ...(args.plugins ?? []),
    ]),
    ...observationNodes(place, monitoring !== undefined),
  ];
}
