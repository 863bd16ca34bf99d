import type { KubernetesObject } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { masterOf } from "./nginx-workers";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** One pod: NGINX, and what the kubelet does to end it. */
export interface Pod {
  stack: Loopback;
  port: number;
  /** preStop, the image's stop signal, grace, SIGKILL: as the pod's spec says. Whether it ended before that last. */
  end(): Promise<boolean>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

interface PodSpec {
  terminationGracePeriodSeconds: number;
  containers: { lifecycle: { preStop: { sleep: { seconds: number } } } }[];
}

/** Starts a pod of the Deployment among these objects, with its listener `mqtt`. */
export async function startPod(objects: KubernetesObject[]): Promise<Pod> {
  const deployment = objects.find(({ kind }) => kind === "Deployment")!;
  const { terminationGracePeriodSeconds, containers } = (deployment.spec as unknown as { template: { spec: PodSpec } })
    .template.spec;
  const stack = await runOnLoopback(objects);
  const pid = await masterOf(stack);
  const alive = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const ended = async (milliseconds: number) => {
    for (const end = performance.now() + milliseconds; alive() && performance.now() < end; ) await pause(20);
    return !alive();
  };
  return {
    stack,
    port: stack.port("nginx", "mqtt"),
    end: async () => {
      const asleep = containers[0]!.lifecycle.preStop.sleep.seconds;
      await pause(asleep * 1000);
      // The STOPSIGNAL of NGINX's images.
      process.kill(pid, "SIGQUIT");
      if (await ended((terminationGracePeriodSeconds - asleep) * 1000)) return true;
      process.kill(pid, "SIGKILL");
      return false;
    },
    kill: async (signal) => {
      process.kill(pid, signal);
      await ended(30_000);
    },
  };
}
