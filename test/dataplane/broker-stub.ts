import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import * as mqtt from "mqtt-packet";

/** A broker that admits everybody, and keeps what it was sent. */
export interface BrokerStub {
  readonly port: number;
  /** Client ids in the order of their CONNECTs. */
  readonly clientIds: string[];
  /** All bytes of each connection, in the order in which they were opened. */
  readonly received: Buffer[];
  /** The client of each connection, and the name that it asked for in TLS. */
  readonly peers: { address: string; serverName: string }[];
  /** Connections that are open now. */
  open(): number;
  stop(): Promise<void>;
}

/** How a stub differs from one that admits everybody in the clear. */
export interface BrokerStubOptions {
  /** It never answers: a proxy that is left by its client with an answer unread resets the connection, and what it sent last may be lost by that. */
  silent?: boolean;
  /** Loopback address that it listens on. */
  host?: string;
  /** Port that it listens on. @default a free one */
  port?: number;
  /** It speaks TLS, with this certificate. */
  tls?: { key: string; certificate: string };
  /** What it sends to a client after all else. */
  more?(clientId: string): Buffer;
}

/** Starts one on loopback. It reads with a library that is not ours. */
export async function startBrokerStub(name = "stub", options: BrokerStubOptions = {}): Promise<BrokerStub> {
  const { silent = false, host = "127.0.0.1", port = 0, tls, more } = options;
  const clientIds: string[] = [];
  const received: Buffer[] = [];
  const peers: BrokerStub["peers"] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    const index = received.push(Buffer.alloc(0)) - 1;
    peers.push({ address: socket.remoteAddress ?? "", serverName: `${(socket as TLSSocket).servername ?? ""}` });
    const parser = mqtt.parser();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    // It keeps the rest too, so that a test sees the sender.
    parser.on("error", () => undefined);
    parser.on("packet", (packet) => {
      if (packet.cmd !== "connect") return;
      clientIds.push(packet.clientId);
      if (silent) return;
      socket.write(mqtt.generate({ cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: false }));
      socket.write(
        mqtt.generate({ cmd: "publish", topic: name, payload: packet.clientId, qos: 0, dup: false, retain: false }),
      );
      if (more) socket.write(more(packet.clientId));
    });
    socket.on("data", (bytes) => {
      received[index] = Buffer.concat([received[index]!, bytes]);
      parser.parse(bytes);
    });
  };
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.certificate }, serve) : createServer(serve);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    port: (server.address() as { port: number }).port,
    clientIds,
    received,
    peers,
    open: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
