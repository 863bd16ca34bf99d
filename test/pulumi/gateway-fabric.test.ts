import { join } from "node:path";
import { crdFiles } from "../../components/gateway/crds";
import { defaultVersion, knownVersions } from "../../components/gateway/versions";
import { crdSource } from "../cluster/crds";
import { isForeign } from "../cluster/fixture";
import { goodToken } from "../components/foundation/token";
import { createStack, describePulumi } from "./cli";
import { deploymentsIn, secretsIn } from "./cluster-view";

jest.setTimeout(300_000);

// A cluster that is not the tests' own keeps its CRDs.
const lines = isForeign ? [] : ([1, 2] as const);

if (isForeign) test.skip("Gateway Fabric with Secrets that are made anew: the cluster is not the tests' own", () => {});

describe.each(lines)("line %i", (line) => {
  describePulumi("Gateway Fabric on the real engine, with Secrets that are made anew", (cluster) => {
    test("a renewed licence rolls the one Deployment, which stays the same", async () => {
      const version = knownVersions.find((one) => one.version === defaultVersion[line])!;
      const files = crdFiles(version, {}).flatMap(({ urls, name }) => (crdSource ? [join(crdSource, name)] : urls));
      await cluster().kubectl(["apply", "--server-side", ...files.flatMap((file) => ["-f", file])]);
      await cluster().kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crds", "--all"]);
      const stack = await createStack({
        folder: join(__dirname, "programs/gateway-fabric"),
        stack: "test",
        kubeconfig: cluster().kubeconfig,
        config: { line: String(line) },
        secretConfig: { jwt: goodToken() },
      });
      try {
        await stack.up();
        await stack.expectNoChanges();
        const namespace = (await stack.outputs()).namespaceName as string;
        const state = async () => ({
          deployments: await deploymentsIn(cluster(), namespace),
          secrets: Object.keys(await secretsIn(cluster(), namespace)).sort(),
        });
        const before = await state();

        await stack.setConfig({}, { jwt: goodToken() });
        await stack.up();
        await stack.expectNoChanges();

        const { deployments, secrets } = await state();
        const { "nginx-gateway": facts, ...others } = before.deployments;
        expect(others).toEqual({});
        expect(deployments).toEqual({ "nginx-gateway": { uid: facts!.uid, generation: facts!.generation + 1 } });
        const made = (keys: string[], others: string[]) =>
          keys.filter((key) => !others.includes(key)).map((key) => key.replace(/-[0-9a-f]{8}\//, "/"));
        const renewed = ["license-secret/license.jwt", "registry-secret/.dockerconfigjson"];
        expect(made(secrets, before.secrets)).toEqual(renewed);
        expect(made(before.secrets, secrets)).toEqual(renewed);
        await stack.destroy();
      } finally {
        stack.remove();
      }
    });
  });
});
