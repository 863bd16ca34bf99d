import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { tcpPorts } from "../network-policy";
import { managerPorts, serverLayout } from "./layout";
import type { ResolvedSpireServer } from "./resolve";

/**
 * Returns the spec of the NetworkPolicy for the server in a Namespace that denies by default. Rules have no
 * addresses: a policy cannot select agents in the network of their nodes, or the API server. Probes need no rule: the kubelet of its node reaches a pod always.
 */
export const renderServerPolicy = (
  { monitoring, validatingWebhook }: ResolvedSpireServer,
  matchLabels: Record<string, Input<string>>,
): types.input.networking.v1.NetworkPolicySpec => ({
  podSelector: { matchLabels },
  policyTypes: ["Ingress", "Egress"],
  ingress: [
    tcpPorts([
      serverLayout.serverPort,
      ...(validatingWebhook ? [managerPorts.webhook] : []),
      ...(monitoring ? [serverLayout.metricsPort, managerPorts.metrics] : []),
    ]),
  ],
  egress: [{}],
});
