import { readFileSync } from "node:fs";
import type { Loopback } from "../../loopback";
import { longestWaitSeconds, until } from "../cluster/until";

/** Returns the master process of a pod's NGINX, which writes its pid only after it listens. */
export const masterOf = (stack: Loopback): Promise<number> =>
  until("NGINX has written its pid", longestWaitSeconds, async () => {
    const pid = Number(readFileSync(stack.path("nginx", "/tmp/nginx.pid"), "utf8"));
    return pid > 0 ? pid : undefined;
  });

/** Workers of a master process of NGINX that take new connections. One that shuts down says so in its title before it closes its sockets. */
export function acceptingWorkers(master: number): number[] {
  return readFileSync(`/proc/${master}/task/${master}/children`, "utf8")
    .split(" ")
    .map(Number)
    .filter((pid) => pid > 0 && /(?:^| )nginx: worker process$/.test(titleOf(pid)));
}

/** Makes NGINX reload by `signal`, and waits until only workers with the new configuration take connections. */
export async function reloaded(master: number, signal: () => void, log: () => string): Promise<void> {
  const before = new Set(acceptingWorkers(master));
  signal();
  await until("NGINX has reloaded", longestWaitSeconds, async () => {
    const now = acceptingWorkers(master);
    if (now.length > 0 && !now.some((pid) => before.has(pid))) return true;
    throw new Error(log().split("\n").slice(-15).join("\n"));
  });
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0/g, " ").trimEnd();
  } catch {
    // It has ended meanwhile.
    return "";
  }
}
