import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject } from "../engine";
import { nginxModules } from "./missing";
import { type Directive, mapWords, parse, print } from "./nginx-text";
import { type Container, type PodSpec, writeFiles } from "./pod";
import { freePort } from "./ports";
import { type RunningProcess, start, untilListening } from "./process";

/** The pods of rendered manifests as processes of this machine, on loopback. */
export interface Loopback {
  /** Loopback port of a container port, by the container's and the port's name. */
  port(container: string, port: string): number;
  /** Output of a container so far. */
  output(container: string): string;
  /** Path on this machine of a file that a container sees. */
  path(container: string, file: string): string;
  /** Stops every process and removes every file. */
  stop(): Promise<void>;
}

/**
 * Runs the NGINX and mosquitto containers of rendered Deployments on loopback, with the files that they would see in a cluster.
 * Only addresses and paths are changed: a port becomes a free one on 127.0.0.1, a Service's name the port behind it, a mounted path the one here.
 */
export async function runOnLoopback(objects: KubernetesObject[]): Promise<Loopback> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-"));
  chmodSync(folder, 0o711);
  const pods = objects.filter(({ kind }) => kind === "Deployment").map((deployment) => podOf(deployment));
  const ports = await allotPorts(pods);
  const addresses = serviceAddresses(objects, pods, ports);
  const processes = new Map<string, RunningProcess>();
  const loopback: Loopback = {
    port: (container, port) =>
      ports.get(`${container} ${port}`) ?? missing(`container ${container} has no port ${port}`),
    output: (container) => (processes.get(container) ?? missing(`no container ${container} runs`)).output(),
    path: (container, file) => join(folder, container, file),
    stop: async () => {
      await Promise.all([...processes.values()].map((process) => process.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const { spec } of pods) {
      for (const container of spec.initContainers ?? []) runInitContainer(container, spec, folder, objects);
      for (const container of spec.containers) {
        const root = join(folder, container.name);
        const mounts = writeFiles(root, spec, container, objects);
        takeOver(spec, container, folder);
        const here: Placement = { root, mounts, addresses, port: (number) => ports.get(`${container.name} ${number}`) };
        const process = startContainer(container, here, spec.securityContext?.runAsUser);
        if (!process) continue;
        processes.set(container.name, process);
        for (const { containerPort } of container.ports ?? [])
          await untilListening(loopback.port(container.name, `${containerPort}`), process);
      }
    }
  } catch (error) {
    await loopback.stop();
    throw error;
  }
  return loopback;
}

/** Runs the shell command of an init container, with its paths below the folder. */
function runInitContainer(container: Container, spec: PodSpec, folder: string, objects: KubernetesObject[]): void {
  const [shell, , script] = container.command ?? [];
  if (shell !== "sh" || script === undefined) return;
  const root = join(folder, container.name);
  const mounts = writeFiles(root, spec, container, objects);
  const user = process.getuid?.() === 0 ? spec.securityContext?.runAsUser : undefined;
  const here = script.replace(/(?<= )\/\S+/g, (path) => placeBelow(path, root, mounts));
  const { status, stderr } = spawnSync("sh", ["-c", here], { uid: user, gid: user, encoding: "utf8" });
  if (status !== 0) missing(`the init container ${container.name} failed: ${stderr}`);
}

/** Brings what init containers have written into volumes that a container shares with them. */
function takeOver(spec: PodSpec, container: Container, folder: string): void {
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    if (!spec.volumes?.some((volume) => volume.name === name && volume.emptyDir)) continue;
    for (const init of spec.initContainers ?? []) {
      const from = init.volumeMounts?.find((mount) => mount.name === name);
      const written = from && join(folder, init.name, from.mountPath);
      if (written && existsSync(written)) renameSync(written, join(folder, container.name, mountPath));
    }
  }
}

/** Paths, ports and peers of a container on this machine. */
interface Placement {
  root: string;
  mounts: string[];
  addresses: Map<string, string>;
  port(containerPort: string): number | undefined;
}

