import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesObject, manifests, runProgram } from "../../engine";
import { type ExampleStack, exampleStacks } from "../example-stacks";
import { describeCluster } from "./fixture";

/** The example's objects as a new stack would have them: names and secrets of its own. */
async function render(example: ExampleStack): Promise<KubernetesObject[]> {
  const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  try {
    const run = await runProgram({ ...example, stateFolder });
    return manifests(run, { secrets: "show" });
  } finally {
    rmSync(stateFolder, { recursive: true });
  }
}

const identity = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

describeCluster("the examples", (cluster) => {
  test.each(exampleStacks())(
    "$name becomes Ready, and a second install beside it",
    async (example) => {
      const [first, second] = await Promise.all([render(example), render(example)]);
      const names = new Set(first.map(identity));
      expect(second.map(identity).filter((name) => names.has(name))).toEqual([]);
      await cluster().apply(first);
      await cluster().waitReady(first);
      await cluster().apply(second);
      await cluster().waitReady([...first, ...second]);
    },
    180_000,
  );
});
