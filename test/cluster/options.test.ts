import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifests, runProgram } from "../../engine";
import { goodToken } from "../components/foundation/token";
import { describeCluster } from "./fixture";

describeCluster("every option", (cluster) => {
  const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  afterAll(() => rmSync(stateFolder, { recursive: true }));

  test("is one that the API server knows, and the pods become Ready", async () => {
    const folder = join(__dirname, "../pulumi/programs/every-option");
    const secretConfig = { jwt: goodToken(), password: randomBytes(16).toString("hex") };
    const run = await runProgram({ folder, stack: "test", secretConfig, stateFolder });
    const objects = manifests(run, { secrets: "show" });
    await cluster().apply(objects);
    await cluster().waitReady(objects);
  });
});
