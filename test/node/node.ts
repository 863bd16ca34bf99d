import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { KubernetesObject } from "../../engine";
import { nodesReady, soon, startControlPlane } from "../cluster/control-plane";
import { type Cluster, connect } from "../cluster/fixture";
import { type ProcessGroup, processGroup } from "../cluster/processes";
import { goPrograms } from "../go";
import { clusterDnsAddress, clusterDnsObjects } from "./cluster-dns";
import { writeImage } from "./image";
import { imageContent, pauseImage } from "./images";

/** A cluster of one node on which pods really run. */
export interface NodeCluster extends Cluster {
  /** Runs a program in the node's network and returns its output. */
  onNode(program: string, ...args: string[]): { status: number | null; output: string };
  /** Returns the words before a command that runs in the network of the pod with this address. */
  inPod(address: string): string[];
  stop(): Promise<void>;
}

// Pods that end take their networks away meanwhile; a network that is not found is an error of the caller.
const findPod = `
for network in /run/netns/*; do
  nsenter --net="$network" ip -4 -o address show 2> /dev/null | grep -qF " $0/" && echo "$network"
done`;

const network = { address: "192.0.2.1", pods: "10.244.0.0/16" };
const podNetwork = "10.244.0.0/24";

// A bridge carries the node's address, since not every kernel has dummy devices. Nothing leads out of it: the default route ends there.
// Folders in which programs keep something of their own are empty and in memory. The kubelet writes six settings of the whole kernel unless it
// reads the value that it wants, so it reads files instead.
const setUp = `set -e
mount --make-rshared /
for folder in /run /var/lib /var/log "$0/state"; do mount -t tmpfs tmpfs "$folder"; done
ip link set lo up
ip link add node0 type bridge
ip link add up0 type veth peer name up1
ip link set up0 master node0
for device in up0 up1 node0; do ip link set "$device" up; done
ip addr add ${network.address}/24 dev node0
ip route add default dev node0
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.all.route_localnet=1
mkdir /run/kernel
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \\
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=/run/kernel/$(basename "\${setting%=*}")
  echo "\${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/\${setting%=*}"
done
touch "$0/ready"
exec sleep infinity`;

/** A cgroup of the node's own below each hierarchy that the host has: one of version 2, or one for each controller. */
const cgroups = (name: string) =>
  ["", ...readdirSync("/sys/fs/cgroup")]
    .map((hierarchy) => join("/sys/fs/cgroup", hierarchy))
    .filter(
      (folder, index) =>
        existsSync(join(folder, "cgroup.procs")) && (index === 0 || !lstatSync(folder).isSymbolicLink()),
    )
    .filter((_, index, all) => index === 0 || all[0] !== "/sys/fs/cgroup")
    .map((folder) => join(folder, name));

// Processes that were killed leave their cgroup a little later.
const removeCgroups = (folder: string) => `
  for try in 1 2 3 4 5 6 7 8 9 10; do
    found=
    for group in ${cgroups(basename(folder)).join(" ")}; do
      [ ! -d "$group" ] || { find "$group" -depth -type d -exec rmdir {} + || found=1; } 2> /dev/null
    done
    [ "$found" ] || break
    sleep 0.3
  done`;

/** Starts a control plane and a node in namespaces of their own, which end with the process that this one started. */
export async function startNode(): Promise<NodeCluster> {
  const host = processGroup("node", removeCgroups);
  try {
    mkdirSync(join(host.folder, "state"));
    for (const folder of cgroups(basename(host.folder))) mkdirSync(folder);
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const pid = host.start("namespaces", "unshare", [...namespaces, "sh", "-c", setUp, host.folder]);
    await soon(host, "the node's namespaces", async () => existsSync(join(host.folder, "ready")) || undefined);
    const inside = ["nsenter", `--mount=/proc/${pid}/ns/mnt`, `--net=/proc/${pid}/ns/net`];
    const enter = [...inside, `--pid=/proc/${pid}/ns/pid_for_children`];
    const group: ProcessGroup = {
      ...host,
      start: (name, program, args) => host.start(name, enter[0]!, [...enter.slice(1), "--", program, ...args]),
    };
    const [containers, { kubeconfig, kubectl }] = await Promise.all([
      startContainerd(group, inside),
      startControlPlane(group, [...inside, "--", join(goPrograms("cluster"), "kubectl")], network),
    ]);
    await containers.provide([pauseImage, ...imagesOf(clusterDnsObjects)]);
    startKubelet(group, kubeconfig, containers.socket);
    await kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(list(clusterDnsObjects)));
    await nodesReady(group, kubectl);
    startEnforcer(group, kubeconfig);
    const cluster = connect(kubectl, kubeconfig);
    const onNode: NodeCluster["onNode"] = (program, ...args) => {
      const command = [...inside.slice(1), "--", program, ...args];
      const { status, stdout, stderr } = spawnSync(inside[0]!, command, { encoding: "utf8" });
      return { status, output: stdout + stderr };
    };
    return {
      ...cluster,
      onNode,
      inPod(address) {
        const { output } = onNode("sh", "-c", findPod, address);
        const networks = output.trim().split("\n");
        if (networks.length !== 1 || networks[0] === "") throw new Error(`no network of ${address}: ${output}`);
        return [...inside, "--", "nsenter", `--net=${networks[0]}`, "--"];
      },
      async apply(objects) {
        await containers.provide(imagesOf(objects));
        await cluster.apply(objects);
      },
      stop: host.stop,
    };
  } catch (error) {
    await host.stop();
    throw error;
  }
}

