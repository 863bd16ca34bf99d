import { isIP } from "node:net";
import type { IptablesRule, IptablesTable } from "./iptables";
import { sidecarUser } from "./places";
import type { SidecarSettings } from "./settings";
import { MeshEgress } from "./sidecar-args";

const inboundChain = "MESH_IN";
const outboundChain = "MESH_OUT";
const egressChain = "MESH_EGRESS";

/** The rules of one family of addresses. */
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
    // What the pod sends to itself is nobody else's.
    { chain: inboundChain, from: "lo", jump: "RETURN" },
    ...inbound.map(
      ({ port }): IptablesRule => ({
        chain: inboundChain,
        protocol: "tcp",
        destinationPort: port,
        redirectTo: ports.inbound[port]!.accept,
      }),
    ),
    ...past(settings, outboundChain, version),
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

/** What goes past NGINX: its own connections above all, which would come back to it without end. */
const past = ({ redirect }: SidecarSettings, chain: string, version: 4 | 6): IptablesRule[] => [
  { chain, user: sidecarUser, jump: "RETURN" },
  { chain, to: "lo", jump: "RETURN" },
  ...(redirect?.excludedCidrs ?? [])
    .filter((cidr) => isIP(cidr.split("/")[0]!) === version)
    .map((destination): IptablesRule => ({ chain, destination, jump: "RETURN" })),
];

/** Names are looked up, answers leave, and nothing else does. */
function egressRules(settings: SidecarSettings, version: 4 | 6): IptablesRule[] {
  const chain = egressChain;
  return [
    { chain: "OUTPUT", jump: chain },
    ...past(settings, chain, version),
    // What was redirected has this address by now, and still the interface of the one before.
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
