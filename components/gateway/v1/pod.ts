import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { defaultSeccomp } from "../../foundation";
import { imageName, type ResolvedImage } from "../defaults";
import { controlPlaneFlags } from "./flags";
import type { ResolvedGatewayFabricV1 } from "./resolve";
import { type PodVolumes, podVolumes } from "./volumes";

type Container = types.input.core.v1.Container;

const group = 1001;

/** The control plane's process: it sends signals to NGINX, for which the two share their processes. */
const controlPlaneSecurity = {
  ...defaultSeccomp,
  capabilities: { add: ["KILL"], drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsUser: 102,
  runAsGroup: group,
};

const dataPlaneSecurity = {
  ...defaultSeccomp,
  capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsUser: 101,
  runAsGroup: group,
};

const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/**
 * Returns the spec of the pods, control plane and data plane in one: upstream's.
 *
 * @param bootstrapName name of the ConfigMap with the files that NGINX starts with
 */
export function podSpec(resolved: ResolvedGatewayFabricV1, bootstrapName: Input<string>): types.input.core.v1.PodSpec {
  const volumes = podVolumes(bootstrapName, resolved.usage);
  return {
    serviceAccountName: resolved.release,
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: resolved.terminationGracePeriodSeconds,
    securityContext: { fsGroup: group, runAsNonRoot: true },
    ...resolved.placement,
    initContainers: [initContainer(resolved, volumes)],
    containers: [controlPlane(resolved, volumes), dataPlane(resolved, volumes)],
    volumes: volumes.volumes,
  };
}

const image = (resolved: ResolvedImage) => ({ image: imageName(resolved), imagePullPolicy: resolved.pullPolicy });

/** Returns the container that copies the files of NGINX's start, and for NGINX Plus records the cluster. */
function initContainer({ controlPlaneImage, usage }: ResolvedGatewayFabricV1, { bootstrap }: PodVolumes): Container {
  return {
    name: "init",
    ...image(controlPlaneImage),
    command: [
      "/usr/bin/gateway",
      "initialize",
      "--source",
      "/includes/main.conf",
      ...(usage ? ["--source", "/includes/mgmt.conf", "--nginx-plus"] : []),
      "--destination",
      "/etc/nginx/main-includes",
    ],
    env: [fromField("POD_UID", "metadata.uid")],
    securityContext: controlPlaneSecurity,
    volumeMounts: bootstrap,
  };
}

function controlPlane(resolved: ResolvedGatewayFabricV1, volumes: PodVolumes): Container {
  const { monitoring, healthPort } = resolved;
  return {
    name: "nginx-gateway",
    ...image(resolved.controlPlaneImage),
    args: controlPlaneFlags(resolved),
    env: [
      fromField("POD_IP", "status.podIP"),
      fromField("POD_NAMESPACE", "metadata.namespace"),
      fromField("POD_NAME", "metadata.name"),
      fromField("POD_UID", "metadata.uid"),
    ],
    ports: [
      ...(monitoring.enabled ? [{ name: "metrics", containerPort: monitoring.port }] : []),
      { name: "health", containerPort: healthPort },
    ],
    readinessProbe: { httpGet: { path: "/readyz", port: "health" }, initialDelaySeconds: 3, periodSeconds: 1 },
    resources: resolved.resources,
    securityContext: { ...controlPlaneSecurity, allowPrivilegeEscalation: false },
    volumeMounts: volumes.controlPlane,
  };
}

function dataPlane({ dataPlaneImage }: ResolvedGatewayFabricV1, volumes: PodVolumes): Container {
  return {
    name: "nginx",
    ...image(dataPlaneImage),
    ports: [
      { name: "http", containerPort: 80 },
      { name: "https", containerPort: 443 },
    ],
    securityContext: dataPlaneSecurity,
    volumeMounts: volumes.dataPlane,
  };
}
