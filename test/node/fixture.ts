import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { clusterMissing } from "../cluster/fixture";
import { debianRootMissing } from "../debian-root";
import { goPrograms } from "../go";
import { type NodeCluster, startNode } from "./node";

/** Programs and files that come from Debian, each with its package. */
const fromDebian: Record<string, string> = {
  "/usr/sbin/runc": "runc",
  "/usr/lib/cni/bridge": "containernetworking-plugins",
  "/usr/sbin/ipset": "ipset",
  "/usr/sbin/conntrack": "conntrack",
  "/usr/sbin/iptables": "iptables",
  "/usr/sbin/ip": "iproute2",
};

/** Why no node can be started here, or undefined when one can. */
export function nodeMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "root is needed for a node";
  const cluster = clusterMissing() ?? debianRootMissing();
  if (cluster !== undefined) return cluster;
  const packages = Object.keys(fromDebian).filter((file) => !existsSync(file));
  if (packages.length > 0) return `missing of Debian: ${packages.map((file) => fromDebian[file]).join(", ")}`;
  // The bridge and its rules are what a kernel may lack, or a container may forbid.
  const tried = spawnSync("unshare", ["--mount", "--net", "--pid", "--fork", "--mount-proc", "sh", "-ec", tryKernel], {
    encoding: "utf8",
  });
  if (tried.status === 0) return undefined;
  return `no node in namespaces here (${tried.error?.message ?? tried.stderr.trim().split("\n").at(-1)})`;
}

const tryKernel = `
mount -t tmpfs tmpfs /run
ip link add node0 type bridge
ip link add up0 type veth peer name up1
sysctl -qw net.bridge.bridge-nf-call-iptables=1
ipset create tried hash:ip
iptables -A FORWARD -m set --match-set tried src -m physdev --physdev-is-bridged -j ACCEPT
mkdir -p /run/lower /run/upper /run/work /run/merged
mount -t overlay overlay -o lowerdir=/run/lower,upperdir=/run/upper,workdir=/run/work /run/merged`;

const startTimeout = 25 * 60_000;

/** `describe` for tests that need pods that really run: a node is started before the first of them and ended after the last. */
export function describeNode(name: string, tests: (node: () => NodeCluster) => void): void {
  const why = nodeMissing();
  if (why !== undefined) {
    describe.skip(`node: ${why}: ${name}`, () => tests(never));
    return;
  }
  describe(`node: ${name}`, () => {
    let running: NodeCluster | undefined;
    beforeAll(async () => {
      for (const module of ["cluster", "node"]) goPrograms(module);
      running = await startNode();
    }, startTimeout);
    afterAll(() => running?.stop());
    tests(() => running ?? never());
  });
}

function never(): never {
  throw new Error("the node exists only while a test runs");
}
