import { spawn } from "node:child_process";
import { join } from "node:path";
import { crdFiles } from "../../components/gateway/crds";
import { defaultVersion, type GatewayFabricLine, knownVersions } from "../../components/gateway/versions";
import { crdSource } from "../cluster/crds";
import { goodToken } from "../components/foundation/token";
import { createStack, describePulumi, type PulumiStack } from "./cli";
import { deploymentsIn, secretsIn } from "./cluster-view";
import { tracesOf } from "./traces";

jest.setTimeout(300_000);

/** Names of the Deployments that a change of each kind rolls, as docs/gateway-fabric.md lists them. */
const rolls: Record<GatewayFabricLine, Record<"made anew" | "in place", string[]>> = {
  1: { "made anew": ["nginx-gateway"], "in place": ["nginx-gateway"] },
  2: { "made anew": ["nginx-gateway"], "in place": [] },
};

describe.each([1, 2] as const)("line %i", (line) => {
  describePulumi("Gateway Fabric's rotations on the real engine", (cluster) => {
    let stack: PulumiStack;
    let namespace: string;

    beforeAll(async () => {
      const version = knownVersions.find((one) => one.version === defaultVersion[line])!;
      const files = crdFiles(version, { namespace: "" }).map(({ url, name }) =>
        crdSource ? join(crdSource, name) : url,
      );
      await cluster().kubectl(["apply", "--server-side", ...files.flatMap((file) => ["-f", file])]);
      await cluster().kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crds", "--all"]);
      stack = await createStack({
        folder: join(__dirname, "programs/gateway-fabric"),
        stack: "test",
        kubeconfig: cluster().kubeconfig,
        config: { line: String(line) },
        secretConfig: { jwt: goodToken() },
      });
      await stack.up();
      namespace = (await stack.outputs()).namespaceName as string;
    });
    afterAll(() => stack?.remove());

    /** Renews the licence; says which Deployments are new or rolled, which Secrets a watch saw deleted, and which keys have new contents where they were. */
    async function renewal() {
      const [before, secrets] = [await deploymentsIn(cluster(), namespace), await secretsIn(cluster(), namespace)];
      const watch = spawn("kubectl", [
        ...["--kubeconfig", cluster().kubeconfig, "get", "secrets", "--namespace", namespace],
        ...["--watch-only", "--output-watch-events", "--output", "jsonpath={.type} {.object.metadata.name}\n"],
      ]);
      let events = "";
      watch.stdout.on("data", (text) => {
        events += text;
      });
      await stack.setConfig({}, { jwt: goodToken() });
      await stack.up();
      watch.kill();
      const after = await deploymentsIn(cluster(), namespace);
      expect(Object.keys(after)).toEqual(Object.keys(before));
      await stack.expectNoChanges();
      const now = await secretsIn(cluster(), namespace);
      const deleted = events.split("\n").flatMap((event) => /^DELETED (.*)-[0-9a-f]{8}$/.exec(event)?.[1] ?? []);
      return {
        replaced: Object.keys(after).filter((name) => after[name]!.uid !== before[name]!.uid),
        rolled: Object.keys(after).filter((name) => after[name]!.generation !== before[name]!.generation),
        deleted: deleted.sort(),
        changedInPlace: Object.keys(now)
          .filter((key) => key in secrets && now[key] !== secrets[key])
          .sort()
          .map(withoutEnd),
      };
    }
    const withoutEnd = (key: string) => key.replace(/-[0-9a-f]{8}(?=\/)/, "");

    test("a second preview is empty", async () => {
      await stack.expectNoChanges();
    });

    test("a renewed licence has Secrets of a new name, which go when nothing names them any more", async () => {
      expect(await renewal()).toEqual({
        replaced: [],
        rolled: rolls[line]["made anew"],
        deleted: ["license-secret", "registry-secret"],
        changedInPlace: [],
      });
    });

    test("with enableSecretMutable no Secret is ever gone", async () => {
      await stack.setConfig({ "kubernetes:enableSecretMutable": "true" });
      await stack.up();
      expect(await renewal()).toEqual({
        replaced: [],
        rolled: rolls[line]["in place"],
        deleted: [],
        changedInPlace: ["license-secret/license.jwt", "registry-secret/.dockerconfigjson"],
      });
    });

    test("the state has none of the secrets in the open", async () => {
      expect(tracesOf(await secretsIn(cluster(), namespace), await stack.exportState())).toEqual([]);
    });

    test("destroy leaves nothing", async () => {
      await stack.destroy();
      await expect(cluster().get("namespace", namespace)).rejects.toThrow("NotFound");
    });
  });
});
