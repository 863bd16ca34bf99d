import { isIP } from "node:net";
import { sidecarUser } from "../layout";
import type { SidecarSettings } from "../settings";
import { MeshEgress } from "../sidecar-args";
import type { IptablesRule, IptablesTable } from "./printer";

const inboundChain = "MESH_IN";
const outboundChain = "MESH_OUT";
const egressChain = "MESH_EGRESS";

/** Returns the tables that redirect connections of one address family to NGINX. */
export function redirectTables(settings: SidecarSettings, version: 4 | 6): IptablesTable[] {
  return [
    { name: "nat", chains: [inboundChain, outboundChain], rules: natRules(settings, version) },
    ...(settings.redirect?.egress === MeshEgress.declared
      ? [{ name: "filter" as const, chains: [egressChain], rules: egressRules(settings, version) }]
      : []),
  ];
}

function natRules(settings: SidecarSettings, version: 4 | 6): IptablesRule[] {
  const { inbound, outbound, ports } = settings;
  const declared = outbound.filter(({ port }, index) => outbound.findIndex((one) => one.port === port) === index);
  return [
    { chain: "PREROUTING", protocol: "tcp", jump: inboundChain },
    { chain: "OUTPUT", protocol: "tcp", jump: outboundChain },
    // Connections of the pod to itself are not redirected.
    { chain: inboundChain, inInterface: "lo", jump: "RETURN" },
    ...inbound.map(
      ({ port }): IptablesRule => ({
        chain: inboundChain,
        protocol: "tcp",
        destinationPort: port,
        redirectTo: ports.inbound[port]!.accept,
      }),
    ),
    ...exemptions(settings, outboundChain, version),
    ...declared.map(
      ({ port, name }): IptablesRule => ({
        chain: outboundChain,
        protocol: "tcp",
        destinationPort: port,
        redirectTo: ports.outbound[name]!,
      }),
    ),
  ];
}

/** Returns the rules for connections that bypass NGINX. Its own connections would otherwise return to it in a loop. */
const exemptions = ({ redirect }: SidecarSettings, chain: string, version: 4 | 6): IptablesRule[] => [
  { chain, user: sidecarUser, jump: "RETURN" },
  { chain, outInterface: "lo", jump: "RETURN" },
  ...(redirect?.excludedCidrs ?? [])
    .filter((cidr) => isIP(cidr.split("/")[0]!) === version)
    .map((destination): IptablesRule => ({ chain, destination, jump: "RETURN" })),
];

/** Returns the rules that reject connections to undeclared destinations, other than DNS and answers. */
function egressRules(settings: SidecarSettings, version: 4 | 6): IptablesRule[] {
  const chain = egressChain;
  return [
    { chain: "OUTPUT", jump: chain },
    ...exemptions(settings, chain, version),
    // A redirected connection has this address already, but still the interface of its first destination.
    { chain, destination: version === 4 ? "127.0.0.0/8" : "::1/128", jump: "RETURN" },
    { chain, states: ["ESTABLISHED", "RELATED"], jump: "RETURN" },
    { chain, protocol: version === 4 ? "icmp" : "ipv6-icmp", jump: "RETURN" },
    ...(["udp", "tcp"] as const).map(
      (protocol): IptablesRule => ({ chain, protocol, destinationPort: 53, jump: "RETURN" }),
    ),
    { chain, protocol: "tcp", reject: "tcp-reset" },
    { chain, reject: "unreachable" },
  ];
}
