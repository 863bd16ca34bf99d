import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { restrictedContainer, restrictedPod } from "../../foundation";
import { secretVariables } from "../secret-variables";
import { meshImage } from "../versions";
import { configFolder, managerFile, managerPorts, serverFile, serverLayout, socketFolder } from "./layout";
import type { ResolvedSpireServer } from "./resolve";
import type { UpstreamParts } from "./upstream";

type Container = types.input.core.v1.Container;

/** User and groups of the server's image. The controller manager has the same user, because of the socket. */
const imageUser = 1000;
const dataVolume = "data";

/** Objects that the pods refer to. */
export interface ServerPodParts {
  serviceAccountName: Input<string>;
  configMapName: Input<string>;
  upstream: UpstreamParts;
  /** Environment variable with the connection string of a database, or none. */
  database: types.input.core.v1.EnvVar[];
  /** Secrets mounted for the database. */
  databaseFolders: { name: string; mountPath: string; volume: Omit<types.input.core.v1.Volume, "name"> }[];
  selector: Record<string, Input<string>>;
}

/** Returns the spec of the server's pods. */
export function renderServerPod(args: ResolvedSpireServer, parts: ServerPodParts): types.input.core.v1.PodSpec {
  const { selector, upstream } = parts;
  return {
    serviceAccountName: parts.serviceAccountName,
    enableServiceLinks: false,
    imagePullSecrets: args.imagePullSecrets?.map((name) => ({ name })),
    nodeSelector: args.nodeSelector,
    tolerations: args.tolerations,
    affinity: args.affinity,
    priorityClassName: args.priorityClassName,
    topologySpreadConstraints: args.topologySpreadConstraints ?? [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selector },
      },
    ],
    securityContext: restrictedPod(args.openshift ? undefined : imageUser),
    containers: [renderServerContainer(args, parts), renderManagerContainer(args)],
    volumes: [
      { name: "config", configMap: { name: parts.configMapName } },
      ...["server-socket", "server-tmp", "manager-tmp"].map((name) => ({ name, emptyDir: { sizeLimit: "64Mi" } })),
      ...(args.storage?.volume ? [] : [{ name: dataVolume, emptyDir: { sizeLimit: "1Gi" } }]),
      ...parts.databaseFolders.map(({ name, volume }) => ({ name, ...volume })),
      ...upstream.folders.map(({ name, volume }) => ({ name: `upstream-${name}`, ...volume })),
    ],
  };
}

/** Returns the volume claim of each replica. */
export function renderVolumeClaims({
  storage,
}: ResolvedSpireServer): types.input.core.v1.PersistentVolumeClaim[] | undefined {
  if (!storage?.volume) return undefined;
  return [
    {
      metadata: { name: dataVolume },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: storage.volume.storageClass,
        resources: { requests: { storage: storage.volume.size } },
      },
    },
  ];
}

function renderServerContainer(
  args: ResolvedSpireServer,
  { upstream, database, databaseFolders }: ServerPodParts,
): Container {
  const env = [...database, ...upstream.env, ...secretVariables(args.secretVariables)];
  return {
    name: "spire-server",
    image: meshImage(args.images, "spireServer"),
    args: ["-expandEnv", "-config", `${configFolder}/${serverFile}`],
    ...(env.length > 0 && { env }),
    ports: [
      { name: "grpc", containerPort: serverLayout.serverPort },
      { name: "health", containerPort: serverLayout.healthPort },
      ...(args.monitoring ? [{ name: "metrics", containerPort: serverLayout.metricsPort }] : []),
    ],
    ...probes("health", "/live", "/ready"),
    resources: args.resources ?? { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "config", mountPath: configFolder, readOnly: true },
      { name: dataVolume, mountPath: serverLayout.dataFolder },
      { name: "server-tmp", mountPath: "/tmp" },
      { name: "server-socket", mountPath: socketFolder },
      ...databaseFolders.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
      ...upstream.folders.map(({ name }) => ({
        name: `upstream-${name}`,
        mountPath: `${serverLayout.upstreamFolder}/${name}`,
        readOnly: true,
      })),
    ],
  };
}

function renderManagerContainer(args: ResolvedSpireServer): Container {
  const webhook = args.validatingWebhook;
  return {
    name: "spire-controller-manager",
    image: meshImage(args.images, "controllerManager"),
    args: [`--config=${configFolder}/${managerFile}`],
    env: [{ name: "ENABLE_WEBHOOKS", value: `${webhook}` }],
    ports: [
      ...(webhook ? [{ name: "webhook", containerPort: managerPorts.webhook }] : []),
      { name: "manager-health", containerPort: managerPorts.health },
      ...(args.monitoring ? [{ name: "manager-metrics", containerPort: managerPorts.metrics }] : []),
    ],
    ...probes("manager-health", "/healthz", "/readyz"),
    resources: args.controllerManagerResources ?? {
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { memory: "256Mi" },
    },
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "config", mountPath: configFolder, readOnly: true },
      // The controller manager writes the certificate of its webhook below /tmp.
      { name: "manager-tmp", mountPath: "/tmp" },
      { name: "server-socket", mountPath: socketFolder, readOnly: true },
    ],
  };
}

/** Returns the probes. The first start takes time: SPIRE makes keys, and an upstream authority may be slow. */
const probes = (port: string, live: string, ready: string) => ({
  startupProbe: { httpGet: { path: live, port }, periodSeconds: 5, failureThreshold: 24 },
  livenessProbe: { httpGet: { path: live, port }, periodSeconds: 60, failureThreshold: 2, timeoutSeconds: 3 },
  readinessProbe: { httpGet: { path: ready, port }, periodSeconds: 5, timeoutSeconds: 3 },
});
