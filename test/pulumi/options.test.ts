import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { goodToken } from "../components/foundation/token";
import { createStack, describePulumi } from "./cli";
import { secretsIn } from "./cluster-view";
import { tracesOf } from "./traces";

jest.setTimeout(300_000);

describePulumi("every option on the real engine", (cluster) => {
  test("up, an empty second preview, no secret in the state, destroy", async () => {
    const secretConfig = { jwt: goodToken(), password: randomBytes(16).toString("hex") };
    const folder = join(__dirname, "programs/every-option");
    const stack = await createStack({ folder, stack: "test", kubeconfig: cluster().kubeconfig, secretConfig });
    try {
      await stack.up();
      await stack.expectNoChanges();
      const [namespace] = await stack.namespaces();
      const planted = { ...secretConfig, ...(await secretsIn(cluster(), namespace!)) };
      expect(Object.keys(planted)).toHaveLength(9);
      expect(tracesOf(planted, await stack.exportState())).toEqual([]);
      await stack.destroy();
    } finally {
      stack.remove();
    }
  });
});
