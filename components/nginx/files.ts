import { posix } from "node:path";
import { type Argument, checkSameNamespace, formats } from "../foundation";
import type { Edition } from "./edition";
import { absolutePath, fileKey, fileVolumes, managementVolume, secretVolumes, writableVolumes } from "./mounts";
import type { NginxFile, NginxPlusArgs, NginxSecretMount } from "./nginx-plus-args";
import type { Origins } from "./tree";

/** Returns a file as its user wrote it, where a component has taken all of it into the arguments of its NginxPlus. */
function fileOfUser(entry: Argument<NginxFile>, origins: Origins | undefined): Argument<NginxFile> {
  const origin = origins?.get(entry.value);
  return origin?.value === entry.value ? (origin as Argument<NginxFile>) : entry;
}

/** Returns a mount, or the reference to a Secret that a component has made it from. */
const mountOfUser = (entry: Argument<NginxSecretMount>, origins: Origins | undefined) =>
  (origins?.get(entry.value) ?? entry) as Argument<NginxSecretMount>;

/** Checks the paths of files. */
export function checkFiles(files: Argument<NginxFile[] | undefined>, origins?: Origins): void {
  const keys = new Set<string>();
  for (const entry of files.entries()) {
    const path = fileOfUser(entry, origins).field("path");
    if (path.value === undefined) continue;
    if (!posix.dirname(absolutePath(path.value)).startsWith("/etc/nginx/"))
      path.refuse("is not in a folder below /etc/nginx", "write it as /etc/nginx/<folder>/<file>");
    const key = fileKey(entry.value);
    if (!formats.secretKey.test(key))
      path.refuse("has characters that no key of a ConfigMap has", "write letters, digits, `-`, `_` and `.`");
    if (keys.has(key)) path.refuse("repeats another file, or differs only in / and .", "rename one of the two");
    keys.add(key);
  }
}

/** Checks the Secrets that the pods mount, and that no volume hides another. */
export function checkSecretMounts(argument: Argument<NginxPlusArgs>, edition: Edition, origins?: Origins): void {
  const { files, namespace } = argument.value;
  const block = managementVolume(argument.value, { secretName: "", revision: "" });
  const own = secretVolumes({ ...argument.value, secretMounts: [] }, block);
  const volumes: { name: string; path: string }[] = [
    // Files elsewhere are refused by their path.
    ...fileVolumes(files).filter(({ path }) => path.startsWith("/etc/nginx/")),
    ...own,
    ...writableVolumes(edition),
  ];
  for (const entry of argument.field("secretMounts").entries()) {
    const mount = mountOfUser(entry, origins);
    mount.field("name").matches(formats.dnsLabel);
    mount.field("secretName").matches(formats.dnsSubdomain);
    checkSameNamespace(mount.field("secretName"), namespace);
    for (const key of mount.field("keys").entries()) key.matches(formats.secretKey);
    const { name, path } = entry.value;
    if (volumes.some((one) => one.name === name))
      mount.field("name").refuse(`repeats the volume "${name}"`, "give each mount a name of its own");
    mount.field("keys").notEmpty("write the keys that are wanted, or remove it for all");
    if (path !== undefined) volumes.push({ name, path: absolutePath(path) });
  }
  checkNesting(argument.field("secretMounts"), volumes);
}

/** Checks that no read-only volume has another inside it, and that none hides the image's modules. */
function checkNesting(mounts: Argument<unknown>, volumes: { name: string; path: string }[]): void {
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  for (const [index, { name, path }] of volumes.entries()) {
    if (within(path, "/etc/nginx/modules"))
      mounts.refuse(
        `put the volume "${name}" over ${path}, where the image has its own files`,
        "choose a folder of its own",
      );
    const other = volumes.find((one, position) => position !== index && within(path, one.path));
    if (other && !(path === other.path && volumes.indexOf(other) > index))
      mounts.refuse(
        `and files put the volume "${name}" (${path}) into "${other.name}" (${other.path})`,
        "give each Secret, and the files, folders beside each other",
      );
  }
}
