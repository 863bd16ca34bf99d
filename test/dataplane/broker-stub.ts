import { createServer, type Socket } from "node:net";
import * as mqtt from "mqtt-packet";

/** A broker that admits everybody, and keeps what it was sent. */
export interface BrokerStub {
  readonly port: number;
  /** Client ids in the order of their CONNECTs. */
  readonly clientIds: string[];
  /** All bytes of each connection, in the order in which they were opened. */
  readonly received: Buffer[];
  /** Connections that are open now. */
  open(): number;
  stop(): Promise<void>;
}

/**
 * Starts one on loopback. It reads with a library that is not ours. One that is `silent` answers nobody: a proxy that is left by its client
 * with an answer unread resets the connection, and what it sent last may be lost by that.
 */
export async function startBrokerStub(name = "stub", { silent = false } = {}): Promise<BrokerStub> {
  const clientIds: string[] = [];
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const index = received.push(Buffer.alloc(0)) - 1;
    const parser = mqtt.parser();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    // It keeps the rest too: who sends it is to be seen.
    parser.on("error", () => undefined);
    parser.on("packet", (packet) => {
      if (packet.cmd !== "connect") return;
      clientIds.push(packet.clientId);
      if (silent) return;
      socket.write(mqtt.generate({ cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: false }));
      socket.write(
        mqtt.generate({ cmd: "publish", topic: name, payload: packet.clientId, qos: 0, dup: false, retain: false }),
      );
    });
    socket.on("data", (bytes) => {
      received[index] = Buffer.concat([received[index]!, bytes]);
      parser.parse(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    clientIds,
    received,
    open: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
