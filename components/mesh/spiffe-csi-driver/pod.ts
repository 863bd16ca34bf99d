import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { agentSocketFolder } from "../mesh-reference";
import { containerFileType } from "../openshift";
import { nodePlacement } from "../spire-agent";
import type { ResolvedDriver } from "./spiffe-csi-driver";

type Container = types.input.core.v1.Container;

const registrarHealthPort = 9809;
const csiSocket = "/spiffe-csi/csi.sock";

/** Returns the spec of the driver's pods. */
export function renderDriverPod(
  args: ResolvedDriver,
  serviceAccountName: Input<string>,
  images: { driver: Input<string>; registrar: Input<string>; selinux: Input<string> },
): types.input.core.v1.PodSpec {
  const { kubeletFolder, name: driverName } = args;
  const pods = `${kubeletFolder}/pods`;
  const plugin = `${kubeletFolder}/plugins/${driverName}`;
  const folder = (name: string, path: string, type: string) => ({ name, hostPath: { path, type } });
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: args.imagePullSecrets?.map((name) => ({ name })),
    ...nodePlacement(args),
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    ...(args.openshift && { initContainers: [renderSelinuxContainer(args, images.selinux)] }),
    containers: [
      renderDriverContainer(args, driverName, images.driver, pods),
      renderRegistrarContainer(args, `${plugin}/csi.sock`, images.registrar),
    ],
    volumes: [
      // A folder of the node: the agent's restart would break mounts of a folder in its pod.
      folder("agent-sockets", agentSocketFolder, "DirectoryOrCreate"),
      folder("csi-socket", plugin, "DirectoryOrCreate"),
      folder("pods", pods, "Directory"),
      folder("registration", `${kubeletFolder}/plugins_registry`, "Directory"),
    ],
  };
}

const resourcesOf = (args: ResolvedDriver) =>
  args.resources ?? { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } };

/** Returns the container that gives the socket's folder an SELinux type that containers may use; the socket inherits it. */
const renderSelinuxContainer = (args: ResolvedDriver, image: Input<string>): Container => ({
  name: "selinux",
  image,
  command: ["chcon", "-R", "-t", containerFileType, "/spire-agent-socket"],
  resources: resourcesOf(args),
  securityContext: { privileged: true, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
  volumeMounts: [{ name: "agent-sockets", mountPath: "/spire-agent-socket" }],
});

function renderDriverContainer(
  args: ResolvedDriver,
  driverName: string,
  image: Input<string>,
  pods: string,
): Container {
  return {
    name: "spiffe-csi-driver",
    image,
    args: [
      ...["-workload-api-socket-dir", "/spire-agent-socket"],
      ...["-plugin-name", driverName],
      ...["-csi-socket-path", csiSocket],
    ],
    env: [{ name: "MY_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
    resources: resourcesOf(args),
    // Only a privileged container may propagate its mounts to the node.
    securityContext: { privileged: true, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "agent-sockets", mountPath: "/spire-agent-socket", readOnly: true },
      { name: "csi-socket", mountPath: "/spiffe-csi" },
      { name: "pods", mountPath: pods, mountPropagation: "Bidirectional" },
    ],
  };
}

function renderRegistrarContainer(args: ResolvedDriver, registered: string, image: Input<string>): Container {
  return {
    name: "node-driver-registrar",
    image,
    args: [
      ...["-csi-address", csiSocket],
      ...["-kubelet-registration-path", registered],
      ...["-health-port", `${registrarHealthPort}`],
    ],
    ports: [{ name: "health", containerPort: registrarHealthPort }],
    livenessProbe: { httpGet: { path: "/healthz", port: "health" }, initialDelaySeconds: 5, timeoutSeconds: 5 },
    resources: resourcesOf(args),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { name: "csi-socket", mountPath: "/spiffe-csi" },
      { name: "registration", mountPath: "/registration" },
    ],
  };
}
