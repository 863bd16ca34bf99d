import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../cluster/until";
import { nodeMissing } from "./fixture";

const why = nodeMissing();
const describeHere = why === undefined ? describe : describe.skip;

/** Processes for which this holds; those that end meanwhile do not count. */
const processes = (test: (folder: string) => boolean) =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return test(join("/proc", pid));
      } catch {
        return false;
      }
    });

const link = (process: string, namespace: string) => readlinkSync(join(process, "ns", namespace));

/** Paths below the host's cgroups with a node's name in them. */
function cgroupsOf(name: string): string[] {
  const roots = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((entry) => join("/sys/fs/cgroup", entry))];
  return roots.map((root) => join(root, name)).filter((folder) => existsSync(folder));
}

/** Starts a node in a process of its own, kills that process and returns what the node leaves behind. */
async function killed(when: "starting" | "running"): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), "nginx-stacks-node-test-"));
  const before = Object.keys(networkInterfaces());
  const program = `require(${JSON.stringify(join(__dirname, "node.ts"))}).startNode().then(async (node) => {
    await node.waitReady([await node.get("deployment", "coredns", "kube-system")]);
    console.log("running");
  });`;
  const child = spawn(process.execPath, ["--import", "tsx", "-e", program], {
    cwd: join(__dirname, "../.."),
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  const name = await until("the node's folder", 60, async () =>
    readdirSync(temporary).find((entry) => existsSync(join(temporary, entry, "ready"))),
  );
  const folder = join(temporary, name);
  const commandLine = (process: string) => readFileSync(join(process, "cmdline"), "utf8");
  const [first] = processes(
    (process) => /^unshare\0/.test(commandLine(process)) && commandLine(process).includes(folder),
  );
  const pids = readlinkSync(`/proc/${first}/ns/pid_for_children`);
  const network = link(`/proc/${first}`, "net");
  if (when === "running") await until("a pod that runs", 120, async () => said.includes("running") || undefined);
  else await until("containerd", 60, async () => existsSync(join(folder, "containerd.log")) || undefined);
  const inside = () => processes((process) => link(process, "pid") === pids || link(process, "net") === network);
  expect(inside().length).toBeGreaterThan(when === "running" ? 8 : 1);

  child.kill("SIGKILL");
  await until("the end of everything", 20, async () => {
    const left = [
      ...inside().map((pid) => `process ${pid}`),
      ...processes((process) => readFileSync(join(process, "cgroup"), "utf8").includes(name)),
      ...cgroupsOf(name),
      ...readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(name)),
      ...Object.keys(networkInterfaces()).filter((one) => !before.includes(one)),
      ...readdirSync(temporary).filter((entry) => entry === name),
    ];
    if (left.length > 0) throw new Error(left.join("\n"));
    return true;
  });
  rmSync(temporary, { recursive: true });
}

describeHere(`node: ${why === undefined ? "" : `${why}: `}a node whose process is killed`, () => {
  test("leaves nothing behind while it starts", () => killed("starting"));
  test("leaves nothing behind with a pod in it", () => killed("running"));
});
