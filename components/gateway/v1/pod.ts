import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { controlPlaneImage, dataPlaneImage, healthPort, imageName, metricsPort } from "../defaults";
import type { GatewayFabricV1Args } from "../gateway-fabric-v1-args";
import type { GatewayUsageReporting } from "../usage";
import type { GatewayFabricVersion } from "../versions";
import { controlPlaneFlags } from "./flags";
import { type PodVolumes, podVolumes } from "./volumes";

type Container = types.input.core.v1.Container;

/** What a pod's spec is built from, beside the arguments. */
export interface PodParts {
  version: GatewayFabricVersion;
  /** Undefined for open-source NGINX. */
  usage?: GatewayUsageReporting;
  serviceAccountName: Input<string>;
  /** Name of the ConfigMap with the files that NGINX starts with. */
  bootstrapName: Input<string>;
}

const seccompProfile = { type: "RuntimeDefault" };
const group = 1001;

/** The control plane's process: it sends signals to NGINX, for which the two share their processes. */
const controlPlaneSecurity = {
  seccompProfile,
  capabilities: { add: ["KILL"], drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsUser: 102,
  runAsGroup: group,
};

const dataPlaneSecurity = {
  seccompProfile,
  capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsUser: 101,
  runAsGroup: group,
};

const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** Spec of the pods, control plane and data plane in one: upstream's. */
export function podSpec(args: GatewayFabricV1Args, parts: PodParts): types.input.core.v1.PodSpec {
  const volumes = podVolumes(parts.bootstrapName, parts.usage);
  return {
    serviceAccountName: parts.serviceAccountName,
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: args.terminationGracePeriodSeconds ?? 30,
    securityContext: { fsGroup: group, runAsNonRoot: true },
    nodeSelector: args.nodeSelector,
    tolerations: args.tolerations,
    affinity: args.affinity,
    priorityClassName: args.priorityClassName,
    topologySpreadConstraints: args.topologySpreadConstraints,
    initContainers: [initContainer(args, parts, volumes)],
    containers: [controlPlane(args, parts, volumes), dataPlane(args, parts, volumes)],
    volumes: volumes.volumes,
  };
}

const image = (args: GatewayFabricV1Args, { version }: PodParts, of: typeof controlPlaneImage) => {
  const resolved = of(args, version);
  return { image: imageName(resolved), imagePullPolicy: resolved.pullPolicy };
};

/** Copies what NGINX starts with, and for NGINX Plus writes down in which cluster it runs. */
function initContainer(args: GatewayFabricV1Args, parts: PodParts, { bootstrap }: PodVolumes): Container {
  return {
    name: "init",
    ...image(args, parts, controlPlaneImage),
    command: [
      "/usr/bin/gateway",
      "initialize",
      "--source",
      "/includes/main.conf",
      ...(parts.usage ? ["--source", "/includes/mgmt.conf", "--nginx-plus"] : []),
      "--destination",
      "/etc/nginx/main-includes",
    ],
    env: [fromField("POD_UID", "metadata.uid")],
    securityContext: controlPlaneSecurity,
    volumeMounts: bootstrap,
  };
}

function controlPlane(args: GatewayFabricV1Args, parts: PodParts, volumes: PodVolumes): Container {
  const { metrics = {} } = args;
  return {
    name: "nginx-gateway",
    ...image(args, parts, controlPlaneImage),
    args: controlPlaneFlags(args, parts.version, parts.usage),
    env: [
      fromField("POD_IP", "status.podIP"),
      fromField("POD_NAMESPACE", "metadata.namespace"),
      fromField("POD_NAME", "metadata.name"),
      fromField("POD_UID", "metadata.uid"),
    ],
    ports: [
      ...(metrics.enabled === false ? [] : [{ name: "metrics", containerPort: metrics.port ?? metricsPort }]),
      { name: "health", containerPort: args.healthPort ?? healthPort },
    ],
    readinessProbe: { httpGet: { path: "/readyz", port: "health" }, initialDelaySeconds: 3, periodSeconds: 1 },
    resources: args.resources,
    securityContext: { ...controlPlaneSecurity, allowPrivilegeEscalation: false },
    volumeMounts: volumes.controlPlane,
  };
}

function dataPlane(args: GatewayFabricV1Args, parts: PodParts, volumes: PodVolumes): Container {
  return {
    name: "nginx",
    ...image(args, parts, dataPlaneImage),
    ports: [
      { name: "http", containerPort: 80 },
      { name: "https", containerPort: 443 },
    ],
    securityContext: dataPlaneSecurity,
    volumeMounts: volumes.dataPlane,
  };
}
