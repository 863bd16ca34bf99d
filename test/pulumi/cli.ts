import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Cluster, describeCluster, describeOwnCluster } from "../cluster/fixture";

/** The repository. */
export const root = join(__dirname, "../..");

/** Why the tests with the real engine cannot run here, or undefined when they can. */
function pulumiMissing(): string | undefined {
  const pulumi = spawnSync("pulumi", ["version"], { encoding: "utf8" });
  return pulumi.status === 0 ? undefined : "pulumi is missing (no such program on PATH)";
}

/** `describe` for tests with the Pulumi CLI alone. */
export function describeCli(name: string, tests: () => void): void {
  const why = pulumiMissing();
  if (why === undefined) describe(`pulumi: ${name}`, tests);
  else describe.skip(`pulumi: ${why}: ${name}`, tests);
}

/** The same for tests that change what a cluster of somebody else keeps. */
export function describeOwnPulumi(name: string, tests: (cluster: () => Cluster) => void): void {
  describeOwnCluster(name, tests, pulumiMissing(), "pulumi");
}

/** `describe` for tests with the real engine against a cluster. */
export function describePulumi(name: string, tests: (cluster: () => Cluster) => void): void {
  if (pulumiMissing() === undefined) describeCluster(name, tests, "pulumi");
  else describeCli(name, () => tests(unavailable));
}

function unavailable(): never {
  throw new Error("a skipped test has no cluster");
}

/** Which program to run, and where. */
export interface StackOptions {
  /** Folder with Pulumi.yaml; it is copied, since the CLI writes into it. */
  folder: string;
  stack: string;
  kubeconfig: string;
  config?: Record<string, string>;
  secretConfig?: Record<string, string>;
}

/** A stack of the real Pulumi CLI with a file backend of its own. */
export interface PulumiStack {
  /** `pulumi up`; the answer is what the CLI printed. `replace` are URNs, with `**` for any part. */
  up(replace?: string[]): Promise<string>;
  /** `pulumi preview --expect-no-changes`: fails, with the diff, when there is anything to do; with `refresh` compared to the cluster as it is now. */
  expectNoChanges(refresh?: "refresh"): Promise<void>;
  /** `pulumi refresh`: takes the cluster as it is now into the state. */
  refresh(): Promise<string>;
  setConfig(config: Record<string, string>, secretConfig?: Record<string, string>): Promise<void>;
  /** The stack's outputs, secrets too. */
  outputs(): Promise<Record<string, unknown>>;
  /** The stack's outputs as the CLI shows them: secrets are "[secret]". */
  maskedOutputs(): Promise<Record<string, unknown>>;
  /** Names of the Namespaces that the stack made. */
  namespaces(): Promise<string[]>;
  /** The state as it lies in the backend, secrets encrypted; or with all secrets in it. */
  exportState(secrets?: "secrets shown"): Promise<string>;
  /** `pulumi destroy`; the answer is what the CLI printed. */
  destroy(): Promise<string>;
  /** Another stack of the same program, in the same backend: each may read the other's outputs. */
  beside(options: Pick<StackOptions, "stack" | "config" | "secretConfig">): Promise<PulumiStack>;
  /** `pulumi stack rename`: the same stack under another name. */
  rename(name: string): Promise<PulumiStack>;
  /** Removes the copy of the program and the backend. */
  remove(): void;
}

/** Long enough for the awaits of a whole example. */
const commandTimeout = 10 * 60_000;

export async function createStack(options: StackOptions): Promise<PulumiStack> {
  const { folder, backend } = copyProgram(options.folder);
  const environment = {
    ...process.env,
    KUBECONFIG: options.kubeconfig,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  return initStack(folder, environment, options);
}

/** Makes a stack in the folder's backend. */
async function initStack(
  folder: string,
  environment: NodeJS.ProcessEnv,
  options: Pick<StackOptions, "stack" | "config" | "secretConfig">,
): Promise<PulumiStack> {
  const stack = openStack(folder, environment, options.stack);
  await stack.pulumi("stack", "init", "--no-select");
  await stack.setConfig(options.config ?? {}, options.secretConfig);
  return stack;
}

/** A stack with its commands. */
interface OpenStack extends PulumiStack {
  pulumi(...args: string[]): Promise<string>;
}

/** Returns a stack that is there already. */
function openStack(folder: string, environment: NodeJS.ProcessEnv, name: string): OpenStack {
  const pulumi = (...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      const command = [...args, "--stack", name, "--non-interactive", "--color", "never"];
      const settings = { cwd: folder, env: environment, maxBuffer: 1 << 28, timeout: commandTimeout };
      execFile("pulumi", command, settings, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(new Error(`pulumi ${args[0]} ${args[1] ?? ""}: ${error.code ?? error.signal}\n${stdout}\n${stderr}`));
      });
    });

  const stack: OpenStack = {
    pulumi,
    up: (replace = []) => pulumi("up", "--yes", "--skip-preview", ...replace.flatMap((urn) => ["--replace", urn])),
    async expectNoChanges(refresh) {
      await pulumi("preview", "--expect-no-changes", "--diff", ...(refresh ? ["--refresh"] : []));
    },
    refresh: () => pulumi("refresh", "--yes", "--skip-preview"),
    async setConfig(config, secretConfig = {}) {
      const pairs = (flag: string, values: Record<string, string>) =>
        Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
      const args = [...pairs("--plaintext", config), ...pairs("--secret", secretConfig)];
      if (args.length > 0) await pulumi("config", "set-all", ...args);
    },
    outputs: async () => JSON.parse(await pulumi("stack", "output", "--json", "--show-secrets")),
    maskedOutputs: async () => JSON.parse(await pulumi("stack", "output", "--json")),
    async namespaces() {
      const { deployment } = JSON.parse(await stack.exportState());
      return deployment.resources
        .filter(({ type }: { type: string }) => type === "kubernetes:core/v1:Namespace")
        .map(({ id }: { id: string }) => id);
    },
    exportState: (secrets) => pulumi("stack", "export", ...(secrets ? ["--show-secrets"] : [])),
    destroy: () => pulumi("destroy", "--yes", "--skip-preview"),
    beside: (others) => initStack(folder, environment, others),
    async rename(newName) {
      await pulumi("stack", "rename", newName);
      return openStack(folder, environment, newName);
    },
    remove: () => rmSync(dirname(folder), { recursive: true }),
  };
  return stack;
}

/** Below the root, so that the program finds the library by the package's own name, and beside its neighbours, of which it may import parts. */
function copyProgram(program: string): { folder: string; backend: string } {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const copies = mkdtempSync(join(root, ".cache/pulumi-"));
  const neighbours = readdirSync(dirname(program)).filter((name) => name !== basename(program));
  for (const name of neighbours) symlinkSync(join(dirname(program), name), join(copies, name));
  const folder = join(copies, basename(program));
  cpSync(program, folder, { recursive: true });
  const compilerOptions = { rootDir: root, noCheck: true, noEmit: true };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions }),
  );
  const backend = join(folder, "backend");
  mkdirSync(backend);
  return { folder, backend };
}
