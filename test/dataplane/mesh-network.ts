import { spawnSync } from "node:child_process";
import { searchPath } from "../../loopback/missing";

/** Returns the reason why network namespaces cannot be made here, or undefined. */
export function namespacesMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root, for network namespaces";
  const name = `mesh-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name], { env: environment });
  if (made.error || made.status !== 0) return "no network namespace can be made";
  const nat = spawnSync("ip", ["netns", "exec", name, "iptables-nft", "-t", "nat", "-L"], { env: environment });
  spawnSync("ip", ["netns", "del", name], { env: environment });
  return nat.status === 0 ? undefined : "iptables does not work in a network namespace";
}

export const environment = { ...process.env, PATH: searchPath };

/** Runs a command, and throws its error output. */
export function run(command: string, args: string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", env: environment, input });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Network of a pod: a namespace and its addresses. */
export interface PodNetwork {
  namespace: string;
  address: string;
  address6: string;
}

const prefix = { v4: "10.244.0.", v6: "fd00:244::" };
let made = 0;

/** A node that routes between its pods, each a network namespace of this process. */
export class MeshNetwork {
  readonly node: PodNetwork;
  private readonly namespaces: string[] = [];

  constructor() {
    this.node = this.namespace(1);
    for (const key of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"])
      run("ip", ["netns", "exec", this.node.namespace, "sh", "-c", `echo 1 > /proc/sys/net/${key}`]);
    this.ip(this.node, "addr", "add", `${this.node.address}/32`, "dev", "lo");
  }

  /** Returns the network of a new pod. */
  pod(): PodNetwork {
    const number = this.namespaces.length + 1;
    const pod = this.namespace(number);
    const link = `pod${number}`;
    run("ip", [
      "-n",
      this.node.namespace,
      "link",
      "add",
      link,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      pod.namespace,
    ]);
    this.ip(pod, "addr", "add", `${pod.address}/32`, "dev", "eth0");
    this.ip(pod, "addr", "add", `${pod.address6}/128`, "dev", "eth0", "nodad");
    this.ip(pod, "link", "set", "eth0", "up");
    this.ip(this.node, "link", "set", link, "up");
    // Unlike ARP, discovery of neighbours answers for the interface's own addresses only.
    this.ip(this.node, "addr", "add", `${this.node.address6}/128`, "dev", link, "nodad");
    this.ip(this.node, "route", "add", pod.address, "dev", link);
    this.ip(this.node, "-6", "route", "add", pod.address6, "dev", link);
    this.ip(pod, "route", "add", this.node.address, "dev", "eth0");
    this.ip(pod, "route", "add", "default", "via", this.node.address);
    this.ip(pod, "-6", "route", "add", this.node.address6, "dev", "eth0");
    this.ip(pod, "-6", "route", "add", "default", "via", this.node.address6, "dev", "eth0");
    return pod;
  }

  /** Removes all namespaces. */
  remove(): void {
    for (const name of this.namespaces.splice(0)) spawnSync("ip", ["netns", "del", name], { env: environment });
  }

  private namespace(number: number): PodNetwork {
    const namespace = `mesh-${process.pid}-${++made}`;
    run("ip", ["netns", "add", namespace]);
    this.namespaces.push(namespace);
    const network = { namespace, address: `${prefix.v4}${number}`, address6: `${prefix.v6}${number.toString(16)}` };
    this.ip(network, "link", "set", "lo", "up");
    // Container runtimes set this too.
    run("ip", ["netns", "exec", namespace, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start"]);
    return network;
  }

  private ip({ namespace }: PodNetwork, ...args: string[]): void {
    run("ip", ["-n", namespace, ...args]);
  }
}
