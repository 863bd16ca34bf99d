/** A rule of iptables. Every word of it is made from these fields, and none can be two. */
export interface IptablesRule {
  chain: string;
  protocol?: "tcp" | "udp" | "icmp" | "ipv6-icmp";
  destination?: string;
  destinationPort?: number;
  /** Interface that it comes from. */
  from?: string;
  /** Interface that it leaves by. */
  to?: string;
  /** User of the process that sends it. */
  user?: number;
  /** States of the connection. */
  states?: ("ESTABLISHED" | "RELATED")[];
  /** Chain that decides, or RETURN; or the port that it is redirected to; or how it is rejected. Exactly one. */
  jump?: string;
  redirectTo?: number;
  reject?: "tcp-reset" | "unreachable";
}

/** A table with all its rules; what was in it goes. */
export interface IptablesTable {
  name: "nat" | "filter";
  /** Chains of its own, beside those of the kernel. */
  chains: string[];
  rules: IptablesRule[];
}

const kernelChains = {
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** The text for `iptables-restore`, which puts a table in place as a whole, however often. */
export function printIptables(tables: IptablesTable[]): string {
  return tables
    .map(({ name, chains, rules }) =>
      [
        `*${name}`,
        ...kernelChains[name].map((chain) => `:${chain} ACCEPT [0:0]`),
        ...chains.map((chain) => `:${word(chain)} - [0:0]`),
        ...rules.map(printRule),
        "COMMIT\n",
      ].join("\n"),
    )
    .join("");
}

function printRule(rule: IptablesRule): string {
  const { chain, protocol, destination, destinationPort, from, to, user, states } = rule;
  const option = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, `${value}`]);
  return [
    ...["-A", chain],
    ...option("-i", from),
    ...option("-o", to),
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

/** A word as iptables-restore reads it. It knows quotes and comments, and no word of ours has any. */
function word(text: string): string {
  if (!/^[A-Za-z0-9_.:/,-]+$/.test(text))
    throw new Error("a word of an iptables rule has a character that is none of A-Z, a-z, 0-9 and _.:/,-");
  return text;
}
