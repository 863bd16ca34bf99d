import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesObject, manifests } from "../../engine";
import { exampleStacks, runExample } from "../example-stacks";

// biome-ignore lint/suspicious/noExplicitAny: the fields are those of the kind, which the API server has checked
export type Loose = any;

/** Objects of a stack of an example, with their secrets. */
export async function render(name: string): Promise<KubernetesObject[]> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  try {
    const example = exampleStacks().find((one) => one.name === name)!;
    return manifests(await runExample(example, folder), { secrets: "show" });
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

/** The same objects without `imagePullPolicy: Always`: the node has its images, and no registry. */
export const neverPulled = (objects: KubernetesObject[]): KubernetesObject[] =>
  JSON.parse(JSON.stringify(objects), (key, value) => (key === "imagePullPolicy" ? "Never" : value));
