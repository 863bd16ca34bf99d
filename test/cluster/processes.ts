import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Ends what the test started when its input closes: at the end of the test, and also when the test process dies early.
// Nothing is worth an orderly shutdown (the API server alone takes ten seconds for it).
const reap = `
  while read -r pid; do pids="$pids $pid"; done
  kill -9 $pids
  eval "$1"
  rm -rf "$0" || { sleep 1; rm -rf "$0"; }`;

/** Programs that live and die together, with a temporary folder of their own. */
export interface ProcessGroup {
  /** Removed at the end. */
  folder: string;
  /** Starts a program whose output goes to `<name>.log` in the folder, and returns its process id. */
  start(name: string, program: string, args: string[]): number;
  /** The first program that has ended by itself, with the end of its log. */
  ended(): string | undefined;
  /** Ends every program by its process id and removes the folder. */
  stop(): Promise<void>;
}

/** `last` is a shell command for what remains after the programs' end. */
export function processGroup(name: string, last: (folder: string) => string = () => ""): ProcessGroup {
  const folder = mkdtempSync(join(tmpdir(), `nginx-stacks-${name}-`));
  // Detached: an interrupt of the terminal's process group must not end the reaper before its work.
  const reaper = spawn("sh", ["-c", reap, folder, last(folder)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const children = new Map<string, ChildProcess>();
  return {
    folder,
    start(program, path, args) {
      const log = openSync(join(folder, `${program}.log`), "a");
      const child = spawn(path, args, { cwd: folder, stdio: ["ignore", log, log] });
      if (child.pid === undefined) throw new Error(`${path} cannot be started`);
      reaper.stdin.write(`${child.pid}\n`);
      children.set(program, child);
      return child.pid;
    },
    ended() {
      const [program] = [...children].find(([, child]) => child.exitCode !== null || child.signalCode !== null) ?? [];
      if (program === undefined) return undefined;
      const log = readFileSync(join(folder, `${program}.log`), "utf8")
        .trimEnd()
        .split("\n");
      return `${program} ended by itself:\n${log.slice(-15).join("\n")}`;
    },
    async stop() {
      const done = new Promise((resolve) => reaper.once("exit", resolve));
      reaper.stdin.end();
      await done;
    },
  };
}
