import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, and to servers that ask for any. */
const firstPort = 12_000;
const lastPort = 29_999;

/**
 * A loopback port that no program listens on. No other call returns it while this process lives, in other processes too, so that a
 * program that starts later still finds it free.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(firstPort, lastPort + 1);
    if ((await claim(port)) && (await canListen(port))) return port;
  }
}

/** Binds the UDP port of the same number until this process ends, so that another claim of it fails. TCP programs are not hindered. */
function claim(port: number): Promise<boolean> {
  const socket = createSocket({ type: "udp4", reuseAddr: false });
  socket.unref();
  return new Promise((resolve) => {
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address: "127.0.0.1", port, exclusive: true }, () => resolve(true));
  });
}

function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