const list = (items: KubernetesObject[]) => ({ apiVersion: "v1", kind: "List", items });

/** Images that the pods of these objects name. */
export function imagesOf(objects: KubernetesObject[]): string[] {
  const images = new Set<string>();
  JSON.stringify(objects, (key, value) => {
    if (key === "image" && typeof value === "string") images.add(value);
    return value;
  });
  return [...images];
}

async function startContainerd(group: ProcessGroup, inside: string[]) {
  const programs = goPrograms("node");
  const state = join(group.folder, "state");
  const socket = "/run/containerd/containerd.sock";
  const cni = join(group.folder, "cni");
  mkdirSync(cni);
  writeFileSync(join(cni, "10-bridge.conflist"), JSON.stringify(bridge));
  const configuration = join(group.folder, "containerd.toml");
  writeFileSync(configuration, containerdConfiguration(programs, state, socket, cni));
  group.start("containerd", "env", [
    `PATH=${programs}:${process.env.PATH}`,
    join(programs, "containerd"),
    "-c",
    configuration,
  ]);
  const ctr = (...args: string[]) =>
    spawnSync(inside[0]!, [...inside.slice(1), "--", join(programs, "ctr"), "-a", socket, "-n", "k8s.io", ...args], {
      encoding: "utf8",
    });
  await soon(group, "containerd", async () => ctr("version").status === 0 || undefined);
  const provided = new Set<string>();
  return {
    socket,
    /** Makes the images that can be had and that the node has not yet. */
    async provide(references: string[]) {
      for (const reference of references.filter((one) => !provided.has(one))) {
        const content = imageContent(reference);
        if (content === undefined) continue;
        const archive = join(group.folder, "image.tar");
        writeImage(archive, reference, content);
        const { status, stdout, stderr } = ctr("images", "import", archive);
        rmSync(archive);
        if (status !== 0) throw new Error(`ctr images import of ${reference}: ${stdout}${stderr}`);
        provided.add(reference);
      }
    },
  };
}

// Without masquerading (`ipMasq`), packets of pods stay in the namespace.
const bridge = {
  cniVersion: "0.4.0",
  name: "bridge",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: podNetwork }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

const containerdConfiguration = (programs: string, state: string, socket: string, cni: string) => `
version = 3
root = "${state}/containerd"
state = "/run/containerd/state"
disabled_plugins = ["io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp", "io.containerd.nri.v1.nri"]
[grpc]
  address = "${socket}"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime']
  enable_selinux = false
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${cni}"
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    runtime_path = "${programs}/containerd-shim-runc-v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = "/usr/sbin/runc"
      SystemdCgroup = false
`;

function startKubelet(group: ProcessGroup, kubeconfig: string, socket: string): void {
  const programs = goPrograms("cluster");
  const state = join(group.folder, "state");
  const configuration = join(group.folder, "kubelet.json");
  writeFileSync(
    configuration,
    JSON.stringify({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
      authorization: { mode: "AlwaysAllow" },
      cgroupDriver: "cgroupfs",
      cgroupRoot: `/${basename(group.folder)}`,
      failCgroupV1: false,
      failSwapOn: false,
      // The image is there already, and no registry can be asked for it.
      imagePullCredentialsVerificationPolicy: "NeverVerify",
      containerRuntimeEndpoint: `unix://${socket}`,
      clusterDomain: "cluster.local",
      clusterDNS: [clusterDnsAddress],
      resolvConf: "",
      imageGCHighThresholdPercent: 100,
      evictionHard: {
        "imagefs.available": "0%",
        "nodefs.available": "0%",
        "nodefs.inodesFree": "0%",
        "memory.available": "50Mi",
      },
      enforceNodeAllocatable: [],
      volumePluginDir: join(state, "plugins"),
      podLogsDir: join(state, "logs"),
      // Sooner than the defaults, which spare a cluster of thousands.
      syncFrequency: "10s",
      maxPods: 250,
    }),
  );
  group.start("kubelet", join(programs, "kubelet"), [
    `--config=${configuration}`,
    `--kubeconfig=${kubeconfig}`,
    // The folder that drivers of volumes mount, which is the node's own.
    "--root-dir=/var/lib/kubelet",
    "--hostname-override=node-1",
    `--node-ip=${network.address}`,
    `--cert-dir=${state}/kubelet-certificates`,
    "--v=2",
  ]);
  group.start("kube-proxy", join(programs, "kube-proxy"), [
    `--kubeconfig=${kubeconfig}`,
    "--hostname-override=node-1",
    `--cluster-cidr=${podNetwork}`,
    "--proxy-mode=iptables",
    // These are settings of the whole kernel.
    "--conntrack-max-per-core=0",
    "--conntrack-tcp-timeout-established=0",
    "--conntrack-tcp-timeout-close-wait=0",
  ]);
}

/** kube-router, of which only the part that enforces NetworkPolicies runs. */
function startEnforcer(group: ProcessGroup, kubeconfig: string): void {
  group.start("kube-router", join(goPrograms("node"), "kube-router"), [
    `--kubeconfig=${kubeconfig}`,
    "--hostname-override=node-1",
    "--run-router=false",
    "--run-service-proxy=false",
    "--run-firewall=true",
    "--enable-cni=false",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--health-port=0",
    "-v=1",
  ]);
}
