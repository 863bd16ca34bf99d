import { isPlainInput } from "../foundation";
import type { PlacedNode } from "./tree";

/** Returns the arguments, as far as they are known now, of all directives of a name. */
export const wordsOf = (all: readonly PlacedNode[], directive: string): string[] =>
  all
    .filter(({ node }) => node.name === directive)
    .flatMap(({ node }) => (node.args ?? []).filter((word) => isPlainInput(word)));

const passing = /^(?:proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass$/;
const schemes: Record<string, number> = { http: 80, https: 443, grpc: 80, grpcs: 443 };

/** Returns the ports of servers that the configuration names by texts that are known now: those of upstreams, and those that a server passes to directly. */
export function serverPorts(all: readonly PlacedNode[]): { ports: number[]; protocol: "TCP" | "UDP" }[] {
  const upstreams = new Set(all.filter(({ node }) => node.name === "upstream").map(({ node }) => node.args?.[0]));
  const ports = { TCP: new Set<number>(), UDP: new Set<number>() };
  for (const placed of all) {
    const { node, path } = placed;
    const word = node.args?.[0];
    if (word === undefined || !isPlainInput(word) || word.includes("$") || word.startsWith("unix:")) continue;
    const inUpstream = node.name === "server" && path.at(-1) === "upstream" && node.block === undefined;
    if (!inUpstream && !passing.test(node.name)) continue;
    const [, scheme, host = "", port] = /^(?:([a-z]+):\/\/)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?/.exec(word) ?? [];
    // A loopback address is in the pod itself.
    if (upstreams.has(host) || /^(127\.|localhost$|\[::1\]$|unix$)/.test(host)) continue;
    const number = port === undefined ? (schemes[scheme ?? ""] ?? (path[0] === "http" ? 80 : undefined)) : Number(port);
    if (number !== undefined) ports[listensOnUdp(placed) ? "UDP" : "TCP"].add(number);
  }
  return (["TCP", "UDP"] as const)
    .map((protocol) => ({ ports: [...ports[protocol]].sort((one, other) => one - other), protocol }))
    .filter((one) => one.ports.length > 0);
}

/** Returns whether the server around a directive takes datagrams. */
const listensOnUdp = ({ parent }: PlacedNode): boolean =>
  parent?.block?.some(({ node }) => node.name === "listen" && node.args?.includes("udp")) ?? false;
