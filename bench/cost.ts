import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Sample } from "./statistics";

export const execute = promisify(execFile);

/** Wall clock and processor time of this process and of the child processes that ended meanwhile. */
export async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const processorBefore = processorSeconds();
  const before = performance.now();
  await work();
  return { wall: (performance.now() - before) / 1000, processor: processorSeconds() - processorBefore };
}

/** proc(5): own user and system time, then those of children that were waited for, in ticks of 10 ms. */
function processorSeconds(): number {
  const ticks = readFileSync("/proc/self/stat", "utf8").split(" ").slice(13, 17);
  return ticks.reduce((sum, count) => sum + Number(count), 0) / 100;
}

/** Microseconds that all threads of processes have been on a processor: as in /proc/PID/stat, but to the nanosecond. */
export function processorMicroseconds(pids: number[]): number {
  const threads = pids.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`));
  return (
    threads.reduce((sum, path) => sum + Number(readFileSync(`/proc/${path}/schedstat`, "utf8").split(" ")[0]), 0) / 1000
  );
}

/** Resident memory of processes, in KiB. */
export function residentKibibytes(pids: number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]),
    0,
  );
}

/** A process and its children. */
export function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}

/** Rejects when work takes longer than it ever should, so that no run hangs. */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
