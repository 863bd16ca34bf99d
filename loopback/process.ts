import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, closeSync, openSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { searchPath } from "./missing";

/** A program that runs until it is stopped, its output in a file. */
export interface RunningProcess {
  /** All that it wrote so far. */
  output(): string;
  /** Resolves once nothing is left of it. */
  stop(): Promise<void>;
  readonly pid: number;
}

/** Starts a program as the user whom its pod runs as, where this process may do that. */
export function start(command: string, args: string[], log: string, user?: number): RunningProcess {
  const asUser = process.getuid?.() === 0 && user !== undefined ? { uid: user, gid: user } : {};
  const file = openSync(log, "a", 0o600);
  // NGINX opens /dev/stdout by name: the file behind it must be its own.
  if (asUser.uid !== undefined) chownSync(log, user!, user!);
  const child = spawn(command, args, {
    stdio: ["ignore", file, file],
    env: { ...process.env, PATH: searchPath },
    ...asUser,
  });
  closeSync(file);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    output: () => readFileSync(log, "utf8"),
    stop: async () => {
      if (running(child)) child.kill("SIGTERM");
      await ended;
    },
    pid: child.pid ?? 0,
  };
}

const running = (child: ChildProcess) =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/** Resolves once the port answers; rejects with the program's output when the program has ended, or does not answer within a minute. */
export async function untilListening(port: number, program: RunningProcess): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end && exists(program.pid); ) {
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no process listens on port ${port}; the program wrote:\n${program.output()}`);
}

function exists(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
