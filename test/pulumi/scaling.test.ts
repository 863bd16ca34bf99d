import { join } from "node:path";
import { createStack, describePulumi, type PulumiStack } from "./cli";

jest.setTimeout(300_000);

describePulumi("an autoscaler on the real engine", (cluster) => {
  let stack: PulumiStack;
  let namespace: string;
  const inNamespace = (...args: string[]) => cluster().kubectl([...args, "-n", namespace]);
  const deployment = async () => (await inNamespace("get", "deployment", "-o", "name")).trim();
  const pods = async () => Number(await inNamespace("get", await deployment(), "-o", "jsonpath={.spec.replicas}"));
  const set = async (config: Record<string, string>) => {
    await stack.setConfig(config);
    await stack.up();
    await stack.expectNoChanges();
  };

  beforeAll(async () => {
    const folder = join(__dirname, "programs/scaling");
    stack = await createStack({ folder, stack: "test", kubeconfig: cluster().kubeconfig });
    await stack.up();
    namespace = (await stack.outputs()).namespaceName as string;
  });
  afterAll(() => stack?.remove());

  test("that comes later takes the pods as they are", async () => {
    expect(await pods()).toBe(4);
    await set({ autoscaling: "true" });
    expect(await pods()).toBe(4);
  });

  test("keeps its number when something else is changed", async () => {
    // As an autoscaler does it: by the subresource "scale".
    await inNamespace("scale", await deployment(), "--replicas=6");
    await set({ longestKeepAliveSeconds: "600" });
    expect(await pods()).toBe(6);
  });

  test("begins with its fewest pods in a stack of its own", async () => {
    const other = await stack.beside({ stack: "other", config: { autoscaling: "true" } });
    try {
      await other.up();
      const own = (await other.outputs()).namespaceName as string;
      expect(
        await cluster().kubectl(["get", "deployment", "-n", own, "-o", "jsonpath={.items[0].spec.replicas}"]),
      ).toBe("3");
      await other.destroy();
    } finally {
      await stack.destroy();
    }
  });
});
