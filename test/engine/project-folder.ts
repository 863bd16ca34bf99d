import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "./temporary";

const NODE_MODULES = join(__dirname, "../../node_modules");

const PULUMI_YAML = `name: temporary
runtime: { name: nodejs, options: { typescript: false } }
`;

/** A Pulumi project in a new folder, with this repository's packages; files by path. */
export function projectFolder(files: Record<string, string>): string {
  const folder = temporaryFolder();
  symlinkSync(NODE_MODULES, join(folder, "node_modules"));
  const all = { "Pulumi.yaml": PULUMI_YAML, "package.json": `{"name":"temporary","main":"index.js"}`, ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