function startContainer(container: Container, here: Placement, user?: number): RunningProcess | undefined {
  const log = join(here.root, "..", `${container.name}.log`);
  if (container.image.includes("mosquitto")) {
    const file = join(here.root, "mosquitto/config/mosquitto.conf");
    rewrite(file, (text) =>
      text
        .replace(/^listener (\d+)$/gm, (_, port) => `listener ${here.port(port)} 127.0.0.1`)
        .replace(/(?<= )\/\S+/g, (path) => place(path, here)),
    );
    return start("mosquitto", ["-c", file], log, user);
  }
  if (container.command?.[0] === "nginx") {
    const args = (container.args ?? []).map((word) => place(word, here));
    rewriteNginx(args[args.indexOf("-c") + 1]!, here);
    // Debian builds as modules what the image has built in, and keeps them elsewhere.
    const prefix = join(here.root, "etc/nginx");
    symlinkSync(nginxModules(), join(prefix, "modules"));
    args[args.indexOf("-g") + 1] += " load_module modules/ngx_stream_module.so;";
    return start("nginx", ["-p", prefix, ...args], log, user);
  }
  return undefined;
}

function rewriteNginx(file: string, here: Placement): void {
  rewrite(file, (text) =>
    print(
      mapWords(withoutResolver(parse(text), here), (word, name) => {
        if (name === "listen") return word.replace(/^(?:.*:)?(\d+)$/, (_, port) => `127.0.0.1:${here.port(port)}`);
        if (name === "server") return here.addresses.get(word) ?? word;
        const path = place(word, here);
        if (name === "include" && existsSync(path)) rewriteNginx(path, here);
        return path;
      }),
    ),
  );
}

/** The same directives without what resolves the names of Services: these become addresses. */
function withoutResolver(directives: Directive[], here: Placement): Directive[] {
  const resolved = directives.map((directive): Directive => {
    const { words, block } = directive;
    if (block) return { words, block: withoutResolver(block, here) };
    return words[0] === "server" && here.addresses.has(words[1]!)
      ? { words: words.filter((word) => word !== "resolve") }
      : directive;
  });
  const servers = resolved.filter(({ words, block }) => words[0] === "server" && !block);
  return servers.length === 0 || servers.some(({ words }) => words.includes("resolve"))
    ? resolved
    : resolved.filter(({ words }) => words[0] !== "resolver");
}

const place = (word: string, { mounts, root }: Placement) => placeBelow(word, root, mounts);

const placeBelow = (word: string, root: string, mounts: string[]) =>
  mounts.some((mount) => word === mount || word.startsWith(`${mount}/`)) ? join(root, word) : word;

function rewrite(file: string, change: (text: string) => string): void {
  const text = readFileSync(file, "utf8");
  chmodSync(file, 0o640);
  writeFileSync(file, change(text));
}

interface Pod {
  labels: Record<string, string>;
  spec: PodSpec;
}

function podOf(deployment: KubernetesObject): Pod {
  const { metadata, spec } = (
    deployment.spec as unknown as { template: { metadata: { labels: Record<string, string> }; spec: PodSpec } }
  ).template;
  return { labels: metadata.labels, spec };
}

/** A free port for each container port, under its number and its name. */
async function allotPorts(pods: Pod[]): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const container of pods.flatMap(({ spec }) => spec.containers))
    for (const { name, containerPort } of container.ports ?? []) {
      const port = await freePort();
      for (const key of [name, `${containerPort}`]) if (key) ports.set(`${container.name} ${key}`, port);
    }
  return ports;
}

/** Returns the names by which NGINX may call a Service's port, with the loopback address of the container behind it. */
function serviceAddresses(objects: KubernetesObject[], pods: Pod[], ports: Map<string, number>): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const { kind, metadata, spec } of objects) {
    if (kind !== "Service") continue;
    const { selector, ports: servicePorts } = spec as unknown as {
      selector: Record<string, string>;
      ports: { port: number; targetPort?: string | number }[];
    };
    const behind = pods.find(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value));
    for (const { port, targetPort } of servicePorts)
      for (const container of behind?.spec.containers ?? []) {
        const local = ports.get(`${container.name} ${targetPort ?? port}`);
        const host = `${metadata.name}.${metadata.namespace}.svc`;
        if (local !== undefined)
          for (const name of [host, `${host}.cluster.local`]) addresses.set(`${name}:${port}`, `127.0.0.1:${local}`);
      }
  }
  return addresses;
}

function missing(reason: string): never {
  throw new Error(reason);
}
