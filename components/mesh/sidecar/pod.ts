import { createHash } from "node:crypto";
import type { types } from "@pulumi/kubernetes";
import { type Input, type Output, output } from "@pulumi/pulumi";
import { defaultSeccomp, restrictedContainer } from "../../foundation";
import {
  Edition,
  managementPaths,
  managementVolume,
  type NginxPlusArgs,
  nginxImage,
  type SecretVolume,
  secretVolumes,
} from "../../nginx";
import { csiDriverName } from "../mesh-reference";
import { meshImage } from "../versions";
import {
  containerNames,
  fileNames,
  folders,
  leaveServiceSeconds,
  redirectLabel,
  sidecarLabel,
  sidecarUser,
  templateHashLabel,
  volumeNames,
} from "./layout";
import type { SidecarModel } from "./resolve";
import { MeshIpFamily, type SidecarResources } from "./sidecar-args";

type Container = types.input.core.v1.Container;
type SecurityContext = types.input.core.v1.SecurityContext;
type VolumeMount = types.input.core.v1.VolumeMount;

/** Settings of the containers that a pod gets. */
export interface SidecarPodSettings {
  /** Name of the sidecar's ConfigMap, the only value that differs between sidecars of one template hash. */
  configMapName: Input<string>;
  /** Hash of the other settings. */
  templateHash?: Input<string>;
  /** Image of NGINX. */
  proxyImage: Input<string>;
  /** Image of spiffe-helper. */
  identityImage: Input<string>;
  /** Image and address families of the redirect by iptables; undefined without redirect. */
  redirect?: { image: Input<string>; ipv4: boolean; ipv6: boolean };
  /** Port for the probes of NGINX itself. */
  statusPort: number;
  /** Secrets of NGINX Plus: the licence, and those of its usage reports. */
  secrets: SecretVolume[];
  /** Folder for the state of NGINX Plus. */
  stateFolder?: string;
  imagePullSecrets?: Input<string>[];
  resources?: SidecarResources;
}

/** Arguments of a Sidecar from which its containers are made. */
export type SidecarContainers = Pick<SidecarModel, "edition" | "ipFamilies" | "firstPort"> &
  Partial<
    Pick<SidecarModel, "image" | "registry" | "images" | "license" | "management" | "imagePullSecrets" | "resources">
  > & {
    redirect?: { image: Input<string> };
  };

/** Returns the settings of pods with this sidecar. */
export function resolvePodSettings(sidecar: SidecarContainers, configMapName: Input<string>): SidecarPodSettings {
  const { edition, image, registry, images, redirect, ipFamilies, firstPort, imagePullSecrets, resources } = sidecar;
  return {
    configMapName,
    proxyImage: image ?? nginxImage(edition, undefined, registry),
    identityImage: meshImage(images, "spiffeHelper"),
    redirect: redirect && {
      image: redirect.image,
      ipv4: ipFamilies.includes(MeshIpFamily.ipv4),
      ipv6: ipFamilies.includes(MeshIpFamily.ipv6),
    },
    statusPort: firstPort,
    secrets: renderLicenceVolumes(sidecar),
    stateFolder: edition === Edition.plus ? managementPaths.state : undefined,
    imagePullSecrets,
    resources,
  };
}

/** Returns the volumes of NGINX Plus's Secrets, with a prefix against names of the pod's own volumes. */
function renderLicenceVolumes({ edition, license, management }: SidecarContainers): SecretVolume[] {
  const args = { edition, license, management } as NginxPlusArgs;
  return secretVolumes(args, managementVolume(args)).map((volume) => ({ ...volume, name: `mesh-${volume.name}` }));
}

/** Returns the hash of the containers and volumes that pods with this sidecar get. */
export function hashTemplate(settings: SidecarPodSettings): Output<string> {
  const { labels, ...pod } = renderSidecarPod({ ...settings, configMapName: "" });
  return output(pod).apply(hashParts);
}

/** Returns the hash of known containers and volumes. */
export const hashParts = (parts: object): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

/** Parts of a sidecar in a pod. `withSidecar` and the injection both add exactly these. */
export interface SidecarPod {
  labels: Record<string, Input<string>>;
  /** Init containers in this order, before the pod's own. */
  initContainers: Container[];
  volumes: types.input.core.v1.Volume[];
  imagePullSecrets: types.input.core.v1.LocalObjectReference[];
  shareProcessNamespace: true;
  /** Hook of the pod's own containers without one: the sidecar ends after them. */
  preStop: { sleep: { seconds: number } };
}

