import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "./make-once";

const root = join(__dirname, "..");

/** The oldest Go that builds every module below tools/. */
const oldest = [1, 26] as const;

/** Why nothing below tools/ can be built here, or undefined when it can. */
export function goMissing(): string | undefined {
  const need = `Go ≥ ${oldest.join(".")} is missing`;
  const go = spawnSync("go", ["env", "GOVERSION"], { cwd: join(root, "tools/crossplane"), encoding: "utf8" });
  if (go.error !== undefined) return `${need} (no \`go\` on PATH)`;
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(go.stdout) ?? [];
  if (Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1])) return undefined;
  return `${need} (\`go env GOVERSION\` says ${(go.stdout || go.stderr).trim()})`;
}

/** Modules with C in them: SPIRE's data store is SQLite. The others build without a C compiler, the same everywhere. */
const withC: readonly string[] = ["spire"];

/** Build tags of a module: containerd without the file systems of disks, which need C. */
const tags: Record<string, string> = { node: "no_btrfs,no_devmapper,no_zfs" };

/** Why tools/<module> cannot be built here, or undefined when it can. */
export function moduleMissing(module: string): string | undefined {
  const missing = goMissing();
  if (missing !== undefined || !withC.includes(module) || existsSync(programFolder(module))) return missing;
  const compiled = spawnSync("gcc", ["-x", "c", "-fsyntax-only", "-"], { input: "#include <stdlib.h>\n" });
  return compiled.status === 0
    ? undefined
    : `gcc with the headers of the C library is missing (tools/${module} has C in it)`;
}

/** Where the programs of tools/<module> are or will be: a folder named after everything that decides their bytes. */
function programFolder(module: string): string {
  const folder = join(root, "tools", module);
  const digest = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => statSync(join(folder, name)).isFile()).sort())
    digest
      .update(file)
      .update("\0")
      .update(readFileSync(join(folder, file)));
  return join(root, ".cache", `${module}-${digest.digest("hex").slice(0, 16)}`);
}

// go build is silent for minutes: every 20 seconds this says how many packages it has compiled.
const buildWithProgress = `
  ( trap 'kill $nap; exit' TERM
    while :; do sleep 20 & nap=$!; wait $nap; echo "  $(wc -l < "$0") packages compiled" >&2; done ) & beat=$!
  nice go build -v -trimpath -tags "$3" -ldflags "-s -w" -o "$1/" tool 2> "$0"; status=$?
  kill $beat
  [ "$status" != 0 ] || mv "$1" "$2"
  exit $status`;

/** The folder that holds the \`tool\` programs of tools/<module>, built on first use. */
export function goPrograms(module: string): string {
  const folder = programFolder(module);
  if (existsSync(folder)) return folder;
  const started = Date.now();
  process.stderr.write(`building the programs of tools/${module} …\n`);
  makeOnce(folder, {
    script: buildWithProgress,
    words: [tags[module] ?? ""],
    lock: join(root, ".cache", `${module}.lock`),
    folder: join(root, "tools", module),
    environment: { CGO_ENABLED: withC.includes(module) ? "1" : "0" },
    what: `go build in tools/${module}`,
  });
  process.stderr.write(`built tools/${module} in ${Math.round((Date.now() - started) / 1000)} s\n`);
  return folder;
}

/** Where the module cache holds a dependency of tools/<module>, for the data files that it brings. */
export function goModuleFolder(module: string, dependency: string): string {
  const go = spawnSync("go", ["list", "-m", "-f", "{{.Dir}}", dependency], {
    cwd: join(root, "tools", module),
    encoding: "utf8",
  });
  if (go.status !== 0) throw new Error(`go list -m ${dependency}: ${go.error?.message ?? go.stderr}`);
  return go.stdout.trim();
}
