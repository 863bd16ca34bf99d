import { join } from "node:path";
import { createStack, describePulumi, type PulumiStack } from "./cli";
import { effectOf as effectIn, secretsIn } from "./cluster-view";
import { tracesOf } from "./traces";

jest.setTimeout(300_000);

const rolls = { replaced: [], rolled: ["proxy-nginx-deployment"] };

describePulumi("InstanceManagerProxy on the real engine", (cluster) => {
  let stack: PulumiStack;
  let namespace: string;
  const printed: string[] = [];

  beforeAll(async () => {
    stack = await createStack({
      folder: join(__dirname, "programs/instance-manager-proxy"),
      stack: "test",
      kubeconfig: cluster().kubeconfig,
      config: { deniedSerial: "0A:1B" },
    });
    printed.push(await stack.up());
    namespace = (await stack.outputs()).namespaceName as string;
  });
  afterAll(() => stack?.remove());

  const effectOf = (change: () => Promise<unknown>) =>
    effectIn(cluster(), namespace, async () => {
      await change();
      await stack.expectNoChanges();
    });
  const replace = (...urns: string[]) => effectOf(async () => printed.push(await stack.up(urns)));

  test("without a change there is nothing to do", async () => {
    await stack.expectNoChanges();
    expect((await stack.outputs()).usageEndpoint).toBe("nim.example.com");
  });

  test("a renewed server certificate rolls the one Deployment, which stays the same", async () => {
    const certificate = async () => {
      const secrets = JSON.parse(await cluster().kubectl(["get", "secrets", "-n", namespace, "-o", "json"])).items;
      return secrets.find(({ metadata }: { metadata: { name: string } }) => metadata.name.startsWith("server-")).data[
        "tls.crt"
      ];
    };
    const before = await certificate();
    expect(await replace("**tls:index/locallySignedCert:LocallySignedCert::server-certificate")).toEqual({
      ...rolls,
      newSecrets: 0,
    });
    expect(await certificate()).not.toBe(before);
  });

  test("a server certificate with a new key rolls it too", async () => {
    expect(await replace("**tls:index/privateKey:PrivateKey::server-key")).toEqual({ ...rolls, newSecrets: 1 });
  });

  test("the certificate that backends see, renewed, rolls it too", async () => {
    expect(await replace("**tls:index/privateKey:PrivateKey::client-key")).toEqual({ ...rolls, newSecrets: 1 });
  });

  test("a new authority of agents rolls it too", async () => {
    expect(await replace("**tls:index/selfSignedCert:SelfSignedCert::agents-root")).toEqual({
      ...rolls,
      newSecrets: 0,
    });
  });

  test("one more serial number that is rejected rolls it too", async () => {
    const change = async () => {
      await stack.setConfig({ deniedSerial: "0A:1C" });
      printed.push(await stack.up());
    };
    expect(await effectOf(change)).toEqual({ ...rolls, newSecrets: 0 });
  });

  test("neither the state nor what the CLI printed has a key in the open", async () => {
    const planted = await secretsIn(cluster(), namespace);
    expect(Object.keys(planted).map((key) => key.replace(/-[0-9a-f]{8}\//, "/"))).toEqual([
      "client-secret/tls.key",
      "server-secret/tls.key",
    ]);
    expect(tracesOf(planted, (await stack.exportState()) + printed.join("\n"))).toEqual([]);
  });

  test("destroy leaves nothing", async () => {
    await stack.destroy();
    await expect(cluster().get("namespace", namespace)).rejects.toThrow("NotFound");
  });
});
