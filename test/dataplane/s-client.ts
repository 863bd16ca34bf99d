import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { freePort } from "../../loopback/ports";
import { start, untilListening } from "../../loopback/process";
import { longestWaitSeconds } from "../cluster/until";
import { OpenSsl } from "./openssl";

/** A request that openssl can send after a handshake. */
export const exchanged = "GET / HTTP/1.0\r\n\r\n";

/** A handshake by openssl with a port of this machine, and `input` after it. */
export function sClient(port: number, options: string[], input = "") {
  return new Promise<{ status: number; output: string }>((resolve) => {
    const args = ["s_client", "-connect", `127.0.0.1:${port}`, ...options];
    const child = execFile("openssl", args, { timeout: longestWaitSeconds * 1000 }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    );
    child.stdin!.end(input);
  });
}

/** Keeps the session of one exchange, if the server gives any, and takes it to another: "New", "Reused" or "no session". */
export async function secondExchange(port: number, version: string, from: string[], to: string[]) {
  const openssl = new OpenSsl();
  try {
    const session = `${openssl.folder}/session`;
    const exchange = ["-ign_eof", version];
    await sClient(port, [...exchange, ...from, "-sess_out", session], exchanged);
    if (!existsSync(session)) return "no session";
    const { output } = await sClient(port, [...exchange, ...to, "-sess_in", session], exchanged);
    return /^(New|Reused), TLS/m.exec(output)?.[1];
  } finally {
    openssl.remove();
  }
}

/** Has a server of openssl's own, which does what NGINX must not. */
export async function withControlServer<T>(
  { certificate, key }: { certificate: string; key: string },
  options: string[],
  action: (port: number) => Promise<T>,
): Promise<T> {
  const openssl = new OpenSsl();
  const port = await freePort();
  const files = ["-cert", openssl.file(certificate), "-key", openssl.file(key)];
  const args = ["s_server", "-www", "-accept", `${port}`, ...files, ...options];
  const server = start("openssl", args, `${openssl.folder}/log`);
  try {
    await untilListening(port, server);
    return await action(port);
  } finally {
    await server.stop();
    openssl.remove();
  }
}
