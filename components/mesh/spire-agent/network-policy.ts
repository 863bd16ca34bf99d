import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { nameServers, tcpPorts } from "../network-policy";
import { agentLayout } from "./configuration";
import type { ResolvedSpireAgent } from "./resolve";

const kubeletPort = 10250;

/**
 * Returns the spec of the NetworkPolicy for agents in a Namespace that denies by default. It does not apply to agents in the
 * network of their nodes. Rules have no addresses: a policy cannot select nodes. Plugins may connect to any address.
 */
export const renderAgentPolicy = (
  { mesh, monitoring, plugins = [] }: ResolvedSpireAgent,
  matchLabels: Record<string, Input<string>>,
): types.input.networking.v1.NetworkPolicySpec => ({
  podSelector: { matchLabels },
  policyTypes: ["Ingress", "Egress"],
  ingress: monitoring ? [tcpPorts([agentLayout.metricsPort])] : [],
  egress: plugins.length > 0 ? [{}] : [nameServers, tcpPorts([mesh.serverPort, kubeletPort])],
});
