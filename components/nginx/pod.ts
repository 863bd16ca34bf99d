import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { restrictedContainer, restrictedPod } from "../foundation";
import { mainFile } from "./configuration";
import { exporterContainer } from "./monitoring";
import { type ConfigMapKeys, podVolumes, type SecretVolume } from "./mounts";
import { managementPort, NginxPortProtocol } from "./ports";
import type { ResolvedNginx } from "./resolve";

/** User and groups of the images for unprivileged users. */
const imageUser = 101;

// Time for a Service to stop sending to a pod that ends, before NGINX closes its ports, and for the last worker to leave.
const leaveServiceSeconds = 5;
const marginSeconds = 5;

/** Parts of a pod's spec that are made beside it. */
export interface PodParts {
  serviceAccountName: Input<string>;
  configMaps: ConfigMapKeys[];
  secrets: SecretVolume[];
  /** Labels by which these pods, and no others, are found. */
  selector: Record<string, Input<string>>;
}

/** Spec of the pods. */
export function podSpec(nginx: ResolvedNginx, parts: PodParts): types.input.core.v1.PodSpec {
  const { edition, drainSeconds, imagePullSecrets, monitoring, placement } = nginx;
  const { volumes, volumeMounts } = podVolumes(edition, parts.configMaps, nginx.files, parts.secrets);
  return {
    serviceAccountName: parts.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: imagePullSecrets?.map((name) => ({ name })),
    ...placement,
    topologySpreadConstraints: placement.topologySpreadConstraints ?? [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: parts.selector },
      },
    ],
    securityContext: restrictedPod(nginx.openshift ? undefined : imageUser),
    terminationGracePeriodSeconds: leaveServiceSeconds + drainSeconds + marginSeconds,
    containers: [
      nginxContainer(nginx, volumeMounts),
      ...(monitoring ? [exporterContainer(edition, monitoring, restrictedContainer)] : []),
    ],
    volumes,
  };
}

function nginxContainer(
  { image, pullAlways, ports, resources }: ResolvedNginx,
  volumeMounts: types.input.core.v1.VolumeMount[],
): types.input.core.v1.Container {
  return {
    name: "nginx",
    image,
    // F5 rebuilds a release's tag for every patch; a node may have kept an older image of it.
    ...(pullAlways && { imagePullPolicy: "Always" }),
    command: ["nginx"],
    args: ["-e", "stderr", "-c", `${mainFile.folder}/${mainFile.name}`, "-g", "daemon off;"],
    ports: [
      ...ports.map(({ name, targetPort, protocol }) => ({ name, containerPort: targetPort, protocol })),
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
    resources,
    securityContext: restrictedContainer,
    volumeMounts,
  };
}
