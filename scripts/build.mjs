// Builds dist/: the library and the command as one module each, since loading 300 small ones takes three times as long; their
// declarations; and beside them the njs programs that they read.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [dist, next, former] = ["dist", ".cache/dist-next", ".cache/dist-former"].map((name) => join(root, name));
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(next, { recursive: true, force: true });
const compile = [compiler, "-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", next];
const { status } = spawnSync(process.execPath, compile, { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

buildSync({
  absWorkingDir: root,
  entryPoints: ["index.ts", "engine/cli.ts"],
  outdir: next,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "cjs",
  target: "node20",
  // Messages name components by their classes.
  keepNames: true,
  logLevel: "warning",
});

for (const asset of [
  "components/nginx/njs/certificate-reader.njs",
  "components/mqtt/connect.njs",
  "components/mqtt/certificate.njs",
  "components/mesh/sidecar/identity.njs",
])
  cpSync(join(root, asset), join(next, basename(asset)));
chmodSync(join(next, "engine/cli.js"), 0o755);

// Whole or not at all: a program may be running from dist/ at this moment.
rmSync(former, { recursive: true, force: true });
try {
  renameSync(dist, former);
} catch (error) {
  if (error.code !== "ENOENT") throw error;
}
renameSync(next, dist);
rmSync(former, { recursive: true, force: true });
