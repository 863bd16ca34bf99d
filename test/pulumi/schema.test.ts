import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportedComponents } from "../components/exported-components";
import { describeCli } from "./cli";
import { copyPlugin, type PluginFolder } from "./plugin";

jest.setTimeout(300_000);

describeCli("the schema that other languages get", () => {
  let plugin: PluginFolder;
  let user: string;

  beforeAll(() => {
    plugin = copyPlugin();
    user = mkdtempSync(join(tmpdir(), "nginx-stacks-user-"));
  });
  afterAll(() => {
    plugin?.remove();
    rmSync(user, { recursive: true });
  });

  // The CLI compiles a plugin by the tsconfig.json of the folder that it is called from: here none, as for a program in another language.
  test("`pulumi package get-schema` knows every component", () => {
    const schema = JSON.parse(
      execFileSync("pulumi", ["package", "get-schema", plugin.folder], {
        cwd: user,
        env: { ...process.env, PULUMI_HOME: plugin.home },
        encoding: "utf8",
        maxBuffer: 1 << 28,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    const classes = exportedComponents.map(([name]) => `nginx-stacks:index:${name}`);
    expect(Object.keys(schema.resources).sort()).toEqual(classes.sort());
    expect(schema.name).toBe("nginx-stacks");
  });
});
