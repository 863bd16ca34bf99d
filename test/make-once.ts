import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** A folder that a shell script makes. */
export interface Making {
  /** Script: `$0` is its log, `$1` an empty folder, `$2` the name that the folder gets once it is whole; further words follow. */
  script: string;
  words: string[];
  /** File that only one process at a time holds. */
  lock: string;
  /** Folder that the script runs in. @default that of this process */
  folder?: string;
  environment?: Record<string, string>;
  /** Subject of the error. */
  what: string;
}

/** Makes a folder. Another test process that makes it already is waited for, and only a whole folder appears under the final name. */
export function makeOnce(target: string, { script, words, lock, folder, environment, what }: Making): void {
  const draft = `${target}.${process.pid}`;
  const log = `${draft}.log`;
  mkdirSync(dirname(target), { recursive: true });
  mkdirSync(draft);
  const command = ["sh", "-c", `[ ! -e "$2" ] || exit 0\n${script}`, log, draft, target, ...words];
  const { status, error } = spawnSync("flock", [lock, ...command], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const said = existsSync(log) ? readFileSync(log, "utf8") : "";
  for (const left of [log, draft]) rmSync(left, { recursive: true, force: true });
  if (status !== 0) throw new Error(`${what}: ${error?.message ?? said.split("\n").slice(-20).join("\n")}`);
}
