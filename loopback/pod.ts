import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KubernetesObject } from "../engine";

/** The parts of a pod template that decide which files its containers see. */
export interface PodSpec {
  securityContext?: { runAsUser?: number };
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

/** Writes the files that a container sees below `root`: its mounted ConfigMaps, Secrets and empty folders. Returns the mount paths. */
export function writeFiles(root: string, spec: PodSpec, container: Container, objects: KubernetesObject[]): string[] {
  const owner = process.getuid?.() === 0 ? spec.securityContext?.runAsUser : undefined;
  const own = (path: string) => {
    if (owner !== undefined) chownSync(path, owner, owner);
  };
  const folder = (path: string) => {
    mkdirSync(path, { recursive: true });
    own(path);
  };
  for (const mount of container.volumeMounts ?? []) {
    const volume = spec.volumes?.find(({ name }) => name === mount.name);
    if (!volume) throw new Error(`container ${container.name} mounts "${mount.name}", which is no volume of its pod`);
    if (volume.emptyDir) folder(join(root, mount.mountPath));
    for (const [path, content] of volumeFiles(volume, objects)) {
      if (mount.subPath !== undefined && mount.subPath !== path) continue;
      const file = mount.subPath === undefined ? join(root, mount.mountPath, path) : join(root, mount.mountPath);
      folder(dirname(file));
      writeFileSync(file, content);
      chmodSync(file, 0o400);
      own(file);
    }
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
