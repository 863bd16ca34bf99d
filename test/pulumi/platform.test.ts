import { withCrds } from "../cluster/crds";
import type { Cluster } from "../cluster/fixture";
import { goodToken } from "../components/foundation/token";
import { exampleStacks } from "../example-stacks";
import { createStack, describeOwnPulumi, type PulumiStack } from "./cli";
import { secretsIn, type WorkloadFacts, workloadsIn } from "./cluster-view";
import { tracesOf } from "./traces";

jest.setTimeout(900_000);

const example = (stack: string) => withCrds(exampleStacks().find(({ name }) => name === `platform/${stack}`)!);

/** What the whole platform runs, by kind, namespace and name without what Pulumi made up. */
async function workloads(cluster: Cluster, namespaces: string[]): Promise<Record<string, WorkloadFacts>> {
  const kinds = ["deployments", "statefulsets", "daemonsets"];
  const places = namespaces.flatMap((namespace) => kinds.map((kind) => ({ namespace, kind })));
  const found = await Promise.all(
    places.map(async ({ namespace, kind }) =>
      Object.entries(await workloadsIn(cluster, namespace, kind)).map(([name, facts]) => [
        `${kind} ${namespace.replace(/-namespace-.*/, "")}/${name}`,
        facts,
      ]),
    ),
  );
  return Object.fromEntries(found.flat());
}

/** The workloads of which the pods are others now; none may come, go or be replaced. */
function rolled(before: Record<string, WorkloadFacts>, after: Record<string, WorkloadFacts>): string[] {
  const uids = (all: Record<string, WorkloadFacts>) =>
    Object.fromEntries(Object.entries(all).map(([name, { uid }]) => [name, uid]));
  expect(uids(after)).toEqual(uids(before));
  return Object.keys(after)
    .filter((name) => after[name]!.generation !== before[name]!.generation)
    .sort();
}

/** Private keys of a state that was exported with its secrets, by the name of the resource. */
function privateKeys(state: string): Record<string, string> {
  const { resources } = JSON.parse(state).deployment;
  const keys = resources.filter(({ type }: { type: string }) => type === "tls:index/privateKey:PrivateKey");
  return Object.fromEntries(
    keys.map(({ urn, outputs }: { urn: string; outputs: { privateKeyPem: { plaintext: string } } }) => [
      urn.split("::").at(-1),
      JSON.parse(outputs.privateKeyPem.plaintext),
    ]),
  );
}

describeOwnPulumi("examples/platform on the real engine", (cluster) => {
  test.each(["dev", "prod"])(
    "platform/foundation-%s and then services: up, empty previews, changes below, destroy",
    async (environment) => {
      const [below, above] = [example(`foundation-${environment}`), example(`services-${environment}`)];
      const production = environment === "prod";
      const foundation = await createStack({ ...below, kubeconfig: cluster().kubeconfig });
      try {
        const services = await foundation.beside(above);
        const printed: string[] = [];
        const up = async (stack: PulumiStack, replace?: string[]) => {
          printed.push(await stack.up(replace));
          await stack.expectNoChanges();
        };
        await up(foundation);
        await up(services);
        await foundation.expectNoChanges();
        // The API server completes policies and drivers by itself.
        await services.expectNoChanges("refresh");

        const namespaces = await foundation.namespaces();
        const planted: Record<string, string> = {};
        const plant = async () => {
          for (const namespace of namespaces)
            for (const [name, secret] of Object.entries(await secretsIn(cluster(), namespace)))
              planted[`${namespace}/${name} ${printed.length}`] = secret;
          const shown = await Promise.all([foundation, services].map((stack) => stack.exportState("secrets shown")));
          for (const state of shown) Object.assign(planted, privateKeys(state));
        };
        await plant();

        // What crosses over are the keys that services issue with: no root's, and none of devices or agents.
        const keys = privateKeys(await foundation.exportState("secrets shown"));
        const crossed = tracesOf(keys, await services.exportState("secrets shown")).map((trace) => trace.split(",")[0]);
        const issuing = ["brokers", "manager", "mesh", "servers"].map((area) => `${area}-intermediate-key`);
        expect([...new Set(crossed)].sort()).toEqual(issuing);

        /** What a change of the foundation does, once services have taken it. */
        const effectOf = async (change: () => Promise<unknown>) => {
          const before = await workloads(cluster(), namespaces);
          await change();
          expect(rolled(before, await workloads(cluster(), namespaces))).toEqual([]);
          await up(services);
          await plant();
          return rolled(before, await workloads(cluster(), namespaces));
        };

        // One more device changes the foundation alone.
        await foundation.setConfig({
          devices: JSON.stringify({ north: ["sensor-1", "sensor-3"], south: ["sensor-2"] }),
        });
        await up(foundation);
        await services.expectNoChanges();

        // A new key of the authority that issues to brokers: all of its certificates change, and the root stays.
        const { trusted } = await foundation.outputs();
        if (production) await foundation.setConfig({ protect: "false" });
        const own = production ? [] : ["deployments mqtt/north", "deployments mqtt/south"];
        expect(await effectOf(() => up(foundation, ["**::brokers-intermediate-key"]))).toEqual([
          "deployments mqtt/mqtt-nginx-deployment",
          ...own,
        ]);
        expect((await foundation.outputs()).trusted).toEqual(trusted);

        if (production) {
          const license = async () =>
            (await cluster().get("secret", "nginx-plus-license", namespaces.find((name) => name.startsWith("mqtt-"))!))
              .metadata.uid;
          const uid = await license();
          const token = goodToken();
          planted.token = token;
          const change = async () => {
            await foundation.setConfig({}, { jwt: token });
            await up(foundation);
          };
          expect(await effectOf(change)).toEqual([
            "deployments manager/manager-nginx-deployment",
            "deployments mqtt/mqtt-nginx-deployment",
            "deployments shop/orders",
            "deployments shop/shop",
          ]);
          // In place: no pod that started between the two updates was without.
          expect(await license()).toBe(uid);
        }

        const states = await Promise.all([foundation, services].map((stack) => stack.exportState()));
        expect(tracesOf({ ...below.secretConfig, ...planted }, [...states, ...printed].join("\n"))).toEqual([]);

        await services.destroy();
        if (production) {
          await foundation.setConfig({ protect: "true" });
          await up(foundation);
          await expect(foundation.destroy()).rejects.toThrow("protect");
          await foundation.setConfig({ protect: "false" });
          await up(foundation);
        }
        await foundation.destroy();
        for (const namespace of namespaces)
          await expect(cluster().get("namespace", namespace)).rejects.toThrow("NotFound");
      } finally {
        foundation.remove();
        await cluster().kubectl(["delete", "crds", "--all", "--wait"]);
      }
    },
  );
});
