import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { crdSource } from "../cluster/crds";
import { createStack, describeOwnPulumi, type PulumiStack } from "./cli";
import { secretsIn, workloadsIn } from "./cluster-view";
import {
  type ControllerManager,
  playControllerManager,
  publishBundle,
  reportIdentity,
  webhooksOf,
} from "./controller-manager";
import { expectDestroyed } from "./destroy-order";
import { tracesOf } from "./traces";

jest.setTimeout(300_000);

describeOwnPulumi("a service mesh on the real engine", (cluster) => {
  let stack: PulumiStack;
  let controllerManager: ControllerManager;
  let outputs: { namespaces: Record<string, string>; bundle: string; identityName: string };
  const printed: string[] = [];
  const passwords = [randomBytes(24).toString("hex"), randomBytes(24).toString("hex")];
  const connection = (password: string) =>
    `host=database.example.com dbname=spire user=spire password=${password} sslmode=require`;
  const secretValues: Record<string, string> = { first: passwords[0]!, second: passwords[1]! };

  const up = async () => printed.push(await stack.up());
  const workloads = async () => ({
    ...(await workloadsIn(cluster(), outputs.namespaces.server!, "statefulsets")),
    ...(await workloadsIn(cluster(), outputs.namespaces.system!, "daemonsets")),
    ...(await workloadsIn(cluster(), outputs.namespaces.workloads!, "deployments")),
    ...(await workloadsIn(cluster(), outputs.namespaces.database!, "statefulsets")),
  });
  /** Which workloads a change rolls; none may be another one, or come or go. */
  async function rolledBy(change: () => Promise<unknown>): Promise<string[]> {
    const before = await workloads();
    await change();
    const after = await workloads();
    const uids = (all: typeof before) => Object.entries(all).map(([name, { uid }]) => [name, uid]);
    expect(uids(after)).toEqual(uids(before));
    return Object.keys(after).filter((name) => after[name]!.generation !== before[name]!.generation);
  }

  /** What SPIRE and the controller manager wrote. */
  async function written() {
    const { namespaces, bundle, identityName } = outputs;
    const webhooks = await webhooksOf(cluster());
    const { status } = await cluster().get("clusterspiffeid", identityName);
    return {
      bundle: (await cluster().get("configmap", bundle, namespaces.system!)).data,
      caBundles: webhooks.map((one) => one.webhooks.map((webhook: Webhook) => webhook.clientConfig.caBundle)),
      status,
    };
  }
  /** Writes all of it anew, and gives it. */
  async function write(bundle: string, podsSelected: number) {
    await publishBundle(cluster(), outputs.namespaces.system!, outputs.bundle, bundle);
    await controllerManager.renew();
    await reportIdentity(cluster(), outputs.identityName, podsSelected);
    return written();
  }

  beforeAll(async () => {
    controllerManager = await playControllerManager(cluster());
    stack = await createStack({
      folder: join(__dirname, "programs/service-mesh"),
      stack: "test",
      kubeconfig: cluster().kubeconfig,
      config: {
        webhookUrl: controllerManager.url,
        className: "first",
        logLevel: "INFO",
        note: "first",
        ...(crdSource && { crdSource }),
      },
      secretConfig: { connectionString: connection(passwords[0]!) },
    });
    await up();
    outputs = (await stack.outputs()) as unknown as typeof outputs;
  });
  afterAll(async () => {
    await controllerManager?.stop();
    stack?.remove();
  });

  test("SCM#450: an identity comes once the server is ready, whose controller manager is asked about it", async () => {
    expect(controllerManager.asked).toEqual(["CREATE ClusterSPIFFEID web-identity"]);
    expect(Object.keys(await workloads()).sort()).toEqual([
      "agent-agent",
      "csi-node",
      "database-server",
      "mesh-server",
      "web",
    ]);
  });

  test("before anything is written, there is nothing to do", async () => {
    await stack.expectNoChanges();
  });

  test("a refresh sees changes from outside", async () => {
    const [{ metadata }] = await webhooksOf(cluster());
    const patch = (failurePolicy: string) =>
      cluster().kubectl([
        ...["patch", "validatingwebhookconfiguration", metadata.name, "--type=json"],
        `--patch=${JSON.stringify([{ op: "replace", path: "/webhooks/0/failurePolicy", value: failurePolicy }])}`,
      ]);
    await patch("Ignore");
    await expect(stack.expectNoChanges("refresh")).rejects.toThrow("failurePolicy");
    await patch("Fail");
  });

  test("what SPIRE and its controller manager write is no change, with a refresh neither, and another up keeps it", async () => {
    const before = await write("first roots\n", 1);
    expect(before.bundle).toEqual({ "bundle.crt": "first roots\n" });
    expect(before.caBundles).toEqual([[expect.any(String), expect.any(String)]]);
    await stack.expectNoChanges();
    await stack.expectNoChanges("refresh");
    expect(await rolledBy(up)).toEqual([]);
    expect(await written()).toEqual(before);
  });

  test("a state that knows what was written leaves alone what is written later", async () => {
    printed.push(await stack.refresh());
    expect(await stack.exportState()).toContain("first roots");
    const later = await write("second roots\n", 2);
    await stack.expectNoChanges();
    expect(await rolledBy(up)).toEqual([]);
    expect(await written()).toEqual(later);
  });

  test("a change of the server's configuration rolls it in place, and keeps what was written", async () => {
    const before = await written();
    await stack.setConfig({ logLevel: "DEBUG" });
    expect(await rolledBy(up)).toEqual(["mesh-server"]);
    expect(await written()).toEqual(before);
    await stack.expectNoChanges();
  });

  test("a change of the webhook and of the bundle's ConfigMap themselves keeps what was written into them", async () => {
    const before = await write("third roots\n", 3);
    controllerManager.asked.length = 0;
    await stack.setConfig({ className: "second", note: "second" });
    expect(await rolledBy(up)).toEqual(["mesh-server"]);
    const [webhook] = await webhooksOf(cluster());
    expect(webhook.webhooks[0].matchConditions[0].expression).toContain('"second"');
    const { metadata } = await cluster().get("configmap", outputs.bundle, outputs.namespaces.system!);
    expect(metadata.annotations).toMatchObject({ "example.com/note": "second" });
    expect(await written()).toEqual(before);
    expect(controllerManager.asked).toEqual(["UPDATE ClusterSPIFFEID web-identity"]);
    await stack.expectNoChanges("refresh");
  });

  test("a new authority above SPIRE rolls the server in place, since its Secret is another", async () => {
    const before = await authorityKeys();
    expect(
      await rolledBy(async () => {
        printed.push(await stack.up(["**tls:index/privateKey:PrivateKey::authority-intermediate-key"]));
      }),
    ).toEqual(["mesh-server"]);
    expect(await authorityKeys()).not.toEqual(before);
    await stack.expectNoChanges();
  });

  test("a new connection string rolls its server alone", async () => {
    await stack.setConfig({}, { connectionString: connection(passwords[1]!) });
    expect(await rolledBy(up)).toEqual(["database-server"]);
    await stack.expectNoChanges();
  });

  test("a stack under another name keeps every workload, and SPIRE its volume", async () => {
    const claims = () => workloadsIn(cluster(), outputs.namespaces.server!, "persistentvolumeclaims");
    const before = await claims();
    expect(Object.keys(before)).toHaveLength(1);
    stack = await stack.rename("renamed");
    expect(await rolledBy(up)).toEqual([]);
    expect(await claims()).toEqual(before);
    await stack.expectNoChanges();
  });

  test("neither the state nor what the CLI printed has a key or a password in the open", async () => {
    const kept = { ...(await authorityKeys()), ...(await secretsIn(cluster(), outputs.namespaces.database!)) };
    expect(Object.keys(kept).map((key) => key.replace(/-[0-9a-f]{8}\//, "/"))).toEqual([
      "mesh-authority/tls.key",
      "database-database/connectionString",
    ]);
    expect(Object.values(kept)[1]).toContain(passwords[1]);
    const texts = (await stack.exportState()) + printed.join("\n");
    expect(tracesOf({ ...kept, ...secretValues }, texts)).toEqual([]);
  });

  test("helm-charts#330: destroy ends with workloads before driver, driver before agents, all before the server, and keeps the CRDs", async () => {
    const printedLast = await stack.destroy();
    expectDestroyed(printedLast, [
      "apps/v1:Deployment web",
      "storage.k8s.io/v1:CSIDriver csi-driver",
      "apps/v1:DaemonSet agent-agent",
      "apps/v1:StatefulSet mesh-server",
    ]);
    expectDestroyed(printedLast, ["ClusterSPIFFEID web-identity", "apps/v1:StatefulSet mesh-server"]);
    for (const namespace of Object.values(outputs.namespaces))
      await expect(cluster().get("namespace", namespace)).rejects.toThrow("NotFound");
    expect(await webhooksOf(cluster())).toEqual([]);
    for (const kind of ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"])
      await cluster().get("crd", `${kind}.spire.spiffe.io`);
  });

  const authorityKeys = () => secretsIn(cluster(), outputs.namespaces.server!);
});

interface Webhook {
  clientConfig: { caBundle?: string };
}
