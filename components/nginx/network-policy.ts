import { isIP } from "node:net";
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, factsOf, formats, mapInput } from "../foundation";
import { Edition } from "./edition";
import type { NginxNetworkPolicy, NginxPeer, NginxUpstreamPeer } from "./network-policy-args";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { metricsPort, NginxPortProtocol, type ResolvedPort } from "./ports";
import { serverPorts, wordsOf } from "./servers";
import type { PlacedNode } from "./tree";

type PolicyPeer = types.input.networking.v1.NetworkPolicyPeer;
type PolicySpec = types.input.networking.v1.NetworkPolicySpec;

/** A NetworkPolicy, but for the pods that it selects. */
export type ResolvedNetworkPolicy = Omit<PolicySpec, "podSelector">;

/** Ports of servers at any address, for a component that knows no more of them. */
export interface EgressPorts {
  ports: Input<number>[];
  /** @default "TCP" */
  protocol?: NginxPortProtocol;
}

/** Parts of an NginxPlus that decide what its pods need. */
export interface PolicyContext {
  edition: Edition;
  ports: readonly ResolvedPort[];
  /** Every node of the configuration. */
  nodes: readonly PlacedNode[];
  /** Ports that a containing component's servers have besides. */
  egress: readonly EgressPorts[];
}

/** Returns the NetworkPolicy of the pods: the user's, or the one that they need in a Namespace that denies all other traffic. */
export function resolveNetworkPolicy(
  argument: Argument<NginxPlusArgs>,
  context: PolicyContext,
): ResolvedNetworkPolicy | undefined {
  const { namespace, monitoring, networkPolicy } = argument.value;
  const denied = factsOf(namespace)?.defaultDeny === true;
  if (networkPolicy === undefined && !denied) return undefined;
  const policy = argument.field("networkPolicy");
  checkNetworkPolicy(policy, context.edition);
  if (monitoring && networkPolicy?.metricsFrom === undefined)
    policy
      .field("metricsFrom")
      .refuse(
        "is missing beside monitoring: no peer could read the metrics",
        'write for example [{ namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } }]; [] for none',
      );
  return policyParts(argument.value, networkPolicy ?? {}, context);
}

function policyParts(
  args: NginxPlusArgs,
  { clients, metricsFrom = [], upstreams, dns, licenseEndpointCidrs }: NginxNetworkPolicy,
  { edition, ports, nodes, egress }: PolicyContext,
): ResolvedNetworkPolicy {
  const open = ports.map(({ targetPort, protocol }) => ({ port: targetPort, protocol }));
  const resolvers = resolverAddresses(nodes).map((address) => ({ ipBlock: { cidr: hostCidr(address) } }));
  return {
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { ports: open, ...(clients && { from: clients.map(policyPeer) }) },
      ...(args.monitoring && metricsFrom.length > 0
        ? [{ ports: [{ port: metricsPort.port, protocol: "TCP" }], from: metricsFrom.map(policyPeer) }]
        : []),
    ],
    egress: [
      ...nameServerRules(args.openshift === true, dns, resolvers),
      ...(upstreams ? upstreams.map(upstreamRule) : [...egress, ...serverPorts(nodes)].map(openRule)),
      ...(edition === Edition.oss
        ? []
        : [
            {
              ports: [{ port: licensePort(args), protocol: "TCP" }],
              ...(licenseEndpointCidrs && { to: licenseEndpointCidrs.map((cidr) => ({ ipBlock: { cidr } })) }),
            },
          ]),
    ],
  };
}

const upstreamRule = (upstream: NginxUpstreamPeer) => ({ to: [policyPeer(upstream)], ...openRule(upstream) });

const openRule = ({ ports, protocol = NginxPortProtocol.tcp }: EgressPorts) => ({
  ports: ports.map((port) => ({ port, protocol })),
});

const inNamespace = (namespace: string, podLabels: Record<string, string>): PolicyPeer[] => [
  {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: podLabels },
  },
];

const clusterDns = inNamespace("kube-system", { "k8s-app": "kube-dns" });
const openshiftDns = inNamespace("openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" });

/**
 * Returns the rule that lets pods ask name servers, or none where a user wants none.
 *
 * @param dns the user's name servers, in place of the cluster's
 * @param others name servers besides the cluster's
 */
export function nameServerRules(openshift: boolean, dns?: NginxPeer[], others: PolicyPeer[] = []) {
  const to = dns?.map(policyPeer) ?? [...(openshift ? openshiftDns : clusterDns), ...others];
  return to.length > 0 ? [{ ports: dnsPorts(openshift), to }] : [];
}

// The pods of OpenShift's DNS listen on 5353; policies see that port.
const dnsPorts = (openshift: boolean) =>
  [53, ...(openshift ? [5353] : [])].flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ port, protocol })));

/** Returns connections to the name servers of the cluster. */
export const nameServerRule = (openshift: boolean) => ({
  ports: dnsPorts(openshift),
  to: openshift ? openshiftDns : clusterDns,
});

/** Addresses of name servers in the directives `resolver` that are known now. */
const resolverAddresses = (nodes: readonly PlacedNode[]) => [
  ...new Set(
    wordsOf(nodes, "resolver")
      .map((word) => /^\[([^\]]+)\]/.exec(word)?.[1] ?? word.replace(/:\d+$/, ""))
      .filter((word) => isIP(word) !== 0),
  ),
];

const hostCidr = (address: string) => `${address}/${isIP(address) === 4 ? 32 : 128}`;

/** Returns one end of connections, as a NetworkPolicy names it. */
export function policyPeer({ cidr, podLabels, namespaceLabels }: NginxPeer): PolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr } };
  return {
    ...(podLabels && { podSelector: { matchLabels: podLabels } }),
    ...(namespaceLabels && { namespaceSelector: { matchLabels: namespaceLabels } }),
  };
}

function licensePort({ management = {} }: NginxPlusArgs): Input<number> {
  const { proxy, usageEndpoint } = management;
  if (proxy) return proxy.port;
  if (usageEndpoint === undefined) return 443;
  return mapInput(usageEndpoint, (host) => Number(/:(\d+)$/.exec(host)?.[1] ?? 443));
}

function checkNetworkPolicy(policy: Argument<NginxNetworkPolicy | undefined>, edition: Edition): void {
  for (const list of ["clients", "metricsFrom", "dns", "upstreams"] as const)
    for (const peer of policy.field(list).entries()) checkNginxPeer(peer);
  for (const upstream of policy.field("upstreams").entries()) {
    const ports = upstream.field("ports");
    ports.notEmpty("write at least one port of the servers");
    for (const port of ports.entries()) port.port();
  }
  const cidrs = policy.field("licenseEndpointCidrs");
  if (cidrs.value === undefined) return;
  if (edition === Edition.oss) cidrs.refuse("is about NGINX Plus", 'remove it for edition "oss"');
  cidrs.notEmpty("write the networks of the endpoint, or remove it for anywhere");
  for (const cidr of cidrs.entries()) cidr.matches(formats.cidr);
}

/** Checks that a peer is a network, or pods. */
export function checkNginxPeer(peer: Argument<NginxPeer>): void {
  const { cidr, podLabels, namespaceLabels } = peer.value;
  if (cidr === undefined && podLabels === undefined && namespaceLabels === undefined)
    peer.refuse("names no peer", "write a cidr, podLabels or namespaceLabels");
  if (cidr !== undefined && (podLabels !== undefined || namespaceLabels !== undefined))
    peer.refuse("has both a cidr and labels", "write two entries: a peer is a network, or pods");
  peer.field("cidr").matches(formats.cidr);
}
