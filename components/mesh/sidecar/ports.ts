import { MeshMode, MeshProtocol, type SidecarInbound, type SidecarOutbound } from "./sidecar-args";

/** Ports on which NGINX listens. */
export interface SidecarPorts {
  /** Port for the probes of NGINX itself. */
  status: number;
  /** Hops of inbound connections, by the port that clients use. */
  inbound: Record<number, InboundHops>;
  /** Ports for connections to outbound workloads, by their names. */
  outbound: Record<string, number>;
}

/** Ports that a connection to one inbound port passes, in this order. */
export interface InboundHops {
  /** Port on which the connection arrives. */
  accept: number;
  /** Port on 127.0.0.1 on which TLS is terminated; for tcp in strict mode, the port of arrival. */
  tls: number;
  /** Port on 127.0.0.1 for plaintext. */
  plain: number;
  /** Port on 127.0.0.1 on which the application listens. */
  application: number;
}

/** Number of ports reserved for each purpose. */
export const portsPerPurpose = 100;
/** Number of ports reserved for NGINX, from the first on. */
export const reservedPorts = 5 * portsPerPurpose;

/** Returns whether a port is one of those reserved for NGINX. */
export const isReserved = (port: number | undefined, firstPort: number): boolean =>
  port !== undefined && port >= firstPort && port < firstPort + reservedPorts;

const offset = { accept: 1, tls: 2, plain: 3, outbound: 4 };

interface PortArguments {
  inbound: readonly SidecarInbound[];
  outbound: readonly SidecarOutbound[];
  redirect?: unknown;
  firstPort: number;
}

/** Allocates the ports of NGINX. Their numbers depend only on the order of the arguments. */
export function allocatePorts({ inbound, outbound, redirect, firstPort }: PortArguments): SidecarPorts {
  const reserved = (purpose: keyof typeof offset, index: number) =>
    firstPort + offset[purpose] * portsPerPurpose + index;
  const inboundHops = (
    { port, applicationPort = port, protocol, mode }: SidecarInbound,
    index: number,
  ): InboundHops => {
    const accept = redirect ? reserved("accept", index) : port;
    const terminatesOnArrival = protocol === MeshProtocol.tcp && mode !== MeshMode.permissive;
    return {
      accept,
      tls: terminatesOnArrival ? accept : reserved("tls", index),
      plain: reserved("plain", index),
      application: applicationPort,
    };
  };
  const outboundPorts = [...new Set(outbound.map(({ port }) => port))];
  return {
    status: firstPort,
    inbound: Object.fromEntries(inbound.map((one, index) => [one.port, inboundHops(one, index)])),
    outbound: Object.fromEntries(
      outbound.map(({ name, port, localPort }) => [
        name,
        localPort ?? reserved("outbound", outboundPorts.indexOf(port)),
      ]),
    ),
  };
}
