import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { Sidecar, type SidecarArgs, withSidecar } from "../../components/mesh/sidecar";
import { type KubernetesObject, manifests, record } from "../../engine";
import { debianModules, nginxModules } from "../../loopback/missing";
import type { PodSpec } from "../../loopback/pod";
import { type RunningProcess, start } from "../../loopback/process";
import { longestWaitSeconds } from "../cluster/until";
import type { Svid } from "./mesh-identities";
import { environment, type PodNetwork, run } from "./mesh-network";
import { nginxImage, nginxVersion } from "./nginx-version";
import { reloaded } from "./nginx-workers";

/** The mesh of these tests: root, intermediate and SPIRE's authority, so the verification depth is 2. */
export const mesh = {
  trustDomain: "mesh.example.com",
  clusterName: "cluster",
  className: "mesh",
  serverHost: "spire-server.spire-server.svc",
  serverPort: 8081,
  agentNamespace: "spire-system",
  agentServiceAccountName: "spire-agent",
  bundleConfigMapName: "spire-bundle",
  bundleKey: "bundle.crt",
  verifyDepth: 2,
  caTtlSeconds: 86_400,
};

/** Version of Debian's NGINX; the image itself is not run. */
const debian = { edition: "oss", image: nginxImage, openSourceVersion: nginxVersion } as const;

/** A rendered pod template with a sidecar, and the sidecar's files. */
export interface RenderedPod {
  spec: PodSpec & { initContainers: (PodSpec["containers"][number] & { securityContext: SecurityContext })[] };
  files: Record<string, string>;
}

interface SecurityContext {
  runAsUser: number;
  capabilities: { drop: string[]; add?: string[] };
}

export async function renderPod(args: Partial<SidecarArgs>): Promise<RenderedPod> {
  const result = await record(() => {
    const sidecar = new Sidecar("workload", { namespace: "shop", mesh, ...debian, ...args });
    const labels = { app: "workload" };
    const template = {
      metadata: { labels },
      spec: {
        serviceAccountName: "workload",
        containers: [{ name: "application", image: "registry.example.com/application:1" }],
      },
    };
    new k8s.apps.v1.Deployment("workload", {
      metadata: { namespace: "shop" },
      spec: { selector: { matchLabels: labels }, template: withSidecar(template, sidecar) },
    });
  });
  const objects = manifests(result, { secrets: "show" });
  const find = (kind: string) => objects.find((object) => object.kind === kind) as KubernetesObject;
  return {
    spec: (find("Deployment").spec as unknown as { template: { spec: RenderedPod["spec"] } }).template.spec,
    files: find("ConfigMap").data as unknown as Record<string, string>,
  };
}

const helperUser = 2102;
const applicationUser = 1000;

/** A listener of an application, or one request of a client, as mesh-node.js takes them. */
export type Listener = { protocol: "http" | "tcp" | "grpc" | "udp"; host: string; port: number };
export interface Request {
  protocol: "http" | "tcp" | "grpc" | "udp";
  host: string;
  port: number;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  authority?: string;
  identity?: { cert?: string; key?: string };
  /** Metadata of a gRPC call. */
  metadata?: Record<string, string>;
  /** Text that a tcp connection sends. */
  say?: string;
}
export interface Result {
  status?: number;
  body?: string;
  received?: string;
  code?: number;
  error?: string;
  /** Length of header X-Large of a response. */
  large?: number;
  /** Whether the metadata of a call came back in its first and last headers. */
  first?: boolean;
  last?: boolean;
}

/** A pod of processes on this machine: the rendered commands of its containers, in its network, with its files at their paths in a cluster. */
export class MeshPod {
  readonly folder = mkdtempSync(join(tmpdir(), "nginx-stacks-mesh-"));
  private readonly processes: RunningProcess[] = [];
  proxy?: RunningProcess;

  constructor(
    readonly network: PodNetwork,
    hosts: Record<string, string> = {},
  ) {
    chmodSync(this.folder, 0o711);
    for (const name of ["configuration", "identity", "run"]) {
      mkdirSync(join(this.folder, name));
      chownSync(join(this.folder, name), helperUser, helperUser);
    }
    this.names(hosts);
    const search = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"];
    writeFileSync(join(this.folder, "resolv.conf"), `search ${search.join(" ")}\nnameserver 127.0.0.1\n`);
  }

