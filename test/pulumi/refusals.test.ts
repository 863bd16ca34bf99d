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
        spawnSync("pulumi", [...words, "--non-interactive", "--color", "never", "--stack", "test"], {
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
