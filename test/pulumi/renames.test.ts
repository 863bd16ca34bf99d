import { join } from "node:path";
import { createStack, describePulumi } from "./cli";
import { deploymentsIn } from "./cluster-view";

jest.setTimeout(300_000);

describePulumi("renames on the real engine", (cluster) => {
  test("a component with an alias, and then its stack, get another name and keep their pods", async () => {
    const folder = join(__dirname, "programs/renamed");
    const { kubeconfig } = cluster();
    const stack = await createStack({ folder, stack: "first", kubeconfig, config: { name: "front" } });
    try {
      await stack.up();
      const namespace = (await stack.outputs()).namespaceName as string;
      const uids = async () => Object.values(await deploymentsIn(cluster(), namespace)).map(({ uid }) => uid);
      const before = await uids();
      expect(before).toHaveLength(1);
      // A Service whose selector changed before its pods would have no endpoint meanwhile.
      const selectors = async () =>
        JSON.parse(await cluster().kubectl(["get", "services", "-n", namespace, "-o", "json"])).items.map(
          ({ spec }: { spec: { selector: object } }) => spec.selector,
        );
      const selected = await selectors();

      await stack.setConfig({ name: "gate" });
      await stack.up();
      await stack.expectNoChanges();
      expect(await uids()).toEqual(before);
      expect(await selectors()).toEqual(selected);

      const renamed = await stack.rename("second");
      await renamed.up();
      await renamed.expectNoChanges();
      expect(await uids()).toEqual(before);
      expect(await selectors()).toEqual(selected);
      await renamed.destroy();
    } finally {
      stack.remove();
    }
  });
});
