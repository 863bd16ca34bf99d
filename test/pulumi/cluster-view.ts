import type { Cluster } from "../cluster/fixture";

/** Keys of Secrets whose values anyone may read. */
const publicKeys = new Set(["tls.crt", "ca.crt", "ca.pem", "ca.crl", "bundle.crt"]);

/** What every Secret of a namespace keeps secret, by Secret and key. */
export async function secretsIn(cluster: Cluster, namespace: string): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { metadata, data } of await listed(cluster, "secrets", namespace)) {
    for (const [key, value] of Object.entries<string>(data ?? {})) {
      if (!publicKeys.has(key)) secrets[`${metadata.name}/${key}`] = Buffer.from(value, "base64").toString();
    }
  }
  return secrets;
}

/** A workload's identity and history: a replaced one has a new uid, a rolled one a new generation. */
export interface WorkloadFacts {
  uid: string;
  generation: number;
}

/** The Deployments of a namespace, by name without the suffix that Pulumi makes up. */
export const deploymentsIn = (cluster: Cluster, namespace: string) => workloadsIn(cluster, namespace, "deployments");

/** The workloads of a kind in a namespace, by name without the suffix that Pulumi makes up. */
export async function workloadsIn(
  cluster: Cluster,
  namespace: string,
  kind: string,
): Promise<Record<string, WorkloadFacts>> {
  const workloads = await listed(cluster, kind, namespace);
  return Object.fromEntries(
    workloads.map(({ metadata: { name, uid, generation } }) => [
      name.replace(/-[0-9a-f]{8}$/, ""),
      { uid, generation },
    ]),
  );
}

/** What a change did to a namespace. */
export interface Effect {
  /** Deployments that are others now. */
  replaced: string[];
  /** Deployments with other pods now. */
  rolled: string[];
  /** How many secrets were not there before. */
  newSecrets: number;
}

/** Runs the change, and says what it did to the Deployments and Secrets of a namespace; no Deployment may come or go. */
export async function effectOf(cluster: Cluster, namespace: string, change: () => Promise<unknown>): Promise<Effect> {
  const [deployments, secrets] = [await deploymentsIn(cluster, namespace), await secretsIn(cluster, namespace)];
  await change();
  const now = await deploymentsIn(cluster, namespace);
  const known = new Set(Object.values(secrets));
  const names = Object.keys(deployments).sort();
  expect(Object.keys(now).sort()).toEqual(names);
  return {
    replaced: names.filter((name) => now[name]!.uid !== deployments[name]!.uid),
    rolled: names.filter((name) => now[name]!.generation !== deployments[name]!.generation),
    newSecrets: Object.values(await secretsIn(cluster, namespace)).filter((secret) => !known.has(secret)).length,
  };
}

/** From when on events of a namespace's Secrets are to be seen. */
export async function secretsVersion(cluster: Cluster, namespace: string): Promise<string> {
  return JSON.parse(await cluster.kubectl(["get", "--raw", secretsPath(namespace)])).metadata.resourceVersion;
}

/** What a watch of a namespace's Secrets that began then has seen: `MODIFIED license-secret`. */
export async function secretEvents(cluster: Cluster, namespace: string, since: string): Promise<string[]> {
  const query = `?watch=true&timeoutSeconds=2&resourceVersion=${since}`;
  const lines = (await cluster.kubectl(["get", "--raw", secretsPath(namespace) + query])).trim().split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .map(({ type, object }) => `${type} ${object.metadata.name.replace(/-[0-9a-f]{8}$/, "")}`);
}

const secretsPath = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;

// biome-ignore lint/suspicious/noExplicitAny: as the API server answers
async function listed(cluster: Cluster, kind: string, namespace: string): Promise<any[]> {
  return JSON.parse(await cluster.kubectl(["get", kind, "-n", namespace, "-o", "json"])).items;
}
