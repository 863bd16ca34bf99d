import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { defaultDrainSeconds, mainFile } from "./configuration";
import { Edition } from "./edition";
import { nginxImage } from "./image";
import { exporterContainer } from "./monitoring";
import { type ConfigMapKeys, type FileVolume, podVolumes, type SecretVolume } from "./mounts";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { managementPort, NginxPortProtocol } from "./ports";

/** User and groups of the images for unprivileged users. */
const imageUser = 101;

// Time for a Service to stop sending to a pod that ends, before NGINX closes its ports, and for the last worker to leave.
const leaveServiceSeconds = 5;
const marginSeconds = 5;

const container: types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/** What a pod's spec is built from, beside the arguments. */
export interface PodParts {
  serviceAccountName: Input<string>;
  configMaps: ConfigMapKeys[];
  files: FileVolume[];
  secrets: SecretVolume[];
  /** Labels by which these pods, and no others, are found. */
  selector: Record<string, Input<string>>;
}

/** Spec of the pods. */
export function podSpec(args: NginxPlusArgs, parts: PodParts): types.input.core.v1.PodSpec {
  const { edition = Edition.plus, drainSeconds = defaultDrainSeconds, imagePullSecrets, monitoring } = args;
  const { volumes, volumeMounts } = podVolumes(edition, parts.configMaps, parts.files, parts.secrets);
  return {
    serviceAccountName: parts.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: imagePullSecrets?.map((name) => ({ name })),
    nodeSelector: args.nodeSelector,
    tolerations: args.tolerations,
    affinity: args.affinity,
    priorityClassName: args.priorityClassName,
    topologySpreadConstraints: args.topologySpreadConstraints ?? [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: parts.selector },
      },
    ],
    securityContext: {
      runAsNonRoot: true,
      ...(args.openshift ? {} : { runAsUser: imageUser, runAsGroup: imageUser, fsGroup: imageUser }),
      seccompProfile: { type: "RuntimeDefault" },
    },
    terminationGracePeriodSeconds: leaveServiceSeconds + drainSeconds + marginSeconds,
    containers: [
      nginxContainer(args, edition, volumeMounts),
      ...(monitoring ? [exporterContainer(edition, monitoring, args.registry, container)] : []),
    ],
    volumes,
  };
}

function nginxContainer(
  args: NginxPlusArgs,
  edition: Edition,
  volumeMounts: types.input.core.v1.VolumeMount[],
): types.input.core.v1.Container {
  const { image, release, registry, ports } = args;
  return {
    name: "nginx",
    image: image ?? nginxImage(edition, release, registry),
    // F5 rebuilds a release's tag for every patch; what a node has kept of it may be an older one.
    ...(image === undefined && edition === Edition.plus && { imagePullPolicy: "Always" }),
    command: ["nginx"],
    args: ["-e", "stderr", "-c", `${mainFile.folder}/${mainFile.name}`, "-g", "daemon off;"],
    ports: [
      ...ports.map(({ name, port, targetPort, protocol }) => ({
        name,
        containerPort: targetPort ?? port,
        protocol: protocol ?? NginxPortProtocol.tcp,
      })),
      { name: managementPort.name, containerPort: managementPort.port, protocol: NginxPortProtocol.tcp },
    ],
    // No liveness probe: NGINX replaces workers that die, and its own end is the pod's. A restart mends no missing report.
    readinessProbe: {
      httpGet: { path: "/healthz", port: managementPort.name },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 3,
    },
    // The image's stop signal, QUIT, follows: NGINX drains until worker_shutdown_timeout.
    lifecycle: { preStop: { sleep: { seconds: leaveServiceSeconds } } },
    resources: args.resources ?? {
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { memory: "512Mi" },
    },
    securityContext: container,
    volumeMounts,
  };
}