  /** Names that this pod resolves from now on. */
  names(hosts: Record<string, string>): void {
    const all = Object.entries({ localhost: "127.0.0.1", ...hosts });
    // In place, since it is mounted.
    writeFileSync(join(this.folder, "hosts"), all.map(([name, address]) => `${address} ${name}\n`).join(""));
  }

  /** Starts the application with its name and listeners. */
  async serve(name: string, listeners: Listener[], user = applicationUser): Promise<void> {
    const log = join(this.folder, `${name}.log`);
    await this.node(log, user, "serve", { name, listeners });
  }

  /** Starts a command of mesh-node.js that runs until the pod ends. */
  private async node(log: string, user: number, command: string, argument: unknown): Promise<void> {
    const process = this.start(log, user, ["node", program, command, JSON.stringify(argument)]);
    await until(
      () => process.output().includes("ready"),
      () => process.output(),
    );
  }

  /** Runs the sidecar's containers in their order, without spiffe-helper, whose files are given. */
  async sidecar(pod: RenderedPod, svid: Svid, edit = (configuration: string) => configuration): Promise<void> {
    for (const [name, text] of Object.entries(pod.files))
      writeFileSync(join(this.folder, "configuration", name), name === "nginx.conf" ? edit(text) : text);
    this.identity(svid);
    if (pod.files["nginx.conf"]!.includes("resolver"))
      await this.node(join(this.folder, "names.log"), applicationUser, "names", "/etc/hosts");
    for (const container of pod.spec.initContainers) {
      if (container.name.startsWith("mesh-redirect")) this.redirect(container);
      if (container.name === "mesh-proxy") await this.startProxy(container);
    }
  }

