import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { KubernetesObject } from "../../engine";
import { goMissing, goPrograms } from "../go";
import { startControlPlane, startKwokNodes } from "./control-plane";
import { type Kubectl, kubectlFor } from "./kubectl";
import { processGroup } from "./processes";
import { identity, unready } from "./readiness";
import { longestWaitSeconds, until } from "./until";

/** A Kubernetes cluster for tests. */
export interface Cluster {
  /** Path of a kubeconfig whose user may do everything. */
  kubeconfig: string;
  kubectl: Kubectl;
  /** Applies server-side with strict field validation, in the given order. */
  apply(objects: KubernetesObject[]): Promise<void>;
  /** Waits until each object is Ready, Complete, Bound or has an endpoint, whatever its kind asks for. */
  waitReady(objects: KubernetesObject[], seconds?: number): Promise<void>;
  /** One object as the cluster has it now. */
  get(kind: string, name: string, namespace?: string): Promise<KubernetesObject>;
}

/** Another cluster to use; what the tests apply is deleted from it at their end. */
const foreignKubeconfig = process.env.NGINX_STACKS_KUBECONFIG;

/** Whether the cluster is one that others use too: then nothing in it may be changed that the tests did not make. */
export const isForeign = foreignKubeconfig !== undefined;

/** Why the cluster tests cannot run here, or undefined when they can. */
export function clusterMissing(): string | undefined {
  const go = goMissing();
  if (go === undefined || foreignKubeconfig === undefined) return go;
  const kubectl = spawnSync("kubectl", ["version", "--client"]);
  return kubectl.error === undefined ? undefined : `${go}, and so is kubectl`;
}

/** A build from nothing takes minutes; a start from the cache takes seconds. */
const startTimeout = 25 * 60_000;

/** `describe` for tests that need a cluster: started before the first of them, stopped after the last. */
export function describeCluster(name: string, tests: (cluster: () => Cluster) => void, ring = "cluster"): void {
  describeWhere(clusterMissing(), name, tests, ring);
}

/** The same for tests that change what a cluster of somebody else keeps, its CRDs for example, or lack something else: `why` names it. */
export function describeOwnCluster(
  name: string,
  tests: (cluster: () => Cluster) => void,
  why?: string,
  ring = "cluster",
): void {
  describeWhere(isForeign ? "the cluster is not the tests' own" : (why ?? clusterMissing()), name, tests, ring);
}

function describeWhere(
  why: string | undefined,
  name: string,
  tests: (cluster: () => Cluster) => void,
  ring: string,
): void {
  if (why !== undefined) {
    describe.skip(`${ring}: ${why}: ${name}`, () => tests(never));
    return;
  }
  describe(`${ring}: ${name}`, () => {
    let running: (Cluster & { stop(): Promise<void> }) | undefined;
    beforeAll(async () => {
      running = await startCluster();
    }, startTimeout);
    afterAll(() => running?.stop());
    tests(() => running ?? never());
  });
}

function never(): never {
  throw new Error("the cluster exists only while a test runs");
}

async function startCluster(): Promise<Cluster & { stop(): Promise<void> }> {
  const kubectlProgram = goMissing() === undefined ? join(goPrograms("cluster"), "kubectl") : "kubectl";
  if (foreignKubeconfig !== undefined) {
    const applied: KubernetesObject[] = [];
    const cluster = connect(kubectlFor(kubectlProgram, foreignKubeconfig), foreignKubeconfig, applied);
    const stop = async () => {
      await cluster.kubectl(["delete", "--ignore-not-found", "-f", "-"], documents(applied.reverse()));
    };
    return { ...cluster, stop };
  }
  const group = processGroup("cluster");
  try {
    const { kubeconfig, kubectl } = await startControlPlane(group, kubectlProgram);
    await startKwokNodes(group, kubeconfig, kubectl);
    return { ...connect(kubectl, kubeconfig), stop: group.stop };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

// Documents of one stream: as items of a List the objects would be validated by kubectl and not by the server.
const documents = (objects: KubernetesObject[]) => objects.map((object) => JSON.stringify(object)).join("\n---\n");

/** A cluster by its kubectl; `applied` receives each object that is applied. */
export function connect(kubectl: Kubectl, kubeconfig: string, applied: KubernetesObject[] = []): Cluster {
  const read = async (args: string[], input?: string): Promise<KubernetesObject[]> => {
    const answer = JSON.parse(await kubectl(["get", "-o", "json", ...args], input));
    return answer.items ?? [answer];
  };
  return {
    kubeconfig,
    kubectl,
    async apply(objects) {
      if (objects.length === 0) return;
      applied.push(...objects);
      await kubectl(
        ["apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", "-"],
        documents(objects),
      );
    },
    async waitReady(objects, seconds = longestWaitSeconds) {
      // Each look costs: what was ready once is left alone, until all are looked at together.
      let watched = objects;
      await until(`${objects.length} objects Ready`, seconds, async () => {
        const [current, slices] = await Promise.all([
          read(["-f", "-"], documents(watched)),
          read(["endpointslices", "--all-namespaces"]),
        ]);
        const reasons = unready(current, slices);
        const all = watched === objects;
        // As the cluster has them: what was rendered may leave their namespace to it.
        watched = reasons.size > 0 ? current.filter((object) => reasons.has(identity(object))) : objects;
        if (reasons.size > 0) throw new Error(Array.from(reasons, ([what, why]) => `${what}: ${why}`).join("\n"));
        return all || undefined;
      });
    },
    async get(kind, name, namespace) {
      return JSON.parse(await kubectl(["get", kind, name, "-o", "json", ...(namespace ? ["-n", namespace] : [])]));
    },
  };
}
