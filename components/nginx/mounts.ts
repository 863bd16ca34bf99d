import { posix } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { referenceTo } from "../foundation";
import { mainFile, writable } from "./configuration";
import { Edition } from "./edition";
import { blockFile, hasPassword, managementPaths } from "./management";
import type { NginxFile, NginxPlusArgs, NginxSecretMount } from "./nginx-plus-args";

/** Arguments that decide which Secrets the pods have as files. */
export type SecretSources = Pick<NginxPlusArgs, "edition" | "license" | "management" | "secretMounts">;

type Volume = types.input.core.v1.Volume;
type VolumeMount = types.input.core.v1.VolumeMount;

/** A folder in the pods with a Secret's keys as files. */
export interface SecretVolume {
  name: string;
  secretName: Input<string>;
  path: string;
  revision?: Input<string>;
  /** Keys, and the names of their files. @default all keys, under their own names */
  items?: { key: Input<string>; path: string }[];
}

/** A folder in the pods with keys of the ConfigMaps as files. */
export interface FileVolume {
  name: string;
  path: string;
  items: { key: string; path: string }[];
}

/** A ConfigMap, and the keys that it has. */
export interface ConfigMapKeys {
  name: Input<string>;
  keys: ReadonlySet<string>;
}

// Group-readable: the pods' group is enough.
const secretMode = 0o440;

/** Returns the absolute path of a file or folder: relative ones start at /etc/nginx. */
export const absolutePath = (path: string) => posix.resolve("/etc/nginx", path);

/** Returns the ConfigMap's key of a file: keys have no slashes. */
export const fileKey = ({ path }: NginxFile) => posix.relative("/etc/nginx", absolutePath(path)).replace(/\//g, ".");

/** Returns one volume for each folder that has files of the ConfigMap; the main configuration's is the first. */
export function fileVolumes(files: NginxFile[] = []): FileVolume[] {
  const volumes: FileVolume[] = [
    { name: "configuration", path: mainFile.folder, items: [{ key: mainFile.name, path: mainFile.name }] },
  ];
  // A file without a path is refused as such.
  for (const file of files.filter((one) => one.path !== undefined)) {
    const path = posix.dirname(absolutePath(file.path));
    const item = { key: fileKey(file), path: posix.basename(file.path) };
    const volume = volumes.find((one) => one.path === path);
    if (volume) volume.items.push(item);
    else volumes.push({ name: `files-${volumes.length}`, path, items: [item] });
  }
  return volumes;
}

/** Returns one volume for each Secret: those of the licence and its reports, then those that the configuration refers to. */
export function secretVolumes(args: SecretSources, managementBlock?: SecretVolume): SecretVolume[] {
  const { license, management, edition = Edition.plus } = args;
  const own: SecretVolume[] = [];
  if (license && edition === Edition.plus)
    own.push({
      name: "license",
      path: managementPaths.license,
      secretName: license.secretName,
      revision: license.revision,
      items: [{ key: license.key ?? "license.jwt", path: "license.jwt" }],
    });
  if (management?.trustedCertificates)
    own.push({
      name: "management-trusted",
      path: managementPaths.trustedCertificates,
      ...referenceTo(management.trustedCertificates),
      items: [same("ca.crt")],
    });
  if (management?.clientCertificate)
    own.push({
      name: "management-client",
      path: managementPaths.clientCertificate,
      ...referenceTo(management.clientCertificate),
      items: [same("tls.crt"), same("tls.key")],
    });
  if (managementBlock) own.push(managementBlock);
  return [...own, ...(args.secretMounts ?? []).filter(({ path }) => path !== undefined).map(secretVolume)];
}

/** Returns the volume of the whole `mgmt` block, where it is kept in a Secret: here, as `made`, or elsewhere. */
export function managementVolume(
  { management }: SecretSources,
  made?: { secretName: Input<string>; revision: Input<string> },
): SecretVolume | undefined {
  const existing = management?.existing;
  const secret = hasPassword(management)
    ? made
    : existing && { secretName: existing.name, revision: existing.revision };
  if (!secret) return undefined;
  return {
    name: "management",
    path: managementPaths.block,
    ...referenceTo(secret),
    items: [{ key: existing?.key ?? blockFile, path: blockFile }],
  };
}

const same = (key: string) => ({ key, path: key });

/** Returns the volume of a Secret that the configuration refers to. */
export const secretVolume = ({ name, secretName, path, revision, keys }: NginxSecretMount): SecretVolume => ({
  name,
  secretName,
  path: absolutePath(path),
  revision,
  items: keys?.map(same),
});

/** Folders that NGINX writes to. A pod that fills one ends, before it fills the node's disk: bodies that NGINX buffers may take gigabytes. */
export function writableVolumes(edition: Edition): { name: string; path: string; sizeLimit: string }[] {
  return [
    { name: "cache", path: writable.cache, sizeLimit: "4Gi" },
    { name: "temporary", path: writable.temporary, sizeLimit: "64Mi" },
    ...(edition === Edition.plus ? [{ name: "state", path: managementPaths.state, sizeLimit: "64Mi" }] : []),
  ];
}

/** Returns the pod's volumes, and their mounts in the NGINX container. */
export function podVolumes(
  edition: Edition,
  configMaps: ConfigMapKeys[],
  files: FileVolume[],
  secrets: SecretVolume[],
): { volumes: Volume[]; volumeMounts: VolumeMount[] } {
  const empty = writableVolumes(edition);
  return {
    volumes: [
      ...files.map(({ name, items }) => fileVolume(name, items, configMaps)),
      ...secrets.map(({ name, secretName, items }) => ({
        name,
        secret: { secretName, defaultMode: secretMode, ...(items && { items }) },
      })),
      ...empty.map(({ name, sizeLimit }) => ({ name, emptyDir: { sizeLimit } })),
    ],
    volumeMounts: [
      ...[...files, ...secrets].map(({ name, path }) => ({ name, mountPath: path, readOnly: true })),
      ...empty.map(({ name, path }) => ({ name, mountPath: path })),
    ],
  };
}

/** Returns a volume from the ConfigMaps that have the files: one as it is, several projected into one folder. */
function fileVolume(name: string, items: FileVolume["items"], configMaps: ConfigMapKeys[]): Volume {
  const sources = configMaps
    .map((map) => ({ name: map.name, items: items.filter(({ key }) => map.keys.has(key)) }))
    .filter((source) => source.items.length > 0);
  return sources.length === 1
    ? { name, configMap: sources[0]! }
    : { name, projected: { sources: sources.map((configMap) => ({ configMap })) } };
}