  /** Writes the files in place, one after another, like spiffe-helper; with a time of theirs, if that matters. */
  identity({ certificate, key, bundle }: Svid, time?: Date): void {
    const files = { "svid.pem": certificate, "svid_key.pem": key, "svid_bundle.pem": bundle };
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, "identity", name);
      writeFileSync(path, text, { mode: name === "svid_key.pem" ? 0o600 : 0o644 });
      chownSync(path, helperUser, helperUser);
      if (time) utimesSync(path, time, time);
    }
  }

  /** Signals NGINX by its pid file, as the user of spiffe-helper. */
  signal(): void {
    const pid = `${this.master}`;
    run("setpriv", [`--reuid=${helperUser}`, `--regid=${helperUser}`, "--clear-groups", "kill", "-HUP", pid]);
  }

  /** Signals NGINX, and resolves once only workers with the new certificate accept connections. */
  reload(): Promise<void> {
    return reloaded(
      this.master,
      () => this.signal(),
      () => this.proxy!.output(),
    );
  }

  private get master(): number {
    return Number(readFileSync(join(this.folder, "run", "nginx.pid"), "utf8"));
  }

  /** Sends requests from this pod, one after another. */
  ask(requests: Request[], user = applicationUser): Result[] {
    // Requests can be larger than an argument of a process.
    const [command, ...args] = this.inside(user, ["node", program, "ask", "-"]);
    return JSON.parse(run(command!, args, JSON.stringify(requests)));
  }

  /** Opens a tcp connection before it resolves; the returned function sends on it. */
  hold(request: Request): Promise<() => Promise<Result>> {
    return this.untilTold("hold", request);
  }

  /** Runs a command in this pod and returns its output, also if it fails. */
  output(command: string[], input = "", user = applicationUser, options?: string[]): string {
    const [program, ...args] = this.inside(user, command, options);
    const { stdout, stderr } = spawnSync(program!, args, { encoding: "utf8", env: environment, input });
    return stdout + stderr;
  }

  /** Sends requests without a pause; the result counts successes and lists failures. */
  load(workers: number, requests: Request[]): Promise<() => Promise<{ good: number; bad: Result[] }>> {
    return this.untilTold("load", { workers, requests });
  }

  /** Opens connections that switch protocols, and holds them until the returned function is called, which resolves with the number of each answer. */
  open(count: number, request: Request): Promise<() => Promise<Record<string, number>>> {
    return this.untilTold("open", { count, request });
  }

  /** Starts a command of mesh-node.js before it resolves; the returned function ends it. */
  private async untilTold<T>(what: string, argument: unknown): Promise<() => Promise<T>> {
    const [command, ...args] = this.inside(applicationUser, ["node", program, what, JSON.stringify(argument)]);
    const child: ChildProcess = spawn(command!, args, { stdio: ["pipe", "pipe", "inherit"], env: environment });
    let output = "";
    child.stdout!.on("data", (chunk) => (output += chunk));
    const ended = new Promise((resolve) => child.once("close", resolve));
    await until(
      () => output.startsWith("ready\n"),
      () => output,
    );
    return async () => {
      child.stdin!.end();
      await ended;
      return JSON.parse(output.slice("ready\n".length));
    };
  }

  /** Lines of the sidecar's error log. */
  errorLog(): string[] {
    return (this.proxy?.output() ?? "").split("\n").filter((line) => !line.startsWith("{"));
  }

  /** Lines of the sidecar's access log. */
  accessLog(): Record<string, string>[] {
    return (this.proxy?.output() ?? "")
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private redirect({ command = [], args = [], securityContext }: RenderedPod["spec"]["initContainers"][number]): void {
    const { runAsUser, capabilities } = securityContext;
    const added = (capabilities.add ?? []).map((name) => `+${name.toLowerCase()}`);
    const only = `--bounding-set=${["-all", ...added].join(",")}`;
    const [program, ...words] = this.inside(runAsUser, [...command, ...args], [only]);
    run(program!, words);
  }

  private async startProxy({
    command = [],
    args = [],
    securityContext,
  }: RenderedPod["spec"]["initContainers"][number]) {
    // Debian's NGINX loads as a module what the image has built in.
    const words = args.map((word) =>
      word === "daemon off;" ? `${word} load_module modules/ngx_stream_module.so;` : word,
    );
    this.proxy = this.start(join(this.folder, "proxy.log"), securityContext.runAsUser, [...command, ...words]);
    const process = this.proxy;
    const pid = join(this.folder, "run", "nginx.pid");
    await until(
      () => {
        if (!alive(process.pid)) throw new Error(`it did not start:\n${process.output()}`);
        return readable(pid);
      },
      () => process.output(),
    );
  }

  private start(log: string, user: number, command: string[]): RunningProcess {
    writeFileSync(log, "");
    chownSync(log, user, user);
    const [program, ...args] = this.inside(user, command);
    const process = start(program!, args, log);
    this.processes.push(process);
    return process;
  }

  /** Returns the command in the pod's network, as a user, with the pod's files at their paths. */
  private inside(user: number, command: string[], options: string[] = ["--bounding-set=-all"]): string[] {
    const script = [
      "set -e",
      `mount --bind ${this.folder}/hosts /etc/hosts`,
      `mount --bind ${this.folder}/resolv.conf /etc/resolv.conf`,
      `mount --bind ${nginxModules()} ${debianModules}`,
      "mount -t tmpfs tmpfs /run",
      ...["configuration", "identity", "run"].flatMap((name) => [
        `mkdir -p /run/mesh/${name}`,
        `mount --bind ${this.folder}/${name} /run/mesh/${name}`,
      ]),
      `exec setpriv --reuid=${user} --regid=${user} --clear-groups --inh-caps=-all ${options.join(" ")} "$@"`,
    ].join("\n");
    const enter = ["nsenter", `--net=/run/netns/${this.network.namespace}`, "unshare", "--mount"];
    return [...enter, "sh", "-c", script, "sh", ...command];
  }
}

const program = join(__dirname, "mesh-node.js");

function readable(path: string): boolean {
  try {
    return readFileSync(path, "utf8") !== "";
  } catch {
    return false;
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, explain: () => string): Promise<void> {
  for (const end = Date.now() + longestWaitSeconds * 1000; !condition(); ) {
    if (Date.now() > end) throw new Error(`it did not start:\n${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
