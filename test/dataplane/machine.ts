import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianModules, missingPrograms, nginxModules, searchPath } from "../../loopback/missing";

/** A machine for the files of a host: namespaces of this one, whose /etc, /var and /usr/local are written to copies, and whose loopback is its own. */
export interface Machine {
  /** Runs a program there, as root. */
  run(program: string, ...args: string[]): Promise<{ status: number; stdout: string; stderr: string }>;
  /** Runs a line of the shell there; throws where it fails. */
  shell(line: string): Promise<string>;
  /** A port of this machine's loopback that leads to that port of its own. */
  port(port: number): Promise<number>;
  /** Leads what connects to a port there to a socket of this machine. */
  lead(port: number, socket: string): void;
  /** Ends every program there; all that they wrote is gone. */
  stop(): Promise<void>;
}

export interface MachineOptions {
  /** Accounts that packages would have made: each a user and a group. */
  accounts?: string[];
  /** Programs that are not to be the real ones, each a line of the shell. */
  programs?: Record<string, string>;
}

const asRoot = process.getuid?.() === 0;
const namespaces = [...(asRoot ? [] : ["--user", "--map-root-user", "--map-auto"]), "--mount", "--net", "--pid"];
const copied = ["/etc", "/var", "/usr/local"];

/** Makes the machine in its namespaces. It has what this machine's packages have installed. */
const setUp = (folder: string, { accounts = [], programs = {} }: MachineOptions) => `set -e
mount -t tmpfs none ${folder}
for part in ${copied.join(" ")}; do
  mkdir -p ${folder}$part/upper ${folder}$part/work
  mount -t overlay overlay -o lowerdir=$part,upperdir=${folder}$part/upper,workdir=${folder}$part/work $part
done
mount -t tmpfs none /run
mount --bind ${nginxModules()} ${debianModules}
ip link set lo up
${accounts.map((name, index) => `getent passwd ${name} >/dev/null || echo "${name}:x:${900 + index}:${900 + index}::/:/bin/false" >>/etc/passwd\ngetent group ${name} >/dev/null || echo "${name}:x:${900 + index}:" >>/etc/group`).join("\n")}
${Object.entries(programs)
  .map(
    ([name, line]) => `cat >/usr/local/bin/${name} <<'END'\n#!/bin/sh\n${line}\nEND\nchmod 755 /usr/local/bin/${name}`,
  )
  .join("\n")}
echo ready
# Ends with the process at the other end, however that ends.
exec cat
`;

/** A program that leads connections on: a socket's, whose file both machines see, to a port of its own machine, or the other way. */
const forwarder = `const net = require("net"); const [from, to] = process.argv.slice(1).map((end) => isNaN(end) ? { path: end } : { port: +end, host: "127.0.0.1" });
net.createServer((one) => { const other = net.connect(to); one.pipe(other).pipe(one);
  for (const [a, b] of [[one, other], [other, one]]) a.on("error", () => b.destroy()); }).listen(from);`;

/** Why no such machine can be made here, or undefined when one can. */
export function machineMissing(): string | undefined {
  const absent = missingPrograms("unshare", "nsenter", "ip", "nginx", "openssl", "curl");
  if (absent) return absent;
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-machine-"));
  const script = setUp(folder, {}).replace("exec cat", "");
  const { status } = spawnSync("unshare", [...namespaces, "--fork", "sh", "-c", script], { stdio: "ignore" });
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : "missing: the right to make namespaces";
}

export async function startMachine(options: MachineOptions = {}): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-machine-"));
  const child = spawn(
    "unshare",
    [...namespaces, "--fork", "--kill-child=SIGKILL", "sh", "-c", setUp(folder, options)],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  await untilReady(child);
  const target = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  const sockets = mkdtempSync(join(tmpdir(), "nginx-stacks-sockets-"));
  const servers: Server[] = [];
  const enter = ["-t", target, ...(asRoot ? [] : ["-U"]), "-m", "-n", "-p", "--"];
  const forward = (from: string, to: string) =>
    void spawn("nsenter", [...enter, process.execPath, "-e", forwarder, from, to], { stdio: "inherit" });
  // This process may be what a program there talks to: it must not wait with its hands tied.
  const run: Machine["run"] = (program, ...args) =>
    new Promise((resolve, reject) => {
      const environment = { ...process.env, PATH: `/usr/local/bin:${searchPath}:/sbin` };
      execFile("nsenter", [...enter, program, ...args], { env: environment, cwd: "/" }, (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") reject(error);
        else resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  return {
    run,
    shell: async (line) => {
      const { status, stdout, stderr } = await run("sh", "-c", line);
      if (status !== 0) throw new Error(`${line}: ${status}\n${stdout}${stderr}`);
      return stdout.trimEnd();
    },
    port: async (port) => {
      const path = join(sockets, `${port}`);
      if (!existsSync(path)) {
        forward(path, `${port}`);
        while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const server = createServer((one) => {
        const other = connect(path);
        one.pipe(other).pipe(one);
        for (const [a, b] of [[one, other] as const, [other, one] as const]) a.on("error", () => b.destroy());
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    },
    lead: (port, socket) => forward(`${port}`, socket),
    stop: async () => {
      for (const server of servers) server.close();
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
      for (const made of [folder, sockets]) rmSync(made, { recursive: true, force: true });
    },
  };
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout!.on("data", (text) => {
      said += text;
      if (said.includes("ready")) resolve();
    });
    child.stderr!.on("data", (text) => {
      said += text;
    });
    child.once("exit", () => reject(new Error(`no machine: ${said}`)));
  });
}
