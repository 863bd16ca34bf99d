import { type Argument, isPlainInput, nearestName } from "../foundation";
import { managementPort, type NginxPort, targetPortOf } from "./ports";
import type { PlacedNode } from "./tree";

/** Ports of a `listen` directive. */
interface PortRange {
  first: number;
  last: number;
}

/** Parameters of `listen`, after the address; those with a value end in `=`. */
const parameters =
  "default_server ssl http2 quic proxy_protocol udp deferred bind reuseport multipath setfib= fastopen= backlog= rcvbuf= sndbuf= accept_filter= ipv6only= so_keepalive=".split(
    " ",
  );

/** Checks every `listen`, and that something listens on each port of the Service. */
export function checkListening(all: readonly PlacedNode[], ports: Argument<NginxPort[]>): void {
  const ranges = all.filter(isListen).map(checkListen);
  // An included file, an address that is known later, or a server that is refused as such may listen there.
  if (all.some((placed) => includesServers(placed) || lacksBlock(placed)) || ranges.some((range) => range === "later"))
    return;
  for (const port of ports.entries()) {
    const wanted = port.value.targetPort ?? port.value.port;
    // A port that NGINX cannot listen on is refused as such.
    if (!(wanted >= 1024 && wanted <= 65535) || wanted === managementPort.port) continue;
    if (!ranges.some((range) => typeof range === "object" && range.first <= wanted && wanted <= range.last))
      targetPortOf(port).refuse(
        `is ${wanted}, on which nothing in the configuration listens`,
        `write a server with { name: "listen", args: ["${wanted}"] } in http or stream`,
      );
  }
}

const isListen = ({ node, path }: PlacedNode) =>
  node.name === "listen" && path.at(-1) === "server" && node.block === undefined;

// Maps and types include data; the image's own files of parameters have no server.
const includesServers = ({ node, path }: PlacedNode) =>
  node.name === "include" &&
  ((path.length === 1 && path[0] !== "events") || path.at(-1) === "server") &&
  !/^\/etc\/nginx\/(mime\.types|\w+_params)$/.test(String(node.args?.[0]));

const lacksBlock = ({ node, path }: PlacedNode) =>
  node.block === undefined && (node.name === undefined || (node.name === "server" && path.length === 1));

function checkListen(placed: PlacedNode): PortRange | "later" | undefined {
  const words = placed.argument().field("args");
  for (const word of words.entries().slice(1)) word.known(checkParameter);
  const address = words.entries()[0];
  if (address === undefined) return "later";
  address.known(checkAddress);
  return isPlainInput(address.value) ? rangeOf(address.value) : "later";
}

/** Returns the ports of an address; undefined for a socket of UNIX, and for a text that is no address. */
function rangeOf(address: string): PortRange | undefined {
  if (address.startsWith("unix:")) return undefined;
  const [, host, first, last = first] =
    /^(?:([\w*.-]+|\[[\da-fA-F:.]+\]):)?(\d{1,5})(?:-(\d{1,5}))?$/.exec(address) ?? [];
  if (first !== undefined) return { first: Number(first), last: Number(last) };
  // In http an address alone means port 80.
  return host === undefined && /^(?:[\w*.-]+|\[[\da-fA-F:.]+\])$/.test(address) ? { first: 80, last: 80 } : undefined;
}

function checkAddress(address: string, argument: Argument<string>): void {
  const range = rangeOf(address);
  if (address.includes(" "))
    argument.refuse(
      `is ${JSON.stringify(address)} in one word`,
      `write each word by itself: args: [${address
        .split(/ +/)
        .map((word) => JSON.stringify(word))
        .join(", ")}]`,
    );
  else if (range === undefined) {
    if (!address.startsWith("unix:"))
      argument.refuse(
        `is ${JSON.stringify(address)}, which is not an address of listen`,
        "write a port, an address and a port, or unix:/path: 8443, 127.0.0.1:8443, [::]:8443",
      );
  } else if (range.last > 65535 || range.first > range.last || range.first === 0)
    argument.refuse(`is ${JSON.stringify(address)}`, "write a port from 1024 to 65535");
  else if (range.first < 1024)
    argument.refuse(`listens on port ${range.first}, which takes privileges`, "listen on a port from 1024");
  else if (range.first <= managementPort.port && managementPort.port <= range.last)
    argument.refuse(`listens on port ${managementPort.port}, which answers probes`, "listen on another port");
}

function checkParameter(word: string, argument: Argument<string>): void {
  const key = word.replace(/=.*/s, "=");
  if (parameters.includes(key) || parameters.includes(word)) return;
  const near = nearestName(key, parameters);
  argument.refuse(
    `is ${JSON.stringify(word)}, which is not a parameter of listen`,
    near ? `write ${near}` : `write one of ${parameters.join(", ")}`,
  );
}