/** Returns the containers, volumes and labels that a pod gets from a sidecar. */
export function renderSidecarPod(settings: SidecarPodSettings): SidecarPod {
  const { configMapName, templateHash, redirect, secrets, imagePullSecrets = [] } = settings;
  return {
    labels: {
      [sidecarLabel]: configMapName,
      ...(templateHash && { [templateHashLabel]: templateHash }),
      ...(redirect && { [redirectLabel]: "true" }),
    },
    initContainers: [
      ...(redirect?.ipv4 ? [renderRedirectContainer(redirect.image, 4)] : []),
      ...(redirect?.ipv6 ? [renderRedirectContainer(redirect.image, 6)] : []),
      renderIdentityContainer(settings, containerNames.identityFirst, fileNames.helperFirst),
      { ...renderIdentityContainer(settings, containerNames.identity, fileNames.helper), restartPolicy: "Always" },
      renderProxyContainer(settings),
    ],
    volumes: [
      { name: volumeNames.configuration, configMap: { name: configMapName } },
      { name: volumeNames.identity, emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      { name: volumeNames.run, emptyDir: { sizeLimit: "64Mi" } },
      { name: volumeNames.workloadApi, csi: { driver: csiDriverName, readOnly: true } },
      ...secrets.map(({ name, secretName, items }) => ({
        name,
        // The sidecar's user is not in the group of the files.
        secret: { secretName, defaultMode: 0o444, ...(items && { items }) },
      })),
      ...(settings.stateFolder === undefined ? [] : [{ name: stateVolume, emptyDir: { sizeLimit: "64Mi" } }]),
    ],
    imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
    // spiffe-helper signals NGINX in another container.
    shareProcessNamespace: true,
    preStop: { sleep: { seconds: leaveServiceSeconds } },
  };
}

const stateVolume = "mesh-state";

/** Returns the names of the volumes that this sidecar adds. */
export const sidecarVolumeNames = ({
  secrets,
  stateFolder,
}: Pick<SidecarPodSettings, "secrets" | "stateFolder">): string[] => [
  ...Object.values(volumeNames),
  ...secrets.map(({ name }) => name),
  ...(stateFolder === undefined ? [] : [stateVolume]),
];

const unprivileged: SecurityContext = {
  runAsUser: sidecarUser,
  runAsGroup: sidecarUser,
  runAsNonRoot: true,
  ...restrictedContainer,
  ...defaultSeccomp,
};

/** Security context of the container that sets rules of iptables, which needs root and NET_ADMIN. */
const netAdmin: SecurityContext = {
  ...unprivileged,
  runAsUser: 0,
  runAsGroup: 0,
  runAsNonRoot: false,
  capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
};

const mount = (name: keyof typeof volumeNames & keyof typeof folders, readOnly: boolean): VolumeMount => ({
  name: volumeNames[name],
  mountPath: folders[name],
  ...(readOnly && { readOnly }),
});

const renderRedirectContainer = (image: Input<string>, version: 4 | 6): Container => ({
  name: version === 4 ? containerNames.redirect : containerNames.redirectIpv6,
  image,
  command: [version === 4 ? "iptables-nft-restore" : "ip6tables-nft-restore"],
  args: [`${folders.configuration}/${version === 4 ? fileNames.redirect : fileNames.redirectIpv6}`],
  resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
  securityContext: netAdmin,
  volumeMounts: [mount("configuration", true)],
});

const renderIdentityContainer = (
  { identityImage, resources }: SidecarPodSettings,
  name: string,
  configuration: string,
): Container => ({
  name,
  image: identityImage,
  args: ["-config", `${folders.configuration}/${configuration}`],
  resources: resources?.identity ?? { requests: { cpu: "5m", memory: "32Mi" }, limits: { memory: "64Mi" } },
  securityContext: unprivileged,
  volumeMounts: [
    mount("configuration", true),
    mount("identity", false),
    mount("run", true),
    mount("workloadApi", true),
  ],
});

function renderProxyContainer({
  proxyImage,
  statusPort,
  secrets,
  stateFolder,
  resources,
}: SidecarPodSettings): Container {
  const probe = { httpGet: { path: "/healthz", port: statusPort }, timeoutSeconds: 2 };
  return {
    name: containerNames.proxy,
    image: proxyImage,
    restartPolicy: "Always",
    command: ["sh", `${folders.configuration}/${fileNames.start}`],
    args: ["nginx", "-e", "stderr", "-c", `${folders.configuration}/${fileNames.nginx}`, "-g", "daemon off;"],
    ports: [{ containerPort: statusPort, protocol: "TCP" }],
    // The containers after it start once this probe succeeds.
    startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 3 },
    resources: resources?.proxy ?? { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "1Gi" } },
    securityContext: unprivileged,
    volumeMounts: [
      mount("configuration", true),
      mount("identity", true),
      mount("run", false),
      ...secrets.map(({ name, path }) => ({ name, mountPath: path, readOnly: true })),
      ...(stateFolder === undefined ? [] : [{ name: stateVolume, mountPath: stateFolder }]),
    ],
  };
}
