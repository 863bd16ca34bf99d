import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hosts, type RunResult } from "../../engine";
import { debianModules, nginxModules } from "../../loopback/missing";
import { mapWords, parse, print } from "../../loopback/nginx-text";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { reloaded } from "./nginx-workers";

/** The files of a host, with NGINX running from them on loopback. */
export interface HostNginx {
  /** Loopback port of one that the configuration listens on. */
  port(listens: number): number;
  /** Where a file of the host is here. */
  path(file: string): string;
  /** The text of a file, a log for example; "" while it is not there. */
  read(file: string): string;
  /** Writes the files of another run, and resolves once only workers that have loaded them take connections. */
  reload(run: RunResult): Promise<void>;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Runs NGINX with the files that a run has for a host. Only addresses and paths are changed: a port becomes a free one on 127.0.0.1, a file of
 * the host, a log and the process's own file one below a folder of ours, a socket the one that `sockets` has for it.
 */
export async function runHostNginx(
  run: RunResult,
  host: string,
  sockets: Record<string, string> = {},
): Promise<HostNginx> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-host-"));
  chmodSync(folder, 0o755);
  const ports = new Map<number, number>();
  const here = (path: string) => join(folder, path);
  await write(run);
  mkdirSync(here("/var/log/nginx"), { recursive: true });
  mkdirSync(here("/run"), { recursive: true });
  const main = here("/etc/nginx/nginx.conf");
  const program: RunningProcess = start("nginx", ["-c", main, "-g", "daemon off;"], here("nginx.log"));
  const nginx: HostNginx = {
    port: (listens) => ports.get(listens) ?? fail(`no process listens on ${listens}`),
    path: here,
    read: (file) => {
      try {
        return readFileSync(here(file), "utf8");
      } catch {
        return "";
      }
    },
    reload: async (next) => {
      await write(next);
      const log = () => nginx.read("/var/log/nginx/error.log");
      await reloaded(program.pid, () => process.kill(program.pid, "SIGHUP"), log);
    },
    pid: program.pid,
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const port of ports.values()) await untilListening(port, program);
  } catch (error) {
    const log = nginx.read("/var/log/nginx/error.log");
    await nginx.stop();
    throw new Error(`${error}\n${log}`);
  }
  return nginx;

  async function write(given: RunResult): Promise<void> {
    const { files } = hosts(given, { secrets: "show" }).find(({ name }) => name === host) ?? fail(`no host ${host}`);
    const ours = new Set(files.map(({ path }) => path));
    const own = (path: string) => ours.has(path) || /^\/(?:var\/log\/nginx|run)\//.test(path);
    const listens = files.flatMap(({ path, content }) =>
      path.endsWith(".conf") ? [...content!.matchAll(/^ *listen (?:.*:)?(\d+)/gm)].map(([, port]) => Number(port)) : [],
    );
    for (const port of listens) if (!ports.has(port)) ports.set(port, await freePort());
    for (const { path, content, mode } of files) {
      mkdirSync(dirname(here(path)), { recursive: true });
      const text = path.endsWith(".conf") ? rewrite(content!, own) : content!;
      writeFileSync(here(path), text);
      chmodSync(here(path), Number.parseInt(mode, 8));
    }
    // Debian's NGINX would write these where only root may.
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (part) => `${part}_temp_path ${here(`temporary-${part}`)};\n`,
    );
    const main = here("/etc/nginx/nginx.conf");
    writeFileSync(
      main,
      readFileSync(main, "utf8").replace(/"http" \{\n/, (line) => line + temporary.join("")),
    );
  }

  function rewrite(text: string, own: (path: string) => boolean): string {
    return print(
      mapWords(parse(text), (word, name) => {
        if (name === "listen" && !word.startsWith("unix:"))
          return word.replace(/^(?:.*:)?(\d+)$/, (_, port) => `127.0.0.1:${ports.get(Number(port))}`);
        if (word.startsWith("unix:")) return `unix:${sockets[word.slice(5)] ?? here(word.slice(5))}`;
        if (name === "load_module") return word.replace(debianModules, nginxModules());
        return own(word) ? here(word) : word;
      }),
    );
  }
}

function fail(reason: string): never {
  throw new Error(reason);
}
