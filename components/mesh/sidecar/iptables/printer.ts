/** A rule of iptables. Its words are printed from these fields, each of which is one word. */
export interface IptablesRule {
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
export interface IptablesTable {
  name: "nat" | "filter";
  /** Chains beside the built-in ones. */
  chains: string[];
  rules: IptablesRule[];
}

const builtInChains = {
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** Returns the input of `iptables-restore`, which replaces each table as a whole and can run again. */
export function printIptables(tables: IptablesTable[]): string {
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
