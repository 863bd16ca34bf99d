import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "./make-once";

const root = join(__dirname, "..");

/** Why no root file system can be made here, or undefined when it can. */
export function debianRootMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "root is needed for root file systems";
  return spawnSync("mmdebstrap", ["--version"]).error === undefined
    ? undefined
    : "mmdebstrap is missing (node scripts/setup.mjs --test installs it)";
}

// The packages' scripts do not run: what base-files and libc would do is done here.
const make = `
  exec > "$0" 2>&1
  mmdebstrap --quiet --mode=root --variant=extract --aptopt='Acquire::Check-Valid-Until "false"' \\
    --include="$4" "$3" "$1" "$5" || exit
  cd "$1" || exit
  for folder in bin sbin lib lib64; do mkdir -p usr/$folder; [ -e $folder ] || ln -s usr/$folder $folder; done
  mkdir -p proc sys dev run tmp root var/log var/run
  chmod 1777 tmp
  ldconfig -r . && mv "$1" "$2"`;

/** Returns the folder for the root file system of these packages. It need not exist yet. */
export function debianRootFolder(name: string, suite: string, packages: readonly string[]): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([suite, packages, make]))
    .digest("hex")
    .slice(0, 16);
  return join(root, ".cache", `${name}-${suite}-${digest}`);
}

/** Returns the mirror of Debian that this machine uses. */
function debianMirror(): string {
  const { stdout = "" } = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], {
    encoding: "utf8",
  });
  const mirror = stdout.split("\n").find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) throw new Error("apt's sources name no mirror of Debian");
  return mirror;
}

/** Returns the folder with the root file system of these packages of a Debian suite and of what they need, made on first use. */
export function debianRoot(name: string, suite: string, packages: readonly string[]): string {
  const folder = debianRootFolder(name, suite, packages);
  if (existsSync(folder)) return folder;
  makeOnce(folder, {
    script: make,
    words: [suite, packages.join(","), debianMirror()],
    lock: `${folder}.lock`,
    what: `mmdebstrap for ${name}`,
  });
  return folder;
}
