import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";

/** Contents of a project's Pulumi.yaml. */
export interface Project {
  name: string;
  folder: string;
  /** The folder in which the program runs, and its entry point there ("." leaves it to package.json). */
  programFolder: string;
  entryPoint: string;
  nodeArguments: string[];
  typescript: boolean;
  /** Path of the TypeScript configuration, where Pulumi.yaml gives one. */
  tsconfig?: string;
  /** Declared config, with defaults. */
  config: Record<string, unknown>;
  stackConfigFolder: string;
}

interface ProjectFile {
  name?: string;
  main?: string;
  runtime?: string | { name?: string; options?: { nodeargs?: string; typescript?: boolean; tsconfig?: string } };
  config?: Record<string, unknown>;
  stackConfigDir?: string;
}

export function readProject(folder: string): Project {
  const root = resolve(folder);
  const path = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(root, name)).find(existsSync);
  if (!path) throw new Error(`${root} has no Pulumi.yaml; name the folder of a Pulumi project`);
  const file = readYaml<ProjectFile>(path);
  if (!file.name) throw new Error(`${path} has no project name`);
  const runtime = typeof file.runtime === "string" ? file.runtime : file.runtime?.name;
  if (runtime !== "nodejs") {
    throw new Error(`${path} has the runtime "${runtime ?? ""}"; the embedded engine runs nodejs programs only`);
  }
  const options = typeof file.runtime === "object" ? (file.runtime.options ?? {}) : {};
  return {
    name: file.name,
    folder: root,
    ...entryOf(root, file.main, path),
    nodeArguments: options.nodeargs?.split(/\s+/).filter(Boolean) ?? [],
    typescript: options.typescript ?? true,
    ...(options.tsconfig ? { tsconfig: options.tsconfig } : {}),
    config: file.config ?? {},
    stackConfigFolder: resolve(root, file.stackConfigDir ?? "."),
  };
}

/** As the real engine: a folder is entered, a file runs in its own folder. */
function entryOf(root: string, main: string | undefined, path: string): Pick<Project, "programFolder" | "entryPoint"> {
  if (main === undefined) return { programFolder: root, entryPoint: "." };
  const target = resolve(root, main);
  if (!existsSync(target)) throw new Error(`${path}: main is ${main}, which does not exist`);
  if (statSync(target).isDirectory()) return { programFolder: target, entryPoint: "." };
  return { programFolder: dirname(target), entryPoint: basename(target) };
}

export function readYaml<T>(path: string): T {
  const content = parse(readFileSync(path, "utf8"));
  if (typeof content !== "object" || content === null) throw new Error(`${path} is not a YAML mapping`);
  return content as T;
}
