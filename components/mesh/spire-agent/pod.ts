import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { defaultSeccomp, type PodPlacement, restrictedContainer } from "../../foundation";
import { agentSocketFolder } from "../mesh-reference";
import { nodeSelinuxType } from "../openshift";
import { secretVariables } from "../secret-variables";
import { meshImage } from "../versions";
import { agentAudience, agentConfigFolder, agentLayout } from "./configuration";
import { KubeletAddress, kubeletVariable, kubeletVolume } from "./kubelet";
import type { ResolvedSpireAgent } from "./resolve";

const tokenFolder = "/var/run/secrets/tokens";
const tokenName = "spire-agent";

/** Returns the placement of pods that run on every node and are evicted last. */
export const nodePlacement = (args: PodPlacement) => ({
  nodeSelector: args.nodeSelector ?? { "kubernetes.io/os": "linux" },
  tolerations: args.tolerations ?? [{ operator: "Exists" }],
  affinity: args.affinity,
  priorityClassName: args.priorityClassName ?? "system-node-critical",
  topologySpreadConstraints: args.topologySpreadConstraints,
});

/** Returns the spec of the agents' pods. They see the processes of the node, by which an agent finds the pod of a connection. */
export function renderAgentPod(args: ResolvedSpireAgent, configMapName: Input<string>): types.input.core.v1.PodSpec {
  const { mesh, kubelet } = args;
  const certificate = kubeletVolume(kubelet);
  const hostNetwork = kubelet.address === KubeletAddress.loopback;
  return {
    serviceAccountName: mesh.agentServiceAccountName,
    enableServiceLinks: false,
    imagePullSecrets: args.imagePullSecrets?.map((name) => ({ name })),
    ...nodePlacement(args),
    hostPID: true,
    ...(hostNetwork && { hostNetwork, dnsPolicy: "ClusterFirstWithHostNet" }),
    securityContext: defaultSeccomp,
    containers: [renderAgentContainer(args, certificate.volumeMounts)],
    volumes: [
      { name: "config", configMap: { name: configMapName } },
      // The pod does not start before the server has written the bundle.
      {
        name: "bundle",
        configMap: { name: mesh.bundleConfigMapName, items: [{ key: mesh.bundleKey, path: mesh.bundleKey }] },
      },
      {
        name: "token",
        projected: {
          sources: [{ serviceAccountToken: { path: tokenName, audience: agentAudience, expirationSeconds: 7200 } }],
        },
      },
      { name: "sockets", hostPath: { path: agentSocketFolder, type: "DirectoryOrCreate" } },
      { name: "data", emptyDir: { sizeLimit: "256Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ...certificate.volumes,
    ],
  };
}

function renderAgentContainer(
  args: ResolvedSpireAgent,
  certificate: types.input.core.v1.VolumeMount[],
): types.input.core.v1.Container {
  const env = [...kubeletVariable(args.kubelet), ...secretVariables(args.secretVariables)];
  return {
    name: "spire-agent",
    image: meshImage(args.images, "spireAgent"),
    args: ["-expandEnv", "-config", `${agentConfigFolder}/agent.conf`],
    ...(env.length > 0 && { env }),
    ports: [
      { name: "health", containerPort: agentLayout.healthPort },
      ...(args.monitoring ? [{ name: "metrics", containerPort: agentLayout.metricsPort }] : []),
    ],
    startupProbe: { httpGet: { path: "/live", port: "health" }, periodSeconds: 5, failureThreshold: 24 },
    livenessProbe: {
      httpGet: { path: "/live", port: "health" },
      periodSeconds: 60,
      failureThreshold: 2,
      timeoutSeconds: 3,
    },
    readinessProbe: { httpGet: { path: "/ready", port: "health" }, periodSeconds: 10, timeoutSeconds: 3 },
    resources: args.resources ?? { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    // Root, like the image's user, because the socket's folder belongs to the node.
    securityContext: {
      runAsUser: 0,
      ...restrictedContainer,
      ...(args.openshift && { seLinuxOptions: { type: nodeSelinuxType } }),
    },
    volumeMounts: [
      { name: "config", mountPath: agentConfigFolder, readOnly: true },
      { name: "bundle", mountPath: agentLayout.bundleFolder, readOnly: true },
      { name: "token", mountPath: tokenFolder, readOnly: true },
      { name: "sockets", mountPath: agentSocketFolder },
      { name: "data", mountPath: agentLayout.dataFolder },
      { name: "tmp", mountPath: "/tmp" },
      ...certificate,
    ],
  };
}
