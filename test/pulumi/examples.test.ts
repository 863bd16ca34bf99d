import { randomBytes } from "node:crypto";
import { hasCrds, isMesh, withCrds } from "../cluster/crds";
import { isForeign } from "../cluster/fixture";
import { type ExampleStack, exampleStacks, readBy } from "../example-stacks";
import { createStack, describePulumi, type PulumiStack } from "./cli";
import { deploymentsIn, secretsIn } from "./cluster-view";
import { expectDestroyed } from "./destroy-order";
import { tracesOf } from "./traces";

jest.setTimeout(600_000);

/** New values for the secrets of a stack, and first values for what the program makes up otherwise. */
function rotated(name: string): Record<string, string> {
  const added: Record<string, Record<string, string>> = {
    "mqtt-proxy/dev": { brokerPassword: randomBytes(24).toString("base64url") },
  };
  return { ...exampleStacks().find((one) => one.name === name)?.secretConfig, ...added[name] };
}

/** Where Instance Manager's chart comes from: the provider gets it, so its stacks need a way to a repository. */
const chartRepository = process.env.NGINX_STACKS_CHART_REPOSITORY;
const needsChart = ({ name }: ExampleStack) => name.startsWith("instance-manager/");
const withChart = (example: ExampleStack): ExampleStack =>
  needsChart(example) ? { ...example, config: { ...example.config, chartRepository: chartRepository! } } : example;
const withoutChart = chartRepository === undefined ? exampleStacks().filter(needsChart) : [];

const all = exampleStacks()
  // Its two stacks are one test: platform.test.ts.
  .filter(({ name }) => !name.startsWith("platform/"))
  .filter((example) => !withoutChart.some(({ name }) => name === example.name))
  .map(withChart)
  .map(withCrds);
/** A cluster that is not the tests' own keeps its CRDs. */
const kept = isForeign ? all.filter(hasCrds) : [];
const stacks = all.filter((example) => !kept.includes(example));

/** Stacks of which no pod rolls: nothing in them is secret, or a control plane brings the new licence to its pods. */
const unmoved = [
  "gateway-fabric/dev",
  "gateway-fabric/prod",
  "gateway-fabric-v1/dev",
  "instance-manager/dev",
  "mqtt-fleet/dev",
  "service-mesh/dev",
];

/** Few of a stack's many alike: the engine's cost grows with their square. */
const small = (example: ExampleStack) => ({ ...example, config: { ...example.config, ...example.smallConfig } });

/** A pod cannot end without the driver of its volume, and would come back without sidecar after its policy. */
function expectWorkloadsFirst(destroyed: string): void {
  const later = [
    "apps/v1:StatefulSet mesh-server-server",
    "apps/v1:DaemonSet mesh-agent-agent",
    "storage.k8s.io/v1:CSIDriver mesh-csi-driver-driver",
    "admissionregistration.k8s.io/v1:MutatingAdmissionPolicyBinding mesh-injector-binding",
  ];
  for (const workload of ["client", "orders", "stock"])
    for (const part of later) expectDestroyed(destroyed, [`apps/v1:Deployment ${workload}`, part]);
}

describePulumi("the examples on the real engine", (cluster) => {
  const facts = async (namespaces: string[]) =>
    (await Promise.all(namespaces.map((namespace) => deploymentsIn(cluster(), namespace)))).flatMap(Object.entries);

  /** Every secret that the stack knows: what its user gave, what is in its Secrets, what it puts out. */
  async function planted(stack: PulumiStack, namespaces: string[], given: Record<string, string>) {
    const kept = await Promise.all(namespaces.map((namespace) => secretsIn(cluster(), namespace)));
    const open = await stack.outputs();
    const hidden = Object.entries(await stack.maskedOutputs()).filter(([, value]) => value === "[secret]");
    return Object.assign({}, given, ...kept, Object.fromEntries(hidden.map(([name]) => [name, String(open[name])])));
  }

  if (withoutChart.length > 0)
    test.skip.each(withoutChart)("NGINX_STACKS_CHART_REPOSITORY names no repository with its chart: $name", () => {});
  if (kept.length > 0) test.skip.each(kept)("a cluster that is not the tests' own keeps its CRDs: $name", () => {});

  test.each(stacks)("$name: up, an empty second preview, rotation, destroy", async (example: ExampleStack) => {
    const { name, secretConfig, hasObjects } = example;
    const rotatedSecretConfig = rotated(name);
    const stack = await createStack({ ...small(example), kubeconfig: cluster().kubeconfig });
    const read: PulumiStack[] = [];
    try {
      for (const other of readBy(example)) {
        read.push(await stack.beside(small(other)));
        await read.at(-1)!.up();
      }
      const printed = [await stack.up()];
      await stack.expectNoChanges();
      // The API server completes policies and drivers by itself.
      if (isMesh(example)) await stack.expectNoChanges("refresh");
      const namespaces = await stack.namespaces();
      const before = await facts(namespaces);
      const first = await planted(stack, namespaces, secretConfig);
      expect(tracesOf(first, await stack.exportState())).toEqual([]);

      await stack.setConfig({}, rotatedSecretConfig);
      printed.push(await stack.up());
      await stack.expectNoChanges();
      const after = await facts(namespaces);
      expect(after.map(([deployment, { uid }]) => [deployment, uid])).toEqual(
        before.map(([deployment, { uid }]) => [deployment, uid]),
      );
      if (unmoved.includes(name) || !hasObjects) expect(after).toEqual(before);
      else expect(after).not.toEqual(before);
      const second = await planted(stack, namespaces, rotatedSecretConfig);
      expect(tracesOf({ ...first, ...second }, (await stack.exportState()) + printed.join("\n"))).toEqual([]);

      const destroyed = await stack.destroy();
      if (isMesh(example)) expectWorkloadsFirst(destroyed);
      for (const namespace of namespaces) {
        await expect(cluster().get("namespace", namespace)).rejects.toThrow("NotFound");
      }
      for (const other of read.reverse()) await other.destroy();
      if (hasCrds(example)) {
        // Kept: without them, the Gateways and identities of others would be gone. The other line cannot live with them.
        await cluster().get(
          "crd",
          isMesh(example) ? "clusterspiffeids.spire.spiffe.io" : "gateways.gateway.networking.k8s.io",
        );
        // The next stack takes them over, where its provider may.
        if (name === "gateway-fabric/dev") {
          await stack.up();
          await stack.expectNoChanges();
          await stack.destroy();
        }
        await cluster().kubectl(["delete", "crds", "--all", "--wait"]);
      }
    } finally {
      stack.remove();
    }
  });
});
