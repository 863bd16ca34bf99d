import { join } from "node:path";
import { goodToken } from "../components/foundation/token";
import { createStack, describePulumi, type PulumiStack } from "./cli";
import { effectOf as effectIn, secretsIn } from "./cluster-view";
import { tracesOf } from "./traces";

jest.setTimeout(300_000);

describePulumi("rotations on the real engine", (cluster) => {
  let stack: PulumiStack;
  let namespace: string;

  beforeAll(async () => {
    stack = await createStack({
      folder: join(__dirname, "programs/rotations"),
      stack: "test",
      kubeconfig: cluster().kubeconfig,
      config: { longestKeepAliveSeconds: "600" },
      secretConfig: { registryJwt: goodToken(), licenseJwt: goodToken() },
    });
    await stack.up();
    namespace = (await stack.outputs()).namespaceName as string;
  });
  afterAll(() => stack?.remove());

  const effectOf = (change: () => Promise<unknown>) =>
    effectIn(cluster(), namespace, async () => {
      await change();
      await stack.expectNoChanges();
    });

  test("without a change there is nothing to do", async () => {
    await stack.expectNoChanges();
  });

  test("a new registry token rolls only pods that name its Secret by a made-up name", async () => {
    const change = async () => {
      await stack.setConfig({}, { registryJwt: goodToken() });
      await stack.up();
    };
    expect(await effectOf(change)).toEqual({ replaced: [], rolled: ["made-up-nginx-deployment"], newSecrets: 2 });
  });

  test("a new licence rolls the pods in place", async () => {
    const change = async () => {
      await stack.setConfig({}, { licenseJwt: goodToken() });
      await stack.up();
    };
    expect(await effectOf(change)).toEqual({
      replaced: [],
      rolled: ["fixed-nginx-deployment", "made-up-nginx-deployment"],
      newSecrets: 2,
    });
  });

  test("a renewed certificate with a new key rolls the pods in place", async () => {
    const change = () =>
      stack.up([
        "**tls:index/privateKey:PrivateKey::fixed-client-key",
        "**tls:index/privateKey:PrivateKey::made-up-client-key",
      ]);
    expect(await effectOf(change)).toEqual({
      replaced: [],
      rolled: ["fixed-nginx-deployment", "made-up-nginx-deployment"],
      newSecrets: 2,
    });
  });

  test("a renewed certificate with its old key rolls the pods in place", async () => {
    const change = () => stack.up(["**tls:index/locallySignedCert:LocallySignedCert::**"]);
    expect(await effectOf(change)).toEqual({
      replaced: [],
      rolled: ["fixed-nginx-deployment", "made-up-nginx-deployment"],
      newSecrets: 0,
    });
  });

  test("a newly generated password rolls the pods in place", async () => {
    const change = () => stack.up(["**random:index/randomPassword:RandomPassword::**"]);
    expect(await effectOf(change)).toEqual({
      replaced: [],
      rolled: ["fixed-nginx-deployment", "made-up-nginx-deployment"],
      newSecrets: 2,
    });
  });

  test("a new configuration rolls the pods in place", async () => {
    const change = async () => {
      await stack.setConfig({ longestKeepAliveSeconds: "900" });
      await stack.up();
    };
    expect(await effectOf(change)).toEqual({
      replaced: [],
      rolled: ["fixed-nginx-deployment", "made-up-nginx-deployment"],
      newSecrets: 0,
    });
  });

  test("a Secret with a fixed name is made anew, and updated in place with the provider's enableSecretMutable", async () => {
    const identity = async () => (await cluster().get("secret", "fixed-license", namespace)).metadata.uid;
    const rotate = async () => {
      await stack.setConfig({}, { licenseJwt: goodToken() });
      await stack.up();
    };
    const first = await identity();
    await rotate();
    const second = await identity();
    expect(second).not.toBe(first);
    await stack.setConfig({ "kubernetes:enableSecretMutable": "true" });
    expect(await effectOf(rotate)).toEqual({
      replaced: [],
      rolled: ["fixed-nginx-deployment", "made-up-nginx-deployment"],
      newSecrets: 2,
    });
    expect(await identity()).toBe(second);
  });

  test("the state has none of the secrets in the open", async () => {
    const { passwords } = (await stack.outputs()) as { passwords: string[] };
    const planted = { ...(await secretsIn(cluster(), namespace)), first: passwords[0]!, second: passwords[1]! };
    expect(Object.keys(planted)).toHaveLength(10);
    expect(tracesOf(planted, await stack.exportState())).toEqual([]);
  });

  test("destroy leaves nothing", async () => {
    await stack.destroy();
    await expect(cluster().get("namespace", namespace)).rejects.toThrow("NotFound");
  });
});
