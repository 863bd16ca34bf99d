import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartReleases, manifests, record, runProgram } from "../../engine";
import { command } from "../../engine/command";
import { projectFolder } from "./project-folder";
import { temporaryFolder } from "./temporary";

const STACK = join(__dirname, "fixtures/stack");
const ROOT = join(__dirname, "../..");

const password = `planted-${randomBytes(12).toString("base64url")}`;

async function nginxStacks(...words: string[]) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const status = await command(words, { stdout: (text) => stdout.push(text), stderr: (text) => stderr.push(text) });
  return { status, stdout: stdout.join(""), stderr: stderr.join("") };
}

/** All files of a folder by path. */
function contents(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    paths
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
}

describe("an unmodified TypeScript program", () => {
  const stateFolder = join(temporaryFolder(), "state");
  const run = () => runProgram({ folder: STACK, stack: "dev", stateFolder, config: { password } });

  test("is run, and run again to the same bytes", async () => {
    const first = await run();
    const objects = manifests(first, { secrets: "show" });
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      expect.stringMatching(/^Namespace messaging-[0-9a-f]{8}$/),
      expect.stringMatching(/^Secret broker-tls-[0-9a-f]{8}$/),
      expect.stringMatching(/^Deployment broker-[0-9a-f]{8}$/),
    ]);
    const [namespace, secret, deployment] = objects;
    expect(secret).toMatchObject({
      metadata: { namespace: namespace!.metadata.name },
      type: "kubernetes.io/tls",
      stringData: { password, "tls.crt": expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/) },
    });
    expect(deployment).toMatchObject({
      spec: { replicas: 2, template: { spec: { volumes: [{ secret: { secretName: secret!.metadata.name } }] } } },
    });
    expect(chartReleases(first)[0]).toMatchObject({ coordinates: { chart: "prometheus", version: "25.0.0" } });
    expect(first.outputs).toEqual({ namespaceName: namespace!.metadata.name });
    expect(first.log).toContainEqual({ severity: "info", message: "a line from the program", urn: "" });

    const second = await run();
    expect(manifests(second, { secrets: "show" })).toEqual(objects);
    expect(manifests(second)).toEqual(manifests(first));
  });

  test("keeps its state for its owner alone", async () => {
    expect(Object.keys(contents(stateFolder))).toEqual([".gitignore", "state.json"]);
    expect(readFileSync(join(stateFolder, ".gitignore"), "utf8")).toBe("*\n");
    chmodSync(stateFolder, 0o755);
    chmodSync(join(stateFolder, "state.json"), 0o644);
    await record(() => {}, { stateFolder });
    expect(statSync(stateFolder).mode & 0o777).toBe(0o700);
    expect(statSync(join(stateFolder, "state.json")).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(stateFolder, "state.json"), "utf8")).resources).toEqual({});
  });

  test("is refused with a state that is damaged or newer", async () => {
    const folder = temporaryFolder();
    const damaged = join(folder, "state.json");
    writeFileSync(damaged, "{");
    const attempt = () => runProgram({ folder: STACK, stack: "dev", stateFolder: folder, config: { password } });
    await expect(attempt()).rejects.toThrow(
      `${damaged} is not readable as JSON; restore it, or remove it to make all keys and random values anew`,
    );
    writeFileSync(damaged, '{"version":2}');
    await expect(attempt()).rejects.toThrow(`${damaged} has version 2; this engine reads version 1`);
  });
});

