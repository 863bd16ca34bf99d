import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesObject, manifests } from "../../engine";
import { exampleStacks, runExample } from "../example-stacks";
import { describeNode } from "./fixture";

async function render(name: string): Promise<KubernetesObject[]> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  try {
    const example = exampleStacks().find((one) => one.name === name)!;
    return manifests(await runExample(example, folder), { secrets: "show" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeNode("the MQTT example", (node) => {
  test("has every pod Ready and its smoke test Complete, with its NetworkPolicies enforced", async () => {
    const objects = await render("mqtt-proxy/dev");
    await node().apply(objects);
    await node().waitReady(objects, 90);
  });
});
