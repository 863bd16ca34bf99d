import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../loopback/ports";
import { goModuleFolder, goPrograms } from "../go";
import { type Kubectl, kubectlFor } from "./kubectl";
import type { ProcessGroup } from "./processes";
import { Hopeless, longestWaitSeconds, until } from "./until";

/** kwok does nothing without stages: these make nodes and pods Ready and complete the pods of Jobs. */
const kwokStages = [
  "node/fast/node-initialize.yaml",
  "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "pod/fast/pod-ready.yaml",
  "pod/fast/pod-complete.yaml",
  "pod/fast/pod-delete.yaml",
];

/** What a cloud brings to a cluster: PersistentVolumes for claims, addresses for Services of type LoadBalancer. */
const cloudStages = ["persistent-volume.yaml", "load-balancer.yaml"];

/** Three nodes, so that spread and anti-affinity have something to choose from. */
const nodeList = {
  apiVersion: "v1",
  kind: "List",
  items: ["node-1", "node-2", "node-3"].map((name, index) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": `zone-${index + 1}`,
      },
    },
  })),
};

/** Address of a cluster's API server for its nodes, and what its pods get addresses from. */
export interface ControlPlaneNetwork {
  address: string;
  pods: string;
}

/** Starts a Kubernetes control plane, on the loopback address if there is no network for nodes; the group's end is its end. */
export async function startControlPlane(
  group: ProcessGroup,
  kubectlProgram: string | string[],
  network?: ControlPlaneNetwork,
): Promise<{ kubeconfig: string; kubectl: Kubectl }> {
  const programs = goPrograms("cluster");
  const program = (name: string) => join(programs, name);
  const file = (name: string, content: string) => {
    writeFileSync(join(group.folder, name), content, { mode: 0o600 });
    return join(group.folder, name);
  };
  const [clientPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const etcd = `http://127.0.0.1:${clientPort}`;
  const server = `https://${network?.address ?? "127.0.0.1"}:${apiPort}`;
  const token = randomBytes(32).toString("hex");
  const serviceAccountKey = file("service-account.key", generateRsaKey());
  const certificates = join(group.folder, "certificates");
  // The API server makes its own certificate at start; the file holds its issuer too.
  const authority = join(certificates, "apiserver.crt");
  const kubeconfig = file("kubeconfig", JSON.stringify(adminKubeconfig(server, authority, token)));
  const kubectl = kubectlFor(kubectlProgram, kubeconfig);
  group.start("etcd", program("server"), [
    `--data-dir=${join(group.folder, "etcd")}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    "--unsafe-no-fsync",
  ]);
  group.start("kube-apiserver", program("kube-apiserver"), [
    `--etcd-servers=${etcd}`,
    `--bind-address=${network === undefined ? "127.0.0.1" : "0.0.0.0"}`,
    `--secure-port=${apiPort}`,
    // Without a node no pod calls it, so any address will do.
    ...(network === undefined
      ? ["--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none"]
      : [`--advertise-address=${network.address}`, "--kubelet-preferred-address-types=InternalIP"]),
    `--cert-dir=${certificates}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--token-auth-file=${file("tokens.csv", `${token},admin,admin,system:masters\n`)}`,
    "--anonymous-auth=false",
    "--authorization-mode=Node,RBAC",
    // What every cluster has: a CSI driver is privileged.
    "--allow-privileged=true",
  ]);
  await soon(group, "the API server", async () => (await kubectl(["get", "--raw=/readyz"])) === "ok" || undefined);
  group.start("kube-controller-manager", program("kube-controller-manager"), [
    `--kubeconfig=${kubeconfig}`,
    `--root-ca-file=${authority}`,
    `--service-account-private-key-file=${serviceAccountKey}`,
    "--leader-elect=false",
    "--secure-port=0",
    ...(network === undefined ? [] : ["--allocate-node-cidrs", `--cluster-cidr=${network.pods}`]),
  ]);
  group.start("kube-scheduler", program("kube-scheduler"), [
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    "--secure-port=0",
  ]);
  return { kubeconfig, kubectl };
}

/** Starts kwok and its nodes, on which no pod really runs. */
export async function startKwokNodes(group: ProcessGroup, kubeconfig: string, kubectl: Kubectl): Promise<void> {
  const stages = join(goModuleFolder("cluster", "sigs.k8s.io/kwok"), "kustomize/stage");
  group.start("kwok", join(goPrograms("cluster"), "kwok"), [
    `--kubeconfig=${kubeconfig}`,
    "--manage-all-nodes=true",
    "--cidr=10.244.0.1/16",
    "--node-lease-duration-seconds=40",
    ...kwokStages.map((name) => `--config=${join(stages, name)}`),
    ...cloudStages.map((name) => `--config=${join(__dirname, "stages", name)}`),
  ]);
  await kubectl(["apply", "-f", "-"], JSON.stringify(nodeList));
  await nodesReady(group, kubectl);
}

/** Waits until pods can be made. */
export const nodesReady = (group: ProcessGroup, kubectl: Kubectl) =>
  soon(group, "the nodes", async () => {
    await kubectl(["wait", "--for=condition=Ready", "nodes", "--all", "--timeout=5s"]);
    // Pods can be made once the controller manager has given the namespace its ServiceAccount.
    await kubectl(["get", "serviceaccount", "default"]);
    return true;
  });

/** Waits for a part of the cluster, unless one of its programs has ended. */
export const soon = <T>(group: ProcessGroup, what: string, check: () => Promise<T | undefined>): Promise<T> =>
  until(what, longestWaitSeconds, () => {
    const ended = group.ended();
    if (ended !== undefined) throw new Hopeless(ended);
    return check();
  });

const generateRsaKey = () =>
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;

// JSON is YAML, so this is a kubeconfig.
const adminKubeconfig = (server: string, authority: string, token: string) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "test", cluster: { server, "certificate-authority": authority } }],
  users: [{ name: "admin", user: { token } }],
  contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
  "current-context": "test",
});
