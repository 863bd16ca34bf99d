import { MeshMode, MeshProtocol, type SidecarInbound, type SidecarOutbound } from "./sidecar-args";

/** Ports that NGINX has for itself. */
export interface SidecarPorts {
  /** Answers the probes of NGINX itself. */
  status: number;
  /** By the port as clients see it. */
  inbound: Record<number, InboundPorts>;
  /** Where NGINX listens for an outbound workload, by its name. */
  outbound: Record<string, number>;
}

/** The stations of a connection to one port. */
export interface InboundPorts {
  /** Where it arrives. */
  accept: number;
  /** Where TLS ends, on 127.0.0.1; where it arrives, for tcp in strict mode. */
  tls: number;
  /** Where plaintext goes, on 127.0.0.1. */
  plain: number;
  /** Where the application listens, on 127.0.0.1. */
  application: number;
}

/** How many ports a sidecar has of each kind. */
export const portsOfAKind = 100;
/** How many ports NGINX has for itself, from the first on. */
export const reservedPorts = 5 * portsOfAKind;
const offset = { accept: 1, tls: 2, plain: 3, outbound: 4 };

interface Structure {
  inbound: readonly SidecarInbound[];
  outbound: readonly SidecarOutbound[];
  redirect?: unknown;
  firstPort: number;
}

/** Numbers every port. They depend on the order of the arguments alone. */
export function allot({ inbound, outbound, redirect, firstPort }: Structure): SidecarPorts {
  const own = (kind: keyof typeof offset, index: number) => firstPort + offset[kind] * portsOfAKind + index;
  const stations = ({ port, applicationPort = port, protocol, mode }: SidecarInbound, index: number): InboundPorts => {
    const accept = redirect ? own("accept", index) : port;
    const direct = protocol === MeshProtocol.tcp && mode !== MeshMode.permissive;
    return {
      accept,
      tls: direct ? accept : own("tls", index),
      plain: own("plain", index),
      application: applicationPort,
    };
  };
  const shared = [...new Set(outbound.map(({ port }) => port))];
  return {
    status: firstPort,
    inbound: Object.fromEntries(inbound.map((one, index) => [one.port, stations(one, index)])),
    outbound: Object.fromEntries(
      outbound.map(({ name, port, localPort }) => [name, localPort ?? own("outbound", shared.indexOf(port))]),
    ),
  };
}
