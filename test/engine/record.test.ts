import * as grpc from "@grpc/grpc-js";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { Secret as Envelope, type RecordedRequest, record, UNKNOWN } from "../../engine";

const { ConfigMap, Namespace, Secret } = kubernetes.core.v1;

class Outer extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Outer", name, {}, opts);
    const inner = new Inner(`${name}-inner`, { parent: this });
    this.registerOutputs({ innerName: inner.configMapName });
  }
}

class Inner extends pulumi.ComponentResource {
  readonly configMapName: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Inner", name, {}, opts);
    this.configMapName = new ConfigMap(`${name}-map`, { data: { key: "value" } }, { parent: this }).metadata.name;
    this.registerOutputs({ configMapName: this.configMapName });
  }
}

class Bucket extends pulumi.CustomResource {}

function named(requests: RecordedRequest[], name: string): RecordedRequest {
  const found = requests.filter((request) => request.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe("what a program registers", () => {
  test("URNs hold the chain of parent types, as the real engine composes them", async () => {
    const { requests } = await record(() => void new Outer("edge"), { project: "shop", stack: "dev" });
    expect(requests.map(({ urn, parent }) => ({ urn, parent }))).toEqual([
      { urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", parent: "" },
      {
        urn: "urn:pulumi:dev::shop::test:index:Outer::edge",
        parent: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
      },
      {
        urn: "urn:pulumi:dev::shop::test:index:Outer$test:index:Inner::edge-inner",
        parent: "urn:pulumi:dev::shop::test:index:Outer::edge",
      },
      {
        urn: "urn:pulumi:dev::shop::test:index:Outer$test:index:Inner$kubernetes:core/v1:ConfigMap::edge-inner-map",
        parent: "urn:pulumi:dev::shop::test:index:Outer$test:index:Inner::edge-inner",
      },
    ]);
  });

  test("a resource's options are recorded", async () => {
    const { requests } = await record(() => {
      const provider = new kubernetes.Provider("west", { namespace: "from-provider" });
      const first = new ConfigMap("first", { metadata: { name: "fixed" } }, { provider, protect: true });
      new ConfigMap(
        "second",
        { data: { first: first.metadata.name } },
        {
          dependsOn: first,
          aliases: [{ name: "former" }, "urn:pulumi:test::project::kubernetes:core/v1:ConfigMap::oldest"],
          ignoreChanges: ["data"],
          additionalSecretOutputs: ["data"],
          retainOnDelete: true,
          deleteBeforeReplace: true,
          customTimeouts: { create: "5m" },
        },
      );
    });
    const [provider, first, second] = ["west", "first", "second"].map((name) => named(requests, name));
    expect(first).toMatchObject({
      name: "first",
      custom: true,
      protect: true,
      provider: `${provider?.urn}::${provider?.id}`,
      id: "from-provider/fixed",
      outputs: { metadata: { name: "fixed", namespace: "from-provider" } },
    });
    expect(second).toMatchObject({
      name: "second",
      dependencies: [first?.urn],
      propertyDependencies: { data: [first?.urn] },
      aliases: [{ name: "former" }, { urn: "urn:pulumi:test::project::kubernetes:core/v1:ConfigMap::oldest" }],
      ignoreChanges: ["data"],
      retainOnDelete: true,
      deleteBeforeReplace: true,
      customTimeouts: { create: "5m", update: "", delete: "" },
      outputs: { data: new Envelope({ first: "fixed" }) },
    });
    expect(second).not.toHaveProperty("protect");
  });

  test("secrets keep their envelopes, and a printed envelope says nothing of its contents", async () => {
    const { requests, outputs } = await record(
      () => {
        const password = new pulumi.Config().requireSecret("password");
        new Secret("credentials", { stringData: { password } });
        new ConfigMap("annotated", { metadata: { annotations: { password, plain: "seen" } } });
        return { password };
      },
      { secretConfig: { password: "correct horse" } },
    );
    const [credentials, annotated] = ["credentials", "annotated"].map((name) => named(requests, name));
    expect(credentials?.inputs.stringData).toEqual(new Envelope({ password: "correct horse" }));
    expect(credentials?.outputs.stringData).toEqual(new Envelope({ password: "correct horse" }));
    expect(annotated?.inputs.metadata).toEqual({
      annotations: { password: new Envelope("correct horse"), plain: "seen" },
    });
    expect(outputs).toEqual({ password: new Envelope("correct horse") });
    expect(JSON.stringify({ requests, outputs })).not.toContain("correct horse");
  });

  test("config is the project's unless its key names another namespace, and configures the default provider", async () => {
    const { outputs, requests } = await record(
      () => {
        new ConfigMap("map", {});
        return { size: new pulumi.Config().requireNumber("size"), region: new pulumi.Config("cloud").get("region") };
      },
      { config: { size: "3", "cloud:region": "north", "kubernetes:namespace": "configured" } },
    );
    expect(outputs).toEqual({ size: 3, region: "north" });
    expect(requests[1]?.outputs.metadata).toMatchObject({ namespace: "configured" });
  });

  test("names are the provider's, and the same in every run", async () => {
    const run = () =>
      record(() => {
        new ConfigMap("auto", {});
        new ConfigMap("fixed", { metadata: { name: "given" } });
        new ConfigMap("generated", { metadata: { generateName: "server-side-" } });
        new Namespace("auto", {});
      });
    const names = (await run()).requests.slice(1).map(({ id, outputs }) => [id, outputs.metadata]);
    expect(names).toEqual([
      [expect.stringMatching(/^auto-[0-9a-f]{8}$/), { name: expect.stringMatching(/^auto-[0-9a-f]{8}$/) }],
      [
        expect.stringMatching(/^default\/auto-[0-9a-f]{8}$/),
        { name: expect.stringMatching(/^auto-[0-9a-f]{8}$/), namespace: "default" },
      ],
      ["default/given", { name: "given", namespace: "default" }],
      ["default", { generateName: "server-side-", namespace: "default" }],
    ]);
    expect(names[1]?.[1]).not.toMatchObject(names[0]?.[1] as object);
    expect((await run()).requests.slice(1).map(({ id, outputs }) => [id, outputs.metadata])).toEqual(names);
  });

  test("a custom resource takes group and kind from itself, and no namespace that it was not given", async () => {
    const { requests } = await record(() => {
      new kubernetes.apiextensions.CustomResource("class", {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "GatewayClass",
        spec: { controllerName: "example.com/controller" },
      });
    });
    expect(requests[1]).toMatchObject({
      type: "kubernetes:gateway.networking.k8s.io/v1:GatewayClass",
      outputs: {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "GatewayClass",
        metadata: { name: expect.stringMatching(/^class-[0-9a-f]{8}$/) },
        spec: { controllerName: "example.com/controller" },
      },
    });
    expect(requests[1]?.outputs.metadata).not.toHaveProperty("namespace");
  });

  test("transforms change what is registered: the resource's own, its parents' and the stack's, in this order", async () => {
    const append =
      (text: string): pulumi.ResourceTransform =>
      async ({ type, props, opts }) => {
        if (type !== "kubernetes:core/v1:ConfigMap") return undefined;
        const key = `${props.data.key}, ${text}`;
        return { props: { ...props, data: { key } }, opts: { ...opts, protect: true } };
      };
    const { requests } = await record(() => {
      pulumi.runtime.registerResourceTransform(append("stack"));
      new Outer("edge", { transforms: [append("outer")] });
    });
    expect(requests.at(-1)).toMatchObject({ inputs: { data: { key: "value, outer, stack" } }, protect: true });
  });

  test("what the program logs is returned, without debug lines", async () => {
    const { log } = await record(async () => {
      await pulumi.log.warn("the licence expires soon");
    });
    expect(log).toEqual([{ severity: "warning", message: "the licence expires soon", urn: "" }]);
  });
});

describe("a preview", () => {
  test("knows inputs and names, and nothing that only an update makes", async () => {
    const seen: string[] = [];
    const see = (what: string) => (value: unknown) => void seen.push(`${what}=${value}`);
    const { requests } = await record(
      () => {
        const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
        const password = new random.RandomPassword("password", { length: 20 });
        const id = new random.RandomId("id", { byteLength: 8 });
        const service = new kubernetes.core.v1.Service("service", { spec: { ports: [{ port: 1883 }] } });
        key.algorithm.apply(see("algorithm"));
        key.privateKeyPem.apply(see("privateKeyPem"));
        key.id.apply(see("id"));
        password.result.apply(see("result"));
        id.hex.apply(see("hex"));
        service.metadata.name.apply(see("name"));
        service.spec.ports[0]?.port.apply(see("port"));
        service.id.apply(see("id"));
        service.status.apply(see("status"));
        new Secret("secret", { stringData: { password: password.result } });
      },
      { preview: true },
    );
    expect(seen.sort()).toEqual([
      "algorithm=ED25519",
      expect.stringMatching(/^name=service-[0-9a-f]{8}$/),
      "port=1883",
    ]);
    const [key, password] = ["key", "password"].map((name) => named(requests, name));
    expect(key?.outputs).toMatchObject({ privateKeyPem: new Envelope(UNKNOWN), publicKeyPem: UNKNOWN });
    expect(password?.outputs).toMatchObject({ result: new Envelope(UNKNOWN), bcryptHash: new Envelope(UNKNOWN) });
    expect(requests.map(({ id }) => id)).toEqual(requests.map(() => ""));
    expect(named(requests, "secret").inputs.stringData).toBe(UNKNOWN);
  });
});

describe("an error", () => {
  const failures: [what: string, program: () => unknown, message: string][] = [
    [
      "two resources of one URN",
      () => {
        new ConfigMap("same", {});
        new ConfigMap("same", {});
      },
      "Duplicate resource URN 'urn:pulumi:test::project::kubernetes:core/v1:ConfigMap::same'; try giving it a unique name",
    ],
    [
      "a provider that the engine has not",
      () => new Bucket("aws:s3/bucket:Bucket", "files", {}),
      "files (urn:pulumi:test::project::aws:s3/bucket:Bucket::files): the embedded engine has no provider " +
        '"aws" for resource type "aws:s3/bucket:Bucket" (it has kubernetes, random, tls); use `pulumi up`',
    ],
    [
      "a resource type that the engine has not",
      () => new random.RandomShuffle("order", { inputs: ["a"] }),
      "order (urn:pulumi:test::project::random:index/randomShuffle:RandomShuffle::order): the embedded engine has no " +
        'resource type "random:index/randomShuffle:RandomShuffle" (of this package it has ' +
        "random:index/randomPassword:RandomPassword, random:index/randomString:RandomString, " +
        "random:index/randomId:RandomId, random:index/randomBytes:RandomBytes, random:index/randomInteger:RandomInteger, " +
        "random:index/randomUuid:RandomUuid, random:index/randomUuid4:RandomUuid4, random:index/randomPet:RandomPet); " +
        "use `pulumi up`",
    ],
    [
      "YAML files",
      () => new kubernetes.yaml.v2.ConfigFile("files", { file: "manifest.yaml" }),
      "files (urn:pulumi:test::project::kubernetes:yaml/v2:ConfigFile::files): the embedded engine cannot expand " +
        '"kubernetes:yaml/v2:ConfigFile": it writes single Kubernetes objects and helm.v3.Release, and lists the ' +
        "files of yaml.v2.ConfigGroup; declare the objects themselves, or use `pulumi up`",
    ],
    [
      "YAML text",
      () => new kubernetes.yaml.v2.ConfigGroup("text", { yaml: "kind: ConfigMap", files: ["manifest.yaml"] }),
      "text (urn:pulumi:test::project::kubernetes:yaml/v2:ConfigGroup::text): the embedded engine cannot expand " +
        '"kubernetes:yaml/v2:ConfigGroup": it writes single Kubernetes objects and helm.v3.Release, and lists the ' +
        "files of yaml.v2.ConfigGroup; declare the objects themselves, or use `pulumi up`",
    ],
    [
      "a chart",
      () => new kubernetes.helm.v4.Chart("chart", { chart: "nginx" }),
      "chart (urn:pulumi:test::project::kubernetes:helm.sh/v4:Chart::chart): the embedded engine cannot expand " +
        '"kubernetes:helm.sh/v4:Chart": it writes single Kubernetes objects and helm.v3.Release, and lists the ' +
        "files of yaml.v2.ConfigGroup; declare the objects themselves, or use `pulumi up`",
    ],
    [
      "a list of objects",
      () => new kubernetes.core.v1.ConfigMapList("maps", { items: [] }),
      "maps (urn:pulumi:test::project::kubernetes:core/v1:ConfigMapList::maps): the embedded engine cannot expand " +
        '"kubernetes:core/v1:ConfigMapList": it writes single Kubernetes objects and helm.v3.Release, and lists ' +
        "the files of yaml.v2.ConfigGroup; declare the objects themselves, or use `pulumi up`",
    ],
    [
      "a cluster to read from",
      () => Secret.get("license", "nginx/license"),
      'the program reads the existing kubernetes:core/v1:Secret "nginx/license" as "license"; the embedded engine has ' +
        "no cluster to read from, so pass what you need of it by config, or use `pulumi up`",
    ],
    [
      "another stack",
      () => new pulumi.StackReference("organization/network/prod"),
      'the outputs of stack "organization/network/prod" are not among the given stackOutputs',
    ],
    [
      "a provider's function",
      () => tls.getCertificate({ url: "https://example.com" }),
      'the program calls the function "tls:index/getCertificate:getCertificate", which a provider would answer; the ' +
        "embedded engine creates resources only, so pass the value by config, or use `pulumi up`",
    ],
    [
      "a component that refuses an argument",
      () => {
        throw new pulumi.InputPropertyError({ propertyPath: "routes[0]", reason: "routes[0] has no upstream" });
      },
      "routes[0] has no upstream",
    ],
    ["an async program that rejects", async () => Promise.reject(new Error("rejected late")), "rejected late"],
    [
      "an apply that throws into a property",
      () => new ConfigMap("map", { data: { key: pulumi.output(1).apply(() => refuse("thrown in apply")) } }),
      'error serializing property "data": thrown in apply',
    ],
    [
      "an apply whose result is not used",
      () => void new ConfigMap("map", {}).metadata.name.apply(() => refuse("thrown alone")),
      "thrown alone",
    ],
  ];

  test.each(failures)("%s", async (_what, program, message) => {
    await expect(record(program)).rejects.toMatchObject({ message });
  });

  test("of one run is not seen by the next", async () => {
    for (const [, program] of failures) await expect(record(program)).rejects.toThrow();
    const { requests } = await record(() => void new ConfigMap("map", {}));
    expect(requests.map(({ name }) => name)).toEqual(["project-test", "map"]);
  });

  test.each(failures)(
    "that a program logs about it is no noise, and the next one's log is whole: %s",
    async (_what, program) => {
      const printed = jest.spyOn(console, "error");
      const remarking = () => void pulumi.log.warn("a remark", new Outer("remarked"));
      const failed = record(() => {
        remarking();
        return program();
      });
      await expect(failed).rejects.toThrow();
      const { log } = await record(remarking);
      expect(log.filter(({ severity }) => severity === "warning").map(({ message }) => message)).toEqual(["a remark"]);
      expect(printed).not.toHaveBeenCalled();
      printed.mockRestore();
    },
  );
});

describe("several calls at once", () => {
  test("run one after the other, also behind one that fails", async () => {
    const names = ["one", "two", "three"];
    const runs = names.map((name) => record(() => void new ConfigMap(name, {}), { stack: name }));
    const failed = record(() => refuse("on purpose"));
    const last = record(() => void new ConfigMap("last", {}), { stack: "last" });
    await expect(failed).rejects.toThrow("on purpose");
    const requests = (await Promise.all([...runs, last])).map((run) => run.requests.map(({ name }) => name));
    expect(requests).toEqual([...names, "last"].map((name) => [`project-${name}`, name]));
  });

  test("never meet on a port: the SDK would go on with a connection that an earlier one has lost", async () => {
    const { bindAsync } = grpc.Server.prototype;
    const ports: number[] = [];
    const binds = jest.spyOn(grpc.Server.prototype, "bindAsync").mockImplementation(function (
      this: grpc.Server,
      address,
      credentials,
      answer,
    ) {
      bindAsync.call(this, address, credentials, (error, port) => {
        // The second call is told that it has the port of the first.
        ports.push(ports.length === 1 ? ports[0]! : port);
        answer(error, ports.at(-1)!);
      });
    });
    await record(() => {});
    await record(() => void new ConfigMap("second", {}));
    binds.mockRestore();
    // A third one, at least: the system too may give a port that this process had.
    expect(ports[1]).toBe(ports[0]);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.at(-1)).not.toBe(ports[0]);
  });

  test("one inside the program of another would wait for itself, and is refused", async () => {
    await expect(record(() => record(() => {}))).rejects.toThrow(
      "record() is called by a program that it runs; call it after that",
    );
  });
});

function refuse(message: string): never {
  throw new Error(message);
}
