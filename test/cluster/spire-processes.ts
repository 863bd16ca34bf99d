import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../engine";
import type { Cluster } from "./fixture";
import { type ProcessGroup, processGroup } from "./processes";
import { runSpire, type SpireProgram, spireProgram } from "./spire-programs";
import { longestWaitSeconds, until } from "./until";

/** Texts of a configuration for a pod, and their replacements on this machine. */
export type Replacements = Record<string, string>;

/** Replaces the named texts; one that is missing is a fault of the test. */
export function replaced(text: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce((rest, [from, to]) => {
    if (!rest.includes(from)) throw new Error(`${from} is not in the configuration:\n${rest}`);
    return rest.split(from).join(to);
  }, text);
}

/** User of a process in a pod; only root can start processes of other users. */
export const asUser = (user: number | undefined, program: string, args: string[]): [string, string[]] =>
  user === undefined
    ? [program, args]
    : ["setpriv", ["--reuid", `${user}`, "--regid", `${user}`, "--clear-groups", program, ...args]];

/** Programs of SPIRE on this machine, with their files in pods. */
export class SpireProcesses {
  readonly group: ProcessGroup = processGroup("spire");

  constructor() {
    chmodSync(this.group.folder, 0o711);
  }

  /** A path on this machine. */
  path = (...parts: string[]) => join(this.group.folder, ...parts);

  /** Makes a folder, owned by the given user. */
  folder(name: string, user?: number): string {
    mkdirSync(this.path(name), { recursive: true });
    if (user !== undefined) chownSync(this.path(name), user, user);
    return this.path(name);
  }

  /** Writes a file and makes its folder. */
  file(name: string, text: string): string {
    this.folder(join(name, ".."));
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  start(name: string, program: string, args: string[], user?: number): void {
    this.group.start(name, ...asUser(user, program, args));
  }

  /** Lets a user open the log again, as NGINX opens its standard output. */
  logOf(name: string, user: number): void {
    chownSync(this.file(`${name}.log`, ""), user, user);
  }

  startSpire = (name: string, program: SpireProgram, args: string[], user?: number) =>
    this.start(name, spireProgram(program), args, user);

  log(name: string): string {
    const path = this.path(`${name}.log`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Waits for a condition, and shows the end of a log if it does not hold in time. */
  async soon<T>(
    what: string,
    log: string,
    check: () => Promise<T | undefined> | T | undefined,
    seconds = longestWaitSeconds,
  ): Promise<T> {
    try {
      return await until(what, seconds, async () => check());
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.log(log).split("\n").slice(-25).join("\n")}`);
    }
  }

  /** Runs the command line of SPIRE over a socket. */
  async cli<T>(program: "spire-server" | "spire-agent", socket: string, ...words: string[]): Promise<T> {
    const { status, stdout, stderr } = await runSpire(program, [...words, "-socketPath", socket, "-output", "json"]);
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  }

  stop = () => this.group.stop();
}

/** Returns a kubeconfig with a token of a ServiceAccount. */
export async function kubeconfigOf(
  cluster: Cluster,
  { namespace, name }: KubernetesObject["metadata"],
): Promise<string> {
  const token = await cluster.kubectl(["create", "token", `${name}`, "-n", `${namespace}`, "--duration=1h"]);
  const config = JSON.parse(await cluster.kubectl(["config", "view", "--raw", "--minify", "-o", "json"]));
  config.users = [{ name: config.users[0].name, user: { token: token.trim() } }];
  return JSON.stringify(config);
}

/** Returns a token like the kubelet's in a pod. */
export async function podToken(
  cluster: Cluster,
  { metadata, spec }: KubernetesObject,
  options: { audience?: string; bound?: boolean } = {},
): Promise<string> {
  const { audience = "spire-server", bound = true } = options;
  const { serviceAccountName } = spec as { serviceAccountName: string };
  const { namespace, name, uid } = metadata as { namespace: string; name: string; uid: string };
  const binding = ["--bound-object-kind", "Pod", "--bound-object-name", name, "--bound-object-uid", uid];
  const args = ["create", "token", serviceAccountName, "-n", namespace, "--audience", audience];
  return (await cluster.kubectl([...args, ...(bound ? binding : [])])).trim();
}
