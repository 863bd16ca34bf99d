import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStack, describeCli } from "./cli";
import { copyPlugin, type PluginFolder } from "./plugin";

jest.setTimeout(300_000);

const token = "planted token";
const sentence =
  'LicenseSecret "license": jwt has whitespace inside; write the token as one line, as it was downloaded';

/** The lines with a text of what the CLI printed after all is said: each diagnostic once. */
function diagnostics(printed: string): string {
  return printed.slice(printed.indexOf("Diagnostics:"));
}

/** Runs a program in a project's folder, whose `backend` has the state, with the plugin's providers. */
const runIn = (folder: string, plugin: PluginFolder, program: string, ...words: string[]) =>
  spawnSync(program, words, {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...process.env,
      PULUMI_HOME: plugin.home,
      PULUMI_BACKEND_URL: `file://${folder}/backend`,
      PULUMI_CONFIG_PASSPHRASE: "x",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });

const count = (text: string, part: string) => text.split(part).length - 1;

describeCli("a value that is wrong and known late", () => {
  test("ends `pulumi up` with one sentence, the line of the program, and no stack", async () => {
    const folder = join(__dirname, "programs/late-refusal");
    const stack = await createStack({ folder, stack: "test", kubeconfig: "/dev/null", secretConfig: { jwt: token } });
    try {
      const started = Date.now();
      const printed = diagnostics(
        await stack.up().then(
          () => "",
          (error: Error) => error.message,
        ),
      );
      // It took two minutes once; this bounds a hang, and is no measurement.
      expect(Date.now() - started).toBeLessThan(60_000);
      expect(count(printed, sentence)).toBe(1);
      expect(printed).toMatch(/index\.ts:\d+:\d+\n/);
      expect(printed).not.toMatch(/node_modules|unhandled|planted/);
    } finally {
      stack.remove();
    }
  });
});

const yamlHost = spawnSync("sh", ["-c", "command -v pulumi-language-yaml"]).status === 0;

const pythonHost = spawnSync("sh", ["-c", "command -v pulumi-language-python && python3 -m venv --help"]).status === 0;

describeCli("a program in Python", () => {
  if (!pythonHost) {
    test.skip("pulumi-language-python or python3 with venv is missing: mistakes in Python", () => {});
    return;
  }
  let plugin: PluginFolder;
  let folder: string;
  beforeAll(() => {
    plugin = copyPlugin();
    folder = mkdtempSync(join(tmpdir(), "nginx-stacks-python-"));
    mkdirSync(join(folder, "backend"));
    run("python3", "-m", "venv", "venv");
    run("venv/bin/pip", "install", "--quiet", "pulumi");
    run("pulumi", "package", "gen-sdk", plugin.folder, "--language", "python", "--out", join(folder, "sdk"));
    run("venv/bin/pip", "install", "--quiet", "./sdk/python");
  });
  afterAll(() => {
    plugin?.remove();
    rmSync(folder, { recursive: true });
  });

  const call = (program: string, ...words: string[]) => runIn(folder, plugin, program, ...words);
  function run(program: string, ...words: string[]): void {
    const { status, stdout, stderr } = call(program, ...words);
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stdout}\n${stderr}`);
  }

  test("five mistakes are five sentences, and no value is shown", () => {
    const files = {
      "Pulumi.yaml": JSON.stringify({
        name: "mistakes",
        runtime: { name: "python", options: { virtualenv: "venv" } },
        plugins: { providers: [{ name: "nginx-stacks", path: plugin.folder }] },
      }),
      "__main__.py": `
import pulumi_nginx_stacks as stacks

edge = stacks.Namespace("edge")
stacks.Certificate(
    "wrong",
    namespace=edge,
    usage="sever",
    subject={"common_name": "planted", "country": "de"},
    dns_names=["192.0.2.1"],
    rsa_bits=12,
)
`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    run("pulumi", "stack", "init", "--no-select", "--stack", "test");
    const { status, stdout, stderr } = call(
      "pulumi",
      "preview",
      "--non-interactive",
      "--color",
      "never",
      "--stack",
      "test",
    );
    expect(status).not.toBe(0);
    const printed = diagnostics(`${stdout}\n${stderr}`);
    for (const path of ["namespace", "usage", "subject.country", "dnsNames[0]", "rsaBits"])
      expect(count(printed, `Certificate "wrong": ${path} `)).toBe(1);
    expect(printed).not.toMatch(/planted|with value/);
  });
});

describeCli("programs in YAML", () => {
  if (!yamlHost) {
    test.skip("pulumi-language-yaml is missing: mistakes in YAML", () => {});
    return;
  }
  let plugin: PluginFolder;
  beforeAll(() => {
    plugin = copyPlugin();
  });
  afterAll(() => plugin?.remove());

  /** What `pulumi preview` says of one resource of the library. */
  function preview(type: string, properties: object, secretConfig: Record<string, string> = {}): string {
    const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-yaml-"));
    try {
      mkdirSync(join(folder, "backend"));
      const program = {
        name: "mistakes",
        runtime: "yaml",
        packages: { "nginx-stacks": plugin.folder },
        config: Object.fromEntries(Object.keys(secretConfig).map((key) => [key, { type: "string", secret: true }])),
        resources: { wrong: { type: `nginx-stacks:${type}`, properties } },
      };
      writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(program));
      const pulumi = (...words: string[]) =>
        runIn(folder, plugin, "pulumi", ...words, "--non-interactive", "--color", "never", "--stack", "test");
      expect(pulumi("stack", "init", "--no-select").status).toBe(0);
      for (const [key, value] of Object.entries(secretConfig))
        expect(pulumi("config", "set", "--secret", key, value).status).toBe(0);
      const { status, stdout, stderr } = pulumi("preview");
      expect(status).not.toBe(0);
      return diagnostics(`${stdout}\n${stderr}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("five mistakes are five sentences, and no value is shown", () => {
    const printed = preview("Certificate", {
      namespace: "Edge",
      usage: "server",
      subject: { commonName: "broker", country: "de" },
      dnsNames: ["192.0.2.1"],
      rsaBits: 1024,
      issuer: {
        certificatePem: "planted",
        privateKeyPem: "planted",
        chain: "planted",
        bundle: "planted",
        renewalWindowHours: 10,
      },
    });
    for (const path of ["namespace", "subject.country", "dnsNames[0]", "rsaBits", "validityHours"])
      expect(count(printed, `Certificate "wrong": ${path} `)).toBe(1);
    expect(printed).not.toMatch(/planted|with value/);
  });

  test("a secret that is known late is one sentence without its value", () => {
    const printed = preview("LicenseSecret", { namespace: "default", jwt: "${jwt}" }, { jwt: token });
    expect(count(printed, sentence.replace('"license"', '"wrong"'))).toBe(1);
    expect(printed).not.toMatch(/planted|prematurely|unhandled/);
  });

  test("a token in plain text is not shown", () => {
    const printed = preview("LicenseSecret", { namespace: "default", jwt: token });
    expect(count(printed, sentence.replace('"license"', '"wrong"'))).toBe(1);
    expect(printed).not.toMatch(/planted|with value/);
  });
});
