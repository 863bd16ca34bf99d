import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./cli";

/** Everything that makes the folder a plugin. */
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

/** A copy of the library as a plugin, and a home of the CLI that knows the providers on PATH. */
export interface PluginFolder {
  folder: string;
  /** PULUMI_HOME. */
  home: string;
  remove(): void;
}

/** Copies the library to a folder that the CLI may install dependencies in. */
export function copyPlugin(): PluginFolder {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/plugin-"));
  for (const file of pluginFiles) cpSync(join(root, file), join(folder, file), { recursive: true });
  const linked = spawnSync("cp", ["-al", join(root, "node_modules"), folder]);
  if (linked.status !== 0) throw new Error(`cp -al node_modules: ${linked.stderr}`);
  const home = join(folder, ".pulumi-home");
  for (const provider of providers) installFromPath(provider, home);
  return { folder, home, remove: () => rmSync(folder, { recursive: true }) };
}

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
