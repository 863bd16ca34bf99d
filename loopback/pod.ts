import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KubernetesObject } from "../engine";

/** The parts of a pod template that decide which files its containers see. */
export interface PodSpec {
  securityContext?: { runAsUser?: number };
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  ports?: { name?: string; containerPort: number }[];
  volumeMounts?: { name: string; mountPath: string; subPath?: string }[];
}

interface KeyToPath {
  key: string;
  path: string;
}

interface VolumeSource {
  secret?: { secretName?: string; name?: string; items?: KeyToPath[] };
  configMap?: { name: string; items?: KeyToPath[] };
}

interface Volume extends VolumeSource {
  name: string;
  emptyDir?: object;
  projected?: { sources: VolumeSource[] };
}

/** The files that a container sees: its mounted ConfigMaps and Secrets, by path. */
export function mountedFiles(spec: PodSpec, container: Container, objects: KubernetesObject[]): [string, Buffer][] {
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath }) => {
    const volume = spec.volumes?.find((one) => one.name === name);
    if (!volume) throw new Error(`container ${container.name} mounts "${name}", which is no volume of its pod`);
    return volumeFiles(volume, objects)
      .filter(([path]) => subPath === undefined || subPath === path)
      .map(([path, content]): [string, Buffer] => [subPath === undefined ? join(mountPath, path) : mountPath, content]);
  });
}

/** Writes those files below `root` and makes the empty folders. Files belong to root, and to the group of the pod's user. Returns the mount paths. */
export function writeFiles(root: string, spec: PodSpec, container: Container, objects: KubernetesObject[]): string[] {
  const owner = process.getuid?.() === 0 ? spec.securityContext?.runAsUser : undefined;
  const own = (path: string, user = owner) => {
    if (owner !== undefined) chownSync(path, user!, owner);
  };
  const folder = (path: string) => {
    mkdirSync(path, { recursive: true });
    own(path);
  };
  for (const { name, mountPath } of container.volumeMounts ?? [])
    if (spec.volumes?.some((volume) => volume.name === name && volume.emptyDir)) folder(join(root, mountPath));
  for (const [path, content] of mountedFiles(spec, container, objects)) {
    const file = join(root, path);
    folder(dirname(file));
    writeFileSync(file, content, { mode: 0o440 });
    own(file, 0);
  }
  return (container.volumeMounts ?? []).map(({ mountPath }) => mountPath);
}

function volumeFiles(volume: Volume, objects: KubernetesObject[]): [string, Buffer][] {
  return [volume, ...(volume.projected?.sources ?? [])].flatMap((source) => sourceFiles(source, objects));
}

function sourceFiles({ secret, configMap }: VolumeSource, objects: KubernetesObject[]): [string, Buffer][] {
  const reference = secret ?? configMap;
  if (!reference) return [];
  const kind = secret ? "Secret" : "ConfigMap";
  const name = secret ? (secret.secretName ?? secret.name) : configMap!.name;
  const object = objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
  if (!object) throw new Error(`no ${kind} "${name}" was rendered`);
  const contents = data(object);
  const items = reference.items ?? Object.keys(contents).map((key) => ({ key, path: key }));
  return items.map(({ key, path }) => {
    const content = contents[key];
    if (!content) throw new Error(`${kind} "${name}" has no key "${key}"`);
    return [path, content];
  });
}

/** The contents of a ConfigMap or Secret by key. */
export function data(object: KubernetesObject): Record<string, Buffer> {
  const encoding = object.kind === "Secret" ? "base64" : "utf8";
  const entries = (field: string, as: BufferEncoding) =>
    Object.entries((object[field] ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, as),
    ]);
  return Object.fromEntries([...entries("data", encoding), ...entries("stringData", "utf8")]);
}
