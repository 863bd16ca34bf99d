import type { Refuser } from "../foundation";
import type { NginxConfigNode } from "./conf";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { managementPort } from "./ports";

/** A range of ports on which a `listen` directive listens; undefined when it is not known, or no port. */
interface Listening {
  property: string;
  ports?: { first: number; last: number };
}

/** Refuses to listen where NGINX may not, and a port of the Service behind which nothing listens. */
export function checkListening({ configuration, ports }: NginxPlusArgs, refuse: Refuser): void {
  const { http = [], stream = [] } = configuration;
  const listening = [...find(http, "configuration.http"), ...find(stream, "configuration.stream")];
  for (const { property, ports: range } of listening) {
    if (range && range.first < 1024)
      refuse(property, `listens on port ${range.first}, which takes privileges`, "listen on a port from 1024");
    if (range && range.first <= managementPort.port && managementPort.port <= range.last)
      refuse(property, `listens on port ${managementPort.port}, which answers probes`, "listen on another port");
  }
  // An included file, or an address that comes later, may have what is missing.
  if (includes([...http, ...stream]) || listening.some((one) => one.ports === undefined)) return;
  for (const [index, { port, targetPort }] of ports.entries()) {
    const wanted = targetPort ?? port;
    if (!listening.some(({ ports: range }) => range!.first <= wanted && wanted <= range!.last))
      refuse(
        `ports[${index}].${targetPort === undefined ? "port" : "targetPort"}`,
        `is ${wanted}, on which nothing in the configuration listens`,
        `write a server with { name: "listen", args: ["${wanted}"] } in http or stream`,
      );
  }
}

function find(nodes: NginxConfigNode[], property: string): Listening[] {
  return nodes.flatMap(({ name, args: [address] = [], block = [] }, index) => {
    const path = `${property}[${index}]`;
    return name === "listen" ? [{ property: path, ports: portsOf(address) }] : find(block, `${path}.block`);
  });
}

function portsOf(address: unknown): Listening["ports"] {
  const [, first, last = first] =
    /^(?:(?!unix:).*:)?(\d+)(?:-(\d+))?$/.exec(typeof address === "string" ? address : "") ?? [];
  return first === undefined ? undefined : { first: Number(first), last: Number(last) };
}

const includes = (nodes: NginxConfigNode[]): boolean =>
  nodes.some(({ name, block = [] }) => name === "include" || includes(block));
