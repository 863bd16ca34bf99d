import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesObject, manifests, type RunResult } from "../../engine";
import { type ExampleStack, exampleStacks, runWithRead } from "../example-stacks";
import { applyFiles, hasCrds, isMesh, remove, withCrds } from "./crds";
import { describeCluster, isForeign } from "./fixture";

/** The requests of the example, after those of the stacks that it reads, as new stacks would have them: names and secrets of their own. */
async function run(example: ExampleStack): Promise<RunResult[]> {
  const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  try {
    return await runWithRead(example, stateFolder);
  } finally {
    rmSync(stateFolder, { recursive: true });
  }
}

const objectsOf = (results: RunResult[]) => results.flatMap((result) => manifests(result, { secrets: "show" }));
const identity = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

/** What a second stack of an example in the same cluster says: names that the cluster has once. */
const besides = (example: ExampleStack): ExampleStack =>
  hasCrds(example)
    ? { ...example, config: { ...example.config, name: "second", gatewayClassName: "second" } }
    : example;

/** What has nothing for a cluster has nothing to be Ready. */
const stacks = exampleStacks()
  .filter(({ hasObjects }) => hasObjects)
  .map(withCrds);
const kept = stacks.filter((example) => isForeign && hasCrds(example));

/** Two examples at a time: one with CRDs, of which a cluster has one line, and one without. */
const tested = stacks.filter((example) => !kept.includes(example));
const [withDefinitions, without] = [tested.filter(hasCrds), tested.filter((example) => !hasCrds(example))];
const pairs = Array.from({ length: Math.max(withDefinitions.length, without.length) }, (_, index) =>
  [withDefinitions[index], without[index]].flatMap((example) => example ?? []),
);

describeCluster("the examples", (cluster) => {
  if (kept.length > 0) test.skip.each(kept)("a cluster that is not the tests' own keeps its CRDs: $name", () => {});

  async function installTwice(example: ExampleStack): Promise<void> {
    const [first, second] = await Promise.all([run(example), isMesh(example) ? [] : run(besides(example))]);
    const [objects, others] = [objectsOf(first), objectsOf(second)];
    const names = new Set(objects.map(identity));
    expect(others.map(identity).filter((name) => names.has(name))).toEqual([]);
    const files = await applyFiles(cluster(), first.at(-1)!);
    await cluster().apply(objects);
    await cluster().waitReady(objects);
    await cluster().apply(others);
    await cluster().waitReady([...objects, ...others]);

    await remove(cluster(), objects);
    await cluster().apply(objects);
    await cluster().waitReady([...objects, ...others]);
    await remove(cluster(), [...objects, ...others]);
    // The CRDs of the two lines of Gateway Fabric cannot be in one cluster.
    if (files.length > 0) await cluster().kubectl(["delete", "--wait", ...files]);
  }

  for (const pair of pairs) {
    let installs: Map<ExampleStack, Promise<void>> | undefined;
    /** The first test of a pair starts both; each tells what became of its own. */
    const start = () => {
      const started = new Map(pair.map((example) => [example, installTwice(example)]));
      for (const install of started.values()) install.catch(() => undefined);
      return started;
    };

    test.each(pair)(
      "$name becomes Ready, and a second install beside it, and is made again when it was deleted",
      async (example) => {
        installs ??= start();
        await installs.get(example);
      },
    );
  }
});
