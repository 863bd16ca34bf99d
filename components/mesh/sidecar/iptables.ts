import { isIP } from "node:net";
import { sidecarUser } from "./layout";
import type { SidecarSettings } from "./settings";
import { MeshEgress } from "./sidecar-args";

/** A rule of iptables. Its words are printed from these fields, each of which is one word. */
interface IptablesRule {
  chain: string;
  protocol?: "tcp" | "udp" | "icmp" | "ipv6-icmp";
  destination?: string;
  destinationPort?: number;
  /** Interface on which the packet arrives (`-i`). */
  inInterface?: string;
  /** Interface by which the packet leaves (`-o`). */
  outInterface?: string;
  /** User of the process that sends the packet. */
  user?: number;
  /** States of the connection. */
  states?: ("ESTABLISHED" | "RELATED")[];
  /** Target: exactly one of `jump`, `redirectTo` and `reject`. A chain, or RETURN. */
  jump?: string;
  /** Port to which the connection is redirected. */
  redirectTo?: number;
  /** Answer with which the packet is rejected. */
  reject?: "tcp-reset" | "unreachable";
}

/** A table with all its rules, which replace those in the kernel. */
interface IptablesTable {
  name: "nat" | "filter";
  /** Chains beside the built-in ones. */
  chains: string[];
  rules: IptablesRule[];
}

const builtInChains = {
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** Returns the input of `iptables-restore` that redirects connections of one address family to NGINX. */
export const printRedirect = (settings: SidecarSettings, version: 4 | 6): string =>
  printTables(redirectTables(settings, version));

const inboundChain = "MESH_IN";
const outboundChain = "MESH_OUT";
const egressChain = "MESH_EGRESS";

/** Returns the tables that redirect connections of one address family to NGINX. */
function redirectTables(settings: SidecarSettings, version: 4 | 6): IptablesTable[] {
  return [
    { name: "nat", chains: [inboundChain, outboundChain], rules: natRules(settings, version) },
    ...(settings.redirect?.egress === MeshEgress.declared
      ? [{ name: "filter" as const, chains: [egressChain], rules: egressRules(settings, version) }]
      : []),
  ];
}

function natRules(settings: SidecarSettings, version: 4 | 6): IptablesRule[] {
  const { inbound, outbound, ports } = settings;
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
    ...[...new Set(outbound.map(({ port }) => port))].flatMap((port) => outboundRules(settings, port, version)),
  ];
}

/** Returns the rules for connections to workloads on one port: to their addresses, or to any if one of them has none. */
function outboundRules({ outbound, ports }: SidecarSettings, port: number, version: 4 | 6): IptablesRule[] {
  const workloads = outbound.filter((one) => one.port === port);
  const rule: IptablesRule = {
    chain: outboundChain,
    protocol: "tcp",
    destinationPort: port,
    redirectTo: ports.outbound[workloads[0]!.name]!,
  };
  if (workloads.some(({ addresses }) => addresses === undefined)) return [rule];
  return [...new Set(workloads.flatMap(({ addresses = [] }) => addresses))]
    .filter((address) => familyOf(address) === version)
    .map((destination) => ({ ...rule, destination }));
}

/** Returns the family of an address or a network. */
const familyOf = (address: string): number => isIP(address.split("/")[0]!);

/** Returns the rules for connections that bypass NGINX. Its own connections would otherwise return to it in a loop. */
const exemptions = ({ redirect }: SidecarSettings, chain: string, version: 4 | 6): IptablesRule[] => [
  { chain, user: sidecarUser, jump: "RETURN" },
  { chain, outInterface: "lo", jump: "RETURN" },
  ...(redirect?.excludedCidrs ?? [])
    .filter((cidr) => familyOf(cidr) === version)
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

/** Returns the input of `iptables-restore`, which replaces each table as a whole and can run again. */
function printTables(tables: IptablesTable[]): string {
  return tables
    .map(({ name, chains, rules }) =>
      [
        `*${name}`,
        ...builtInChains[name].map((chain) => `:${chain} ACCEPT [0:0]`),
        ...chains.map((chain) => `:${word(chain)} - [0:0]`),
        ...rules.map(printRule),
        "COMMIT\n",
      ].join("\n"),
    )
    .join("");
}

function printRule(rule: IptablesRule): string {
  const { chain, protocol, destination, destinationPort, inInterface, outInterface, user, states } = rule;
  const option = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, `${value}`]);
  return [
    ...["-A", chain],
    ...option("-i", inInterface),
    ...option("-o", outInterface),
    ...option("-d", destination),
    ...option("-p", protocol),
    ...option("--dport", destinationPort),
    ...(user === undefined ? [] : ["-m", "owner", "--uid-owner", `${user}`]),
    ...(states === undefined ? [] : ["-m", "conntrack", "--ctstate", states.join(",")]),
    ...target(rule),
  ]
    .map(word)
    .join(" ");
}

function target({ jump, redirectTo, reject, protocol }: IptablesRule): string[] {
  if (jump !== undefined) return ["-j", jump];
  if (redirectTo !== undefined) return ["-j", "REDIRECT", "--to-ports", `${redirectTo}`];
  if (reject === "tcp-reset" && protocol === "tcp") return ["-j", "REJECT", "--reject-with", "tcp-reset"];
  return ["-j", "REJECT"];
}

/** Returns the word, which has no quote, comment or space that iptables-restore would read. */
function word(text: string): string {
  if (!/^[A-Za-z0-9_.:/,-]+$/.test(text))
    throw new Error("a word of an iptables rule has a character other than A-Z, a-z, 0-9 and _.:/,-");
  return text;
}
