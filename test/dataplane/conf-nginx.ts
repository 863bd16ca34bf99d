import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Edition, type NginxConfigNode, printConfig } from "../../components/nginx";
import { missingPrograms, nginxModules, searchPath } from "../../loopback/missing";
import { type RunningProcess, start } from "../../loopback/process";
import { longestWaitSeconds } from "../cluster/until";

const streamModule = `${nginxModules()}/ngx_stream_module.so`;

/** Why NGINX cannot run here, or undefined when it can. */
export function nginxMissing(): string | undefined {
  if (missingPrograms("nginx") !== undefined) return "nginx is missing";
  return existsSync(streamModule) ? undefined : "libnginx-mod-stream is missing";
}

/** A running NGINX, all of whose sockets are files of one folder. */
export interface RunningNginx {
  /** Path of a socket, by the name in the configuration. */
  socket(name: string): string;
  process: RunningProcess;
  stop(): Promise<void>;
}

/** A new folder for one NGINX, whose workers may be another user. */
export function nginxFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nginx-conf-"));
  chmodSync(folder, 0o711);
  return folder;
}

/** What `nginx -t` says to a configuration: undefined when it is good. */
export function testNginx(folder: string, text: string): string | undefined {
  const file = join(folder, "nginx.conf");
  writeFileSync(file, text);
  const { status, stderr } = spawnSync("nginx", ["-t", "-q", "-e", "stderr", "-c", file], {
    encoding: "utf8",
    env: { ...process.env, PATH: searchPath },
    // NGINX opens /dev/stdout by name, which a socket does not allow.
    stdio: ["ignore", "ignore", "pipe"],
  });
  return status === 0 ? undefined : stderr.trim();
}

/** Runs `http` and `stream` nodes with NGINX. */
export async function runNginx(
  folder: string,
  blocks: { http?: NginxConfigNode[]; stream?: NginxConfigNode[] },
): Promise<RunningNginx> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((part) => ({
    name: `${part}_temp_path`,
    args: [join(folder, part)],
  }));
  const text = printConfig(
    [
      { name: "load_module", args: [streamModule] },
      { name: "pid", args: [join(folder, "nginx.pid")] },
      { name: "error_log", args: ["stderr", "warn"] },
      { name: "worker_rlimit_nofile", args: ["2048"] },
      { name: "events", block: [{ name: "worker_connections", args: ["1024"] }] },
      { name: "http", block: [...temporary, { name: "access_log", args: ["off"] }, ...(blocks.http ?? [])] },
      { name: "stream", block: blocks.stream ?? [] },
    ],
    Edition.oss,
  );
  const fault = testNginx(folder, text);
  if (fault) throw new Error(fault);
  const process = start(
    "nginx",
    ["-e", "stderr", "-c", join(folder, "nginx.conf"), "-g", "daemon off;"],
    join(folder, "log"),
  );
  const running = {
    socket: (name: string) => join(folder, `${name}.sock`),
    process,
    stop: async () => {
      await process.stop();
      rmSync(folder, { recursive: true });
    },
  };
  // The test before has left the file there, empty.
  await until(() => readFileSync(join(folder, "nginx.pid"), "utf8") !== "", process);
  return running;
}

/** Waits for a condition. */
export async function until(condition: () => boolean, process: RunningProcess): Promise<void> {
  for (const end = Date.now() + longestWaitSeconds * 1000; !condition(); ) {
    if (Date.now() > end) throw new Error(`NGINX wrote:\n${process.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Status, headers and body of one GET. */
export function get(
  socketPath: string,
  path: string,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, headers: { host: "example.com" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    })
      .on("error", reject)
      .end();
  });
}

/** All that a stream server sends until it closes. */
export function receive(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    createConnection({ path: socketPath })
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => resolve(Buffer.concat(chunks).toString()))
      .on("error", reject);
  });
}
