import { createConnection, createServer, type Socket } from "node:net";

/** A Service of Kubernetes on loopback: each connection goes to one of the pods that it knows at that moment. */
export interface Balancer {
  readonly port: number;
  /** The ports of the pods that take new connections from now on. */
  endpoints: number[];
  stop(): void;
}

export async function startBalancer(endpoints: number[]): Promise<Balancer> {
  let turn = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const pod = createConnection({
      port: balancer.endpoints[turn++ % balancer.endpoints.length]!,
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    for (const [one, other] of [
      [client, pod],
      [pod, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => sockets.delete(one));
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const balancer: Balancer = {
    port,
    endpoints,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return balancer;
}
