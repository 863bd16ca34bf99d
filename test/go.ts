import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

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

/** Where the programs of tools/<module> are or will be: a folder named after everything that decides their bytes. */
function programFolder(module: string): string {
  const folder = join(root, "tools", module);
  const digest = createHash("sha256");
  for (const file of readdirSync(folder).sort())
    digest
      .update(file)
      .update("\0")
      .update(readFileSync(join(folder, file)));
  return join(root, ".cache", `${module}-${digest.digest("hex").slice(0, 16)}`);
}

/**
 * The folder that holds the programs of tools/<module>, built on first use.
 *
 * `packages` are import paths; each program is called after the last part of its path.
 */
export function goPrograms(module: string, packages: Record<string, string>): string {
  const folder = programFolder(module);
  mkdirSync(folder, { recursive: true });
  for (const [program, importPath] of Object.entries(packages)) {
    const target = join(folder, program);
    if (existsSync(target)) continue;
    // Another test process may build the same program: only whole files appear under the final name.
    const draft = `${target}.${process.pid}`;
    const started = Date.now();
    process.stderr.write(`building ${basename(module)}: ${program} …\n`);
    const build = spawnSync("nice", ["go", "build", "-trimpath", "-o", draft, importPath], {
      cwd: join(root, "tools", module),
      env: { ...process.env, CGO_ENABLED: "0" },
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (build.status !== 0) {
      rmSync(draft, { force: true });
      throw new Error(`go build ${importPath} (tools/${module}): ${build.error?.message ?? build.stderr}`);
    }
    renameSync(draft, target);
    process.stderr.write(`built ${program} in ${Math.round((Date.now() - started) / 1000)} s\n`);
  }
  return folder;
}
