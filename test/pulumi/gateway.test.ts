import { hasCrds, isMesh, withCrds } from "../cluster/crds";
import { isForeign } from "../cluster/fixture";
import { goodToken } from "../components/foundation/token";
import { exampleStacks } from "../example-stacks";
import { createStack, describePulumi } from "./cli";
import { deploymentsIn, secretEvents, secretsIn, secretsVersion } from "./cluster-view";
import { tracesOf } from "./traces";

jest.setTimeout(600_000);

/** What a renewed licence rolls, by example: in 1.6 the pods mount it; in 2.x the control plane brings it to its pods. */
const rolled: Record<string, string[]> = { "gateway-fabric": [], "gateway-fabric-v1": ["nginx-gateway"] };

const stacks = exampleStacks()
  .filter((example) => hasCrds(example) && !isMesh(example) && example.stack === "prod")
  .map(withCrds);

// A cluster that is not the tests' own keeps its CRDs.
const eachStack = isForeign ? test.skip.each(stacks) : test.each(stacks);

describePulumi("Gateway Fabric on the real engine, with Secrets that change in place", (cluster) => {
  eachStack("$name: a renewed licence deletes no Secret and replaces no Deployment", async (example) => {
    const { name, folder, config, secretConfig } = example;
    const stack = await createStack({
      folder,
      stack: "prod",
      kubeconfig: cluster().kubeconfig,
      config: { ...config, "kubernetes:enableSecretMutable": "true" },
      secretConfig,
    });
    try {
      const printed = [await stack.up()];
      await stack.expectNoChanges();
      const namespaces = await stack.namespaces();
      const secrets = () => Promise.all(namespaces.map((namespace) => secretsIn(cluster(), namespace)));
      const deployments = async () =>
        Object.assign({}, ...(await Promise.all(namespaces.map((namespace) => deploymentsIn(cluster(), namespace)))));
      const [before, first, since] = [
        await deployments(),
        await secrets(),
        await Promise.all(namespaces.map((namespace) => secretsVersion(cluster(), namespace))),
      ];

      const jwt = goodToken();
      await stack.setConfig({}, { jwt });
      printed.push(await stack.up());
      await stack.expectNoChanges();

      const events = await Promise.all(
        namespaces.map((namespace, index) => secretEvents(cluster(), namespace, since[index]!)),
      );
      expect([...new Set(events.flat())].sort()).toEqual(["MODIFIED license-secret", "MODIFIED registry-secret"]);
      const after = await deployments();
      const names = Object.keys(before).sort();
      expect(Object.keys(after).sort()).toEqual(names);
      expect(names.filter((one) => after[one].uid !== before[one].uid)).toEqual([]);
      expect(names.filter((one) => after[one].generation !== before[one].generation)).toEqual(
        rolled[name.split("/")[0]!],
      );

      const planted = Object.assign({ before: secretConfig.jwt, after: jwt }, ...first, ...(await secrets()));
      expect(tracesOf(planted, (await stack.exportState()) + printed.join("\n"))).toEqual([]);
      await stack.destroy();
      await cluster().kubectl(["delete", "crds", "--all", "--wait"]);
    } finally {
      stack.remove();
    }
  });
});