describe("a program that fails", () => {
  const cases: [what: string, program: string, message: string | RegExp][] = [
    [
      "with an error of its own ends in its message and the user's own line",
      'function check() {\n  throw new Error("no upstream");\n}\ncheck();',
      /^Running program '.*' failed with an unhandled exception:\nError: no upstream\n {4}at check \(.*index\.js:2:9\)\n {4}at Object\.<anonymous> \(.*index\.js:4:1\)$/,
    ],
    [
      "by registering a URN twice",
      'const { core } = require("@pulumi/kubernetes");\nfor (const _ of [1, 2]) new core.v1.ConfigMap("same", {});',
      "Duplicate resource URN 'urn:pulumi:dev::temporary::kubernetes:core/v1:ConfigMap::same'; try giving it a unique name",
    ],
    [
      "by ending itself",
      'console.error("giving up");\nprocess.exit(3);',
      "the program ended with exit code 3:\ngiving up",
    ],
    [
      "by a module that is missing",
      'require("./absent");',
      /^Running program '.*' failed with an unhandled exception:\nError: Cannot find module '\.\/absent'/,
    ],
    [
      "by a component that refuses an argument ends in that sentence",
      'throw new (require("@pulumi/pulumi").InputPropertyError)({ propertyPath: "a", reason: "a is missing" });',
      /^Running program '.*' failed with an unhandled exception:\nInputPropertyError: a is missing\n {4}at Object\.<anonymous> \(.*index\.js:1:7\)$/,
    ],
  ];

  test.each(cases)("%s", async (_what, program, message) => {
    const folder = projectFolder({ "index.js": program });
    const error = await runProgram({ folder, stack: "dev" }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    const text = (error as Error).message;
    if (typeof message === "string") expect(text).toBe(message);
    else expect(text).toMatch(message);
    expect(text).not.toMatch(/^\s+at .*(node_modules|node:internal)/m);
  });

  test("keeps what it had made", async () => {
    const folder = projectFolder({
      "index.js": `const { PrivateKey } = require("@pulumi/tls");
const key = new PrivateKey("key", { algorithm: "ED25519" });
if (process.env.FAIL_LATE) key.id.apply(() => { throw new Error("late"); });
exports.key = key.publicKeyPem;`,
    });
    process.env.FAIL_LATE = "yes";
    await expect(runProgram({ folder, stack: "dev" })).rejects.toThrow("late");
    delete process.env.FAIL_LATE;
    const state = join(folder, ".nginx-stacks/dev/state.json");
    const [kept] = Object.values(JSON.parse(readFileSync(state, "utf8")).resources) as never[];
    const { outputs } = await runProgram({ folder, stack: "dev" });
    expect(kept).toMatchObject({ value: { outputs: { publicKeyPem: outputs.key } } });
  });
});

describe("nginx-stacks render", () => {
  const program = `const { core } = require("@pulumi/kubernetes");
const { Config } = require("@pulumi/pulumi");
const { RandomId } = require("@pulumi/random");
const secret = new core.v1.Secret("credentials", { stringData: { password: new Config().requireSecret("password") } });
const id = new RandomId("id", { byteLength: 4 });
new core.v1.ConfigMap("settings", { metadata: { name: "settings" }, data: { credentials: secret.metadata.name, id: id.hex } });
console.log("a line from the program");`;
  const folder = projectFolder({ "index.js": program });
  const out = join(folder, "out");
  const render = async (...more: string[]) => {
    const words = ["--stack", "dev", "--out", out, "--config", `password=${password}`];
    const result = await nginxStacks("render", folder, ...words, ...more);
    return { result, files: contents(out), text: JSON.stringify(contents(out)) };
  };

  test("previews, then writes digests, or what is asked for", async () => {
    const preview = await render("--preview");
    expect(preview.text).toContain("<unknown in preview>");

    const digests = await render();
    expect(digests.result).toEqual({
      status: 0,
      stdout: `2 Kubernetes objects in ${out}\n`,
      stderr: "a line from the program\n",
    });
    expect(Object.keys(digests.files).sort()).toEqual([
      ".nginx-stacks-render.json",
      expect.stringMatching(/^001-secret-credentials-[0-9a-f]{8}\.yaml$/),
      "002-configmap-settings.yaml",
    ]);
    expect(digests.text).not.toContain(password);
    expect(digests.text).toContain("digest:");
    expect(digests.text).not.toContain("unknown");

    const shown = await render("--show-secrets");
    expect(shown.text).toContain(password);
    expect(shown.text).not.toContain("digest:");

    const existing = await render("--secrets", "existing");
    expect(existing.files).toEqual({
      ".nginx-stacks-render.json": '[\n  "001-configmap-settings.yaml"\n]\n',
      "001-configmap-settings.yaml": digests.files["002-configmap-settings.yaml"],
    });
    expect(statSync(join(folder, ".nginx-stacks/dev")).mode & 0o777).toBe(0o700);
  });

  test("says what it is not", () => {
    const tsx = join(ROOT, "node_modules/.bin/tsx");
    const { status, stdout, stderr } = spawnSync(tsx, ["engine/cli.ts", "--help"], { cwd: ROOT, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("This is not a deployment engine.");
    expect(stdout).toContain("there is no diff, no update, no replace and\nno delete");
  });

  test("ends a failed program in one message and exit code 1, and writes nothing", async () => {
    const failing = projectFolder({ "index.js": 'process.stderr.write("giving up");\nprocess.exit(3);' });
    expect(await nginxStacks("render", failing, "--stack", "dev", "--out", join(failing, "out"))).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: the program ended with exit code 3:\ngiving up\n",
    });
    expect(existsSync(join(failing, "out"))).toBe(false);
  });

  test("prints what a program printed before it failed", async () => {
    const failing = projectFolder({
      "index.js": `
        const pulumi = require("@pulumi/pulumi");
        console.log("one line");
        pulumi.log.warn("a warning");
        const refusal = Object.assign(new Error("listeners is missing; write a list"), { __pulumiRunError: true });
        pulumi.output(1).apply(() => { throw refusal; });`,
    });
    expect(await nginxStacks("render", failing, "--stack", "dev", "--out", join(failing, "out"))).toEqual({
      status: 1,
      stdout: "",
      stderr: "one line\nwarning: a warning\nerror: listeners is missing; write a list\n",
    });
  });

  test("shows no secret of the config, whatever the program prints", async () => {
    const printing = projectFolder({
      "index.js": `
        const word = new (require("@pulumi/pulumi").Config)().require("password");
        console.log("it is " + word);
        throw Object.assign(new Error("not " + word), { __pulumiRunError: true });`,
      "Pulumi.yaml": `name: printing
runtime: { name: nodejs, options: { typescript: false } }
config:
  password: { type: string, secret: true, default: ${password} }
`,
    });
    const printed = await nginxStacks("render", printing, "--stack", "dev", "--out", join(printing, "out"));
    expect(printed).toEqual({ status: 1, stdout: "", stderr: "it is [secret]\nerror: not [secret]\n" });
  });

  test("shows no secret that the program made, in any encoding, and keeps its lines before an error of the files", async () => {
    const printing = projectFolder({
      "index.js": `
        const { core } = require("@pulumi/kubernetes");
        const word = "made-" + 20 * 20 + "-Secret";
        new core.v1.Secret("credentials", { stringData: { word } });
        new core.v1.ConfigMap("map", { data: { word } });
        for (const encoding of ["base64", "hex"]) console.log(encoding, Buffer.from(word).toString(encoding));
        console.log("it is " + word, encodeURIComponent(word));`,
      "Pulumi.yaml": "name: printing\nruntime: { name: nodejs, options: { typescript: false } }\n",
    });
    const { status, stderr } = await nginxStacks("render", printing, "--stack", "dev", "--out", join(printing, "out"));
    expect([status, stderr.split("\n").slice(0, 3)]).toEqual([
      1,
      ["base64 [secret]", "hex [secret]", "it is [secret] [secret]"],
    ]);
    expect(stderr).toContain("error: ConfigMap urn:");
    expect(stderr).not.toContain("made-400-Secret");
  });

  test.each([
    [["deploy"], 'there is no command "deploy"'],
    [["render"], "name one project folder: the one with Pulumi.yaml"],
    [["render", ".", "--out", "out"], "name the stack with --stack"],
    [["render", ".", "--stack", "dev"], "name the output folder with --out"],
    [
      ["render", ".", "--stack", "dev", "--out", "out", "--secrets", "all"],
      '--secrets is "all"; the only value is existing',
    ],
    [
      ["render", ".", "--stack", "dev", "--out", "out", "--config", "password"],
      '--config takes <key>=<value>, not "password"',
    ],
  ])("refuses %j with exit code 2", async (words, message) => {
    expect(await nginxStacks(...words)).toEqual({
      status: 2,
      stdout: "",
      stderr: `error: ${message}\nSee nginx-stacks --help.\n`,
    });
  });
});

test("a process that records ends by itself, with nothing left open", () => {
  const script = `
    const { record } = require("./engine");
    const { core } = require("@pulumi/kubernetes");
    (async () => {
      await record(() => void new core.v1.ConfigMap("map", {}));
      await record(() => { throw new Error("refused"); }).catch(() => {});
      await record(() => void new core.v1.ConfigMap("map", { data: Promise.reject(new Error("late")) })).catch(() => {});
      console.log("ended", process._getActiveHandles().filter((handle) => handle.constructor.name !== "Pipe" && handle.constructor.name !== "Socket").length);
    })();`;
  const stdout = execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", script], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 180_000,
  });
  expect(stdout).toBe("ended 0\n");
});
