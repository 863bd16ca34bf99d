import { existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { debianRoot, debianRootFolder, debianRootMissing } from "./debian-root";

/** Suite of Debian with the NGINX whose minor version the components name. */
export const newestSuite = "forky";
const packages = ["nginx", "libnginx-mod-http-js", "libnginx-mod-stream", "libnginx-mod-stream-js", "busybox"];

/** Returns the root file system with that NGINX, made on first use. */
export const newestNginxRoot = (): string => debianRoot("nginx", newestSuite, packages);

const programs = (root: string) => `${root}.program`;

/** Returns why that NGINX cannot run on this machine, or undefined. Workers run as another user, which has to reach the folder. */
export function newestNginxMissing(): string | undefined {
  if (process.arch !== "x64") return `the program is for x64, and this is ${process.arch}`;
  return debianRootMissing() ?? unreachable();
}

/** Returns the folder above this one that other users cannot enter, in a sentence, or undefined. */
function unreachable(): string | undefined {
  for (let folder = join(__dirname, ".."); folder !== "/"; folder = dirname(folder))
    if ((statSync(folder).mode & 0o1) === 0) return `other users cannot enter ${folder}`;
  return undefined;
}

/** Makes a folder with that NGINX as the program `nginx`, and its modules, for a PATH. */
export function makeNewestNginx(): string {
  const root = newestNginxRoot();
  const folder = programs(root);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const loader = "lib64/ld-linux-x86-64.so.2";
  // The libraries of its own suite, since those of this machine are older. NGINX writes its titles over its arguments, so that they stay together.
  const wrapper = `#!/bin/sh\nexec ${root}/${loader} --library-path ${root}/usr/lib/x86_64-linux-gnu ${root}/usr/sbin/nginx "$@"\n`;
  writeFileSync(join(draft, "nginx"), wrapper, { mode: 0o755 });
  symlinkSync(join(root, "usr/lib/nginx/modules"), join(draft, "modules"));
  try {
    renameSync(draft, folder);
  } catch {
    // Another process was first.
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Returns that folder if it is there already. */
export function newestNginxFolder(): string | undefined {
  const folder = programs(debianRootFolder("nginx", newestSuite, packages));
  return existsSync(folder) && unreachable() === undefined ? folder : undefined;
}
