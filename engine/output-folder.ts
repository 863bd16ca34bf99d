import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import { applyScript, sourcePath } from "./apply-script";
import { hosts } from "./hosts";
import {
  type ChartRelease,
  chartReleases,
  fileGroups,
  type KubernetesObject,
  type ManifestOptions,
  manifests,
  type Rendered,
} from "./manifests";
import { SecretMode } from "./redaction";

/** Lists what was written, so that the next run may replace it and nothing else. */
const MARKER = ".nginx-stacks-render.json";

/**
 * Writes one YAML file per Kubernetes object, numbered in dependency order, two per Helm release under `helm/`,
 * below `files/` a list of the files that the program only names, and below `hosts/` the files of each host with a script that puts them in place.
 * Removes what an earlier run wrote and this one does not; refuses a folder with other contents.
 *
 * @returns the files' paths below the folder
 */
export function writeManifests(run: Rendered, folder: string, options: ManifestOptions = {}): string[] {
  const files = new Map<string, string>();
  const objects = manifests(run, options);
  const digits = Math.max(3, String(objects.length).length);
  for (const [index, object] of objects.entries()) {
    files.set(`${String(index + 1).padStart(digits, "0")}-${fileName(object)}.yaml`, toYaml(object));
  }
  for (const release of chartReleases(run, options)) {
    const name = `helm/${safe(release.namespace)}-${safe(release.name)}`;
    files.set(`${name}.chart.yaml`, toYaml(coordinates(release)));
    files.set(`${name}.values.yaml`, toYaml(release.values));
  }
  for (const { name, files: named } of fileGroups(run, options))
    files.set(`files/${safe(name)}.yaml`, toYaml({ files: named }));
  for (const host of hosts(run, options)) {
    files.set(`hosts/${host.name}/apply.sh`, applyScript(host));
    for (const file of host.files)
      if (file.content !== undefined) files.set(`hosts/${host.name}/${sourcePath(file)}`, file.content);
  }
  replaceFiles(resolve(folder), files, options.secrets === SecretMode.Show ? 0o600 : 0o644);
  return [...files.keys()];
}

function fileName({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()}-${safe(metadata.name ?? String(metadata.generateName ?? ""))}`;
}

/** RBAC names may hold what file names may not. */
function safe(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]+/g, "-");
}

function coordinates({ name, namespace, coordinates }: ChartRelease) {
  return { name, namespace, ...coordinates };
}

/** Strings that either version of YAML would read as something else are quoted. */
function toYaml(value: unknown): string {
  return stringify(value, { compat: "yaml-1.1", aliasDuplicateObjects: false, lineWidth: 0 });
}

function replaceFiles(folder: string, files: Map<string, string>, mode: number): void {
  const former = formerFiles(folder);
  for (const path of [...former, ...files.keys()]) refuseLinks(folder, path);
  for (const path of former) if (!files.has(path)) rmSync(join(folder, path), { force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of files)
    replaceFile(join(folder, path), content, path.endsWith("/apply.sh") ? mode | 0o100 : mode);
  replaceFile(join(folder, MARKER), `${JSON.stringify([...files.keys()], null, 2)}\n`, 0o644);
}

/** Writes a file anew: an existing one would keep its mode, and a symbolic link would lead elsewhere. */
function replaceFile(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode, flag: "wx" });
}

/** Refuses a path with a symbolic link in the place of a folder: files outside would be written and removed. */
function refuseLinks(folder: string, path: string): void {
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent))
    if (lstatSync(join(folder, parent), { throwIfNoEntry: false })?.isSymbolicLink())
      throw new Error(`${join(folder, parent)} is a symbolic link, which no render makes; remove it`);
}

function formerFiles(folder: string): string[] {
  const marker = join(folder, MARKER);
  if (lstatSync(marker, { throwIfNoEntry: false })?.isFile()) {
    const listed = JSON.parse(readFileSync(marker, "utf8")) as string[];
    return listed.filter((path) => resolve(folder, path).startsWith(`${folder}/`));
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(
      `${folder} has files that were not rendered; name an empty folder, or one that an earlier render made`,
    );
  }
  return [];
}
