// The one set-up step of `npm run demo` and `npm test`: brings what is missing, says what cannot be brought and what that skips.
// It needs nothing but Node, does nothing twice, and never fails for a part that only some tests need.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const debianPackages = [
  "nginx",
  "libnginx-mod-stream",
  "libnginx-mod-stream-js",
  "libnginx-mod-http-js",
  "mosquitto",
  "mosquitto-clients",
  "openssl",
  "iptables",
];
const goAtLeast = [1, 26];

const say = (text) => process.stderr.write(`set-up: ${text}\n`);

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...environment },
  });
  if (error) throw error;
  return status === 0;
}

const output = (command, args) => spawnSync(command, args, { encoding: "utf8" }).stdout ?? "";

function checkNode() {
  if (Number(process.versions.node.split(".")[0]) >= 20) return;
  say(`Node 20 or newer is needed, this is ${process.versions.node}`);
  process.exit(1);
}

function installNpmPackages() {
  const digest = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules/.nginx-stacks-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  say("installing the npm packages of package-lock.json (about half a minute)");
  if (!run("npm", ["ci", "--no-audit", "--no-fund"])) process.exit(1);
  writeFileSync(stamp, digest);
}

/** Whether all are there at the end. */
function fromDebian(missing, options = []) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  say(`installing from Debian: ${missing.join(" ")}`);
  // Debian starts what it installs; the tests start their own NGINX and mosquitto, on ports of their own.
  const environment = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  return (
    run("apt-get", ["update", "-qq"], environment) &&
    run("apt-get", ["install", "-y", "-qq", ...options, ...missing], environment)
  );
}

/** What of these packages is not installed. */
const notInstalled = (names) =>
  names.filter((name) => !output("dpkg-query", ["-W", "-f=${db:Status-Status}", name]).startsWith("installed"));

function installDebianPackages() {
  const missing = notInstalled(debianPackages);
  if (missing.length === 0 || fromDebian(missing)) return;
  say(`missing: ${missing.join(", ")}. Without them the demo cannot run and the tests on the wire are skipped.`);
  say(`as root on Debian: apt-get install ${missing.join(" ")}`);
}

function checkGo() {
  const found = /go(\d+)\.(\d+)/.exec(output("go", ["version"]));
  const [major, minor] = found ? found.slice(1).map(Number) : [0, 0];
  if (major > goAtLeast[0] || (major === goAtLeast[0] && minor >= goAtLeast[1])) return;
  say(`Go ${goAtLeast.join(".")} or newer is missing: the NGINX directive tables and the cluster tests are skipped.`);
}

/** SPIRE has C in it (SQLite); nothing else that the tests build has. */
function installCompiler() {
  const compiles = () =>
    spawnSync("gcc", ["-x", "c", "-fsyntax-only", "-"], { input: "#include <stdlib.h>\n" }).status === 0;
  if (compiles() || (fromDebian(["gcc", "libc6-dev"]) && compiles())) return;
  say("gcc with libc6-dev is missing: the tests with SPIRE are skipped.");
}

/** Packages without what Debian recommends beside them, some of which are programs that run by themselves. */
function installAlone(names, withoutThem) {
  const missing = notInstalled(names);
  if (missing.length === 0 || fromDebian(missing, ["--no-install-recommends"])) return;
  say(`missing: ${missing.join(", ")}. Without them ${withoutThem}.`);
}

/** gixy-ng in a Python environment of its own, in a folder named after its pins (`test/gixy.ts` looks there). */
function installGixy() {
  const requirements = join(root, "tools/gixy/requirements.txt");
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
  const folder = join(root, ".cache", `gixy-${digest}`);
  if (existsSync(join(folder, "complete"))) return;
  say("installing gixy-ng, which judges NGINX configurations (a few seconds)");
  // Debian has the module that makes environments in a package of its own.
  const made = () => spawnSync("python3", ["-m", "venv", "--clear", folder], { stdio: "ignore" }).status === 0;
  const pip = [
    "install",
    "--quiet",
    "--no-input",
    "--retries",
    "1",
    "--disable-pip-version-check",
    "--require-hashes",
    "-r",
    requirements,
  ];
  try {
    if (!made() && !(fromDebian(["python3-venv"]) && made())) throw new Error("python3 -m venv failed");
    if (!run(join(folder, "bin/pip"), pip)) throw new Error("pip install failed");
    writeFileSync(join(folder, "complete"), "");
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    say(`gixy-ng: skipped, and the tests with it (${error.message})`);
  }
}

/** Rings 1 and 2 need little of what takes minutes to build: it is built while they run, and tests that need it wait (`test/go.ts`). */
function startGoBuilds() {
  const build = ["--import", "tsx", join(root, "test/build-tools.ts")];
  spawn(process.execPath, build, { cwd: root, detached: true, stdio: "ignore" }).unref();
}

/** The NGINX whose release the components name, from a newer suite of Debian: a quarter of a minute, once. */
function makeNewestNginx() {
  if (run(process.execPath, ["--import", "tsx", join(root, "test/make-roots.ts")])) return;
  say("the NGINX of a newer Debian cannot be had: the tests on the wire run the one that is installed.");
}

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
}

function buildLibrary() {
  const built = join(root, "dist/index.js");
  const sources = Math.max(
    newest(join(root, "components")),
    newest(join(root, "engine")),
    ...["index.ts", "plugin.ts"].map((file) => statSync(join(root, file)).mtimeMs),
  );
  if (existsSync(built) && statSync(built).mtimeMs > sources) return;
  say("compiling the library into dist/");
  if (!run(process.execPath, [join(root, "scripts/build.mjs")])) process.exit(1);
}

checkNode();
installNpmPackages();
installDebianPackages();
if (process.argv.includes("--test")) {
  checkGo();
  installCompiler();
  // promtool comes with Prometheus, which is not started; the exporter asks NGINX for its metrics.
  installAlone(["prometheus", "prometheus-nginx-exporter"], "the tests of alert rules and metrics are skipped");
  // The parts of a Kubernetes node that are no Go module, and what makes root file systems for its images.
  const node = ["runc", "containernetworking-plugins", "ipset", "conntrack", "mmdebstrap"];
  installAlone(node, "the tests on a real node are skipped");
  makeNewestNginx();
  startGoBuilds();
  installGixy();
}
// What the benchmarks compare with, and count instructions with.
if (process.argv.includes("--bench"))
  installAlone(["haproxy", "valgrind"], 'lines of the benchmarks that need them say "not measured"');
buildLibrary();
