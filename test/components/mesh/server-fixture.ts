import { SpireServer, type SpireServerArgs } from "../../../components/mesh";
import { type KubernetesObject, manifests, type RunResult, record } from "../../../engine";

/** Minimum arguments of a SpireServer. */
export const least: SpireServerArgs = {
  namespace: "spire-server",
  agentNamespace: "spire-system",
  trustDomain: "mesh.test",
  clusterName: "test",
  storage: { volume: { size: "1Gi" } },
};

const runs = new Map<string, Promise<RunResult>>();

/** Returns the requests of a program with one SpireServer, run once for the same plain arguments. */
export function serverRun(args: Partial<SpireServerArgs> = {}): Promise<RunResult> {
  const key = JSON.stringify(args, (_, value) => (value === undefined ? "left out" : value));
  const run = runs.get(key) ?? record(() => void new SpireServer("spire", { ...least, ...args }));
  runs.set(key, run);
  return run;
}

/** Returns the objects of one SpireServer. */
export async function serverObjects(args: Partial<SpireServerArgs> = {}): Promise<KubernetesObject[]> {
  return manifests(await serverRun(args), { secrets: "show" });
}

/** Returns the only object of a kind, or the one whose name begins so. */
export function the(kind: string, objects: KubernetesObject[], prefix = "") {
  const found = objects.filter((object) => object.kind === kind && `${object.metadata.name}`.startsWith(prefix));
  expect(found).toHaveLength(1);
  // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
  return found[0] as any;
}

/** Returns the files in a component's ConfigMap. */
export const files = (objects: KubernetesObject[], prefix: string): Record<string, string> =>
  the("ConfigMap", objects, prefix).data;
