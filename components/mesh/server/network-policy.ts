import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { inServerPod, managerPorts } from "./place";
import type { ResolvedSpireServer } from "./resolve";

/** Returns a rule about TCP ports, of any address. */
export const tcpPorts = (ports: readonly Input<number>[]) => ({
  ports: ports.map((port) => ({ port, protocol: "TCP" })),
});

/** Returns a rule about name servers. */
export const nameServers = { ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })) };

/**
 * Returns the spec of the NetworkPolicy for the server in a Namespace that denies by default. Agents may be in the network of their nodes, and the API server
 * and its webhook calls have no name in a policy, so no rule has an address. Probes need no rule: the kubelet of a pod's own node reaches it always.
 */
export const serverPolicySpec = (
  { monitoring, validatingWebhook }: ResolvedSpireServer,
  matchLabels: Record<string, Input<string>>,
): types.input.networking.v1.NetworkPolicySpec => ({
  podSelector: { matchLabels },
  policyTypes: ["Ingress", "Egress"],
  ingress: [
    tcpPorts([
      inServerPod.serverPort,
      ...(validatingWebhook ? [managerPorts.webhook] : []),
      ...(monitoring ? [inServerPod.metricsPort, managerPorts.metrics] : []),
    ]),
  ],
  egress: [{}],
});
