import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";
import { describeCli, root } from "./cli";

/** What makes the folder a plugin. */
const pluginFiles = [
  "PulumiPlugin.yaml",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "index.ts",
  "plugin.ts",
  "components",
];

/** The providers whose schemas ours refers to. */
const providers = ["kubernetes", "random", "tls"];

jest.setTimeout(300_000);

describeCli("the schema that other languages get", () => {
  let folder: string;
  let home: string;
  let user: string;

  beforeAll(() => {
    // A copy: the CLI installs the folder's dependencies, and takes no folder that is also a project.
    mkdirSync(join(root, ".cache"), { recursive: true });
    folder = mkdtempSync(join(root, ".cache/plugin-"));
    for (const file of pluginFiles) cpSync(join(root, file), join(folder, file), { recursive: true });
    execFileSync("cp", ["-al", join(root, "node_modules"), folder]);
    user = mkdtempSync(join(tmpdir(), "nginx-stacks-user-"));
    home = join(folder, ".pulumi-home");
    for (const provider of providers) installFromPath(provider, home);
  });
  afterAll(() => {
    for (const path of [folder, user]) rmSync(path, { recursive: true });
  });

  // The CLI compiles a plugin by the tsconfig.json of the folder that it is called from: here none, as for a program in another language.
  test("`pulumi package get-schema` knows every component", () => {
    const schema = JSON.parse(
      execFileSync("pulumi", ["package", "get-schema", folder], {
        cwd: user,
        env: { ...process.env, PULUMI_HOME: home },
        encoding: "utf8",
        maxBuffer: 1 << 28,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    const classes = Object.entries(library)
      .filter(([, value]) => typeof value === "function" && value.prototype instanceof pulumi.ComponentResource)
      .map(([name]) => `nginx-stacks:index:${name}`);
    expect(Object.keys(schema.resources).sort()).toEqual(classes.sort());
    expect(schema.name).toBe("nginx-stacks");
  });
});

/** Puts a provider that is on PATH where the CLI looks for the version that package.json asks for; others are downloaded. */
function installFromPath(provider: string, home: string): void {
  const { version } = JSON.parse(readFileSync(join(root, `node_modules/@pulumi/${provider}/package.json`), "utf8"));
  const folder = join(home, "plugins", `resource-${provider}-v${version}`);
  const program = `pulumi-resource-${provider}`;
  const found = (process.env.PATH ?? "").split(delimiter).find((entry) => existsSync(join(entry, program)));
  if (found === undefined) return;
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(found, program), join(folder, program));
}
