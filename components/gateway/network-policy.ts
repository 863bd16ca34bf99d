import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

type Rule = k8s.types.input.networking.v1.NetworkPolicyIngressRule &
  k8s.types.input.networking.v1.NetworkPolicyEgressRule;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/** Traffic of some pods in a namespace that denies all other. */
export interface PodTraffic {
  podLabels: Record<string, pulumi.Input<string>>;
  ingress: Rule[];
  egress: Rule[];
}

const anyPod = { namespaceSelector: {} };

/** Returns connections to ports over TCP. */
export const tcp = (...ports: pulumi.Input<number>[]): Port[] => ports.map((port) => ({ port, protocol: "TCP" }));

/** Connections to pods of the whole cluster, on any port: a route names any of them. */
export const toAnyPod: Rule = { to: [anyPod] };

/** Returns connections from pods of the whole cluster. */
export const fromAnyPod = (ports: Port[]): Rule => ({ from: [anyPod], ports });

/**
 * Connections to the API server, on the two ports that API servers have. Its address is that of nodes or of a cloud, which a policy cannot know.
 *
 * The control plane's telemetry and F5's endpoint for usage reports have the first port too.
 */
export const toApiServer: Rule = { ports: tcp(443, 6443) };

/** Returns connections to the endpoint of usage reports: its port, at any address, since a policy knows no host names. */
export const toUsageEndpoint = (endpoint: pulumi.Input<string> = ""): Rule => {
  const portOf = (host: string) => Number(/:(\d+)$/.exec(host)?.[1] ?? 443);
  return { ports: tcp(typeof endpoint === "string" ? portOf(endpoint) : pulumi.output(endpoint).apply(portOf)) };
};

/** Makes a NetworkPolicy that allows traffic. */
export function allowTraffic(
  name: string,
  namespace: pulumi.Input<string>,
  { podLabels, ingress, egress }: PodTraffic,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.networking.v1.NetworkPolicy(
    `${name}-network-policy`,
    {
      metadata: { namespace },
      spec: { podSelector: { matchLabels: podLabels }, policyTypes: ["Ingress", "Egress"], ingress, egress },
    },
    opts,
  );
}
