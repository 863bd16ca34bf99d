import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { nameServers, tcpPorts } from "../server";
import { inAgentPod } from "./configuration";
import type { ResolvedSpireAgent } from "./resolve";

const kubeletPort = 10250;

/**
 * Returns the spec of the NetworkPolicy for agents in a Namespace that denies by default. Agents in the network of their nodes are under no policy.
 * Addresses of nodes have no name in a policy, so no rule has an address; plugins may connect to anything.
 */
export const agentPolicySpec = (
  { mesh, monitoring, plugins = [] }: ResolvedSpireAgent,
  matchLabels: Record<string, Input<string>>,
): types.input.networking.v1.NetworkPolicySpec => ({
  podSelector: { matchLabels },
  policyTypes: ["Ingress", "Egress"],
  ingress: monitoring ? [tcpPorts([inAgentPod.metricsPort])] : [],
  egress: plugins.length > 0 ? [{}] : [nameServers, tcpPorts([mesh.serverPort, kubeletPort])],
});
