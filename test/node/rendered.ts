import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesObject, manifests } from "../../engine";
import { type ExampleStack, exampleStacks, runWithRead } from "../example-stacks";

// biome-ignore lint/suspicious/noExplicitAny: the fields are those of the kind, which the API server has checked
export type Loose = any;

/** Objects of a stack of an example and of the stacks that it reads, with their secrets and with images that no registry is asked for. */
export async function render(name: string, config: Record<string, string> = {}): Promise<KubernetesObject[]> {
  const example = exampleStacks().find((one) => one.name === name)!;
  return renderStack({ ...example, config: { ...example.config, ...config } });
}

/** The same of a stack that is no example. */
export async function renderStack(stack: ExampleStack): Promise<KubernetesObject[]> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  try {
    const results = await runWithRead(stack, folder);
    return forNode(results.flatMap((result) => manifests(result, { secrets: "show" })));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The object of this kind whose name begins so. */
export function find(objects: KubernetesObject[], kind: string, name: string): Loose {
  const found = objects.filter((one) => one.kind === kind && String(one.metadata.name).startsWith(name));
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name}*`);
  return found[0];
}

/** The same objects for a small node without a registry: `imagePullPolicy: Never`, and hardly any requests of processor and memory. */
export const forNode = (objects: KubernetesObject[]): KubernetesObject[] =>
  JSON.parse(JSON.stringify(objects), (key, value) => {
    if (!/^(initC|c)ontainers$/.test(key) || !Array.isArray(value)) return value;
    const requests = { cpu: "1m", memory: "1Mi" };
    return value.map((container) => ({
      ...container,
      imagePullPolicy: "Never",
      ...(container.resources && { resources: { ...container.resources, requests } }),
    }));
  });

/** Names of the namespaces among these objects. */
export const namespacesOf = (objects: KubernetesObject[]): string[] =>
  objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => String(metadata.name));

/** Content of a Secret. */
export const decoded = (secret: Loose): Record<string, string> =>
  Object.fromEntries(
    Object.entries<string>(secret.data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
