import { isIP } from "node:net";
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { checked, checkPort, type Refuser } from "../foundation";
import { Edition } from "./edition";
import { derived } from "./inputs";
import type { NginxNetworkPolicy, NginxPeer } from "./network-policy-args";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { metricsPort, NginxPortProtocol } from "./ports";

type PolicyPeer = types.input.networking.v1.NetworkPolicyPeer;

/** Spec of the NetworkPolicy. */
export function networkPolicySpec(
  args: NginxPlusArgs,
  matchLabels: Record<string, Input<string>>,
): types.input.networking.v1.NetworkPolicySpec {
  const { clients, upstreams = [], licenseEndpointCidrs } = args.networkPolicy!;
  const ports = args.ports.map(({ port, targetPort, protocol }) => ({
    port: targetPort ?? port,
    protocol: protocol ?? NginxPortProtocol.tcp,
  }));
  return {
    podSelector: { matchLabels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { ports, ...(clients && { from: clients.map(policyPeer) }) },
      ...(args.monitoring ? [{ ports: [{ port: metricsPort.port, protocol: "TCP" }] }] : []),
    ],
    egress: [
      { ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })) },
      ...upstreams.map((upstream) => ({
        to: [policyPeer(upstream)],
        ports: upstream.ports.map((port) => ({ port, protocol: upstream.protocol ?? NginxPortProtocol.tcp })),
      })),
      ...(args.edition === Edition.oss
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

/** One end of connections, as a NetworkPolicy names it. */
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
  return derived(usageEndpoint, (host) => Number(/:(\d+)$/.exec(host)?.[1] ?? 443));
}

/** Refuses peers that cannot be. */
export function checkNetworkPolicy(policy: NginxNetworkPolicy, edition: Edition, refuse: Refuser): void {
  const { clients = [], upstreams = [], licenseEndpointCidrs } = policy;
  for (const [index, client] of clients.entries()) checkPeer(client, `networkPolicy.clients[${index}]`, refuse);
  for (const [index, upstream] of upstreams.entries()) {
    const property = `networkPolicy.upstreams[${index}]`;
    checkPeer(upstream, property, refuse);
    if (upstream.ports.length === 0) refuse(`${property}.ports`, "is empty", "give at least one port of the servers");
    for (const [position, port] of upstream.ports.entries()) checkPort(refuse, `${property}.ports[${position}]`, port);
  }
  if (licenseEndpointCidrs === undefined) return;
  if (edition === Edition.oss)
    refuse("networkPolicy.licenseEndpointCidrs", "is about NGINX Plus", 'leave it out for edition "oss"');
  if (licenseEndpointCidrs.length === 0)
    refuse(
      "networkPolicy.licenseEndpointCidrs",
      "is empty",
      "give the networks of the endpoint, or leave it out for anywhere",
    );
  for (const [index, cidr] of licenseEndpointCidrs.entries())
    checkCidr(cidr, `networkPolicy.licenseEndpointCidrs[${index}]`, refuse);
}

/** Refuses a peer that cannot be. */
export function checkPeer({ cidr, podLabels, namespaceLabels }: NginxPeer, property: string, refuse: Refuser): void {
  if (cidr !== undefined) {
    if (podLabels !== undefined || namespaceLabels !== undefined)
      refuse(property, "has both a cidr and labels", "write two entries: a peer is a network, or pods");
    checkCidr(cidr, `${property}.cidr`, refuse);
  } else if (podLabels === undefined && namespaceLabels === undefined)
    refuse(property, "names no peer", "give a cidr, podLabels or namespaceLabels");
}

function checkCidr(cidr: Input<string>, property: string, refuse: Refuser): void {
  checked(cidr, (text) => {
    const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
    const family = isIP(address);
    if (family === 0 || Number(length) > (family === 4 ? 32 : 128))
      refuse(property, "is no network", "write it as a CIDR: 192.0.2.0/24, and one address as 192.0.2.1/32");
  });
}
