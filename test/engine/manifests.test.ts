import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { parse } from "yaml";
import { chartReleases, type KubernetesObject, manifests, type RunResult, record, writeManifests } from "../../engine";
import { temporaryFolder } from "./temporary";

const { ConfigMap, Namespace, Secret } = kubernetes.core.v1;

const DIGEST = /^digest:(.+):[0-9a-f]{64}$/;

/** A program's objects by `kind/resource-name-without-digits`. */
function byName(objects: KubernetesObject[]): Record<string, KubernetesObject> {
  return Object.fromEntries(objects.map((object) => [object.metadata.name.replace(/-[0-9a-f]{8}$/, ""), object]));
}

/** Files of a folder by path, read as YAML 1.1, which is what Kubernetes reads. */
function filesOf(folder: string): Record<string, unknown> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"));
  return Object.fromEntries(
    paths.sort().map((path) => [path, parse(readFileSync(join(folder, path), "utf8"), { version: "1.1" })]),
  );
}

const planted = () => `planted-${randomBytes(12).toString("base64url")}`;

describe("order", () => {
  test("each object follows what it depends on, through resources of other providers too", async () => {
    const run = await record(() => {
      const namespace = new Namespace("z-namespace", {});
      const secret = new Secret("z-secret", {
        metadata: { namespace: namespace.metadata.name },
        stringData: { password: new random.RandomPassword("password", { length: 20 }).result },
      });
      const map = new ConfigMap("a-map", { data: { secret: secret.metadata.name } });
      new random.RandomId("between", { byteLength: 4, keepers: { map: map.metadata.name } }).hex.apply(() => undefined);
      new Secret("a-secret", { stringData: { key: "value" } }, { dependsOn: map });
      new kubernetes.rbac.v1.ClusterRole("role", { metadata: { name: "example:reader" } });
    });
    const folder = temporaryFolder();
    expect(writeManifests(run, folder).map((path) => path.replace(/-[0-9a-f]{8}/, "-<auto>"))).toEqual([
      "001-namespace-z-namespace-<auto>.yaml",
      "002-secret-z-secret-<auto>.yaml",
      "003-configmap-a-map-<auto>.yaml",
      "004-secret-a-secret-<auto>.yaml",
      "005-clusterrole-example-reader.yaml",
    ]);
  });
});

describe("secrets", () => {
  const license = planted();
  const program = () => {
    const value = pulumi.secret(license);
    const password = new random.RandomPassword("password", { length: 24 }).result;
    new Secret("license", { metadata: { name: "license" }, stringData: { "license.jwt": value } });
    new Secret("encoded", { metadata: { name: "encoded" }, data: { "license.jwt": value.apply(toBase64) } });
    new Secret("registry", {
      metadata: { name: "registry" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: {
        ".dockerconfigjson": value.apply((text) => JSON.stringify({ auths: { "r.example.com": { auth: text } } })),
      },
    });
    new ConfigMap("user", { metadata: { name: "user", annotations: { password } }, data: { name: "license" } });
    new kubernetes.apiextensions.CustomResource("custom", {
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "custom", namespace: "default" },
      spec: { open: 1, secret: pulumi.secret({ port: 8443, hosts: ["one.example.com"], none: null }) },
    });
    new kubernetes.helm.v3.Release("chart", {
      name: "chart",
      chart: "agent",
      version: "1.2.3",
      repositoryOpts: { repo: "https://charts.example.com" },
      values: { token: value, replicas: 2 },
    });
  };
  let run: RunResult;
  beforeAll(async () => {
    run = await record(program);
  });

  test("are keyed digests that name Secret and key, the same for the same value in any encoding", () => {
    const objects = byName(manifests(run));
    const {
      license: first,
      encoded,
      registry,
    } = objects as Record<string, KubernetesObject & { stringData: Record<string, string> }>;
    expect(first!.stringData["license.jwt"]).toBe(`digest:license/license.jwt:${run.digest(license)}`);
    expect(encoded!.stringData["license.jwt"]).toBe(`digest:encoded/license.jwt:${run.digest(license)}`);
    expect(encoded).not.toHaveProperty("data");
    expect(registry!.type).toBe("kubernetes.io/dockerconfigjson");
    const { digest } = JSON.parse(registry!.stringData[".dockerconfigjson"]!);
    expect(DIGEST.exec(digest)?.[1]).toBe("registry/.dockerconfigjson");
  });

  test("are digests in every other place too, with the shape around them kept", () => {
    const { user, custom } = byName(manifests(run));
    expect(DIGEST.exec(user!.metadata.annotations!["password" as never])?.[1]).toBe(
      "ConfigMap/user/metadata/annotations/password",
    );
    expect(user!.data).toEqual({ name: "license" });
    expect(custom!.spec).toEqual({
      open: 1,
      secret: {
        port: `digest:Widget/custom/spec/secret/port:${run.digest("8443")}`,
        hosts: [`digest:Widget/custom/spec/secret/hosts[0]:${run.digest("one.example.com")}`],
        none: null,
      },
    });
    expect(chartReleases(run)).toEqual([
      {
        name: "chart",
        namespace: "default",
        coordinates: { chart: "agent", version: "1.2.3", repositoryOpts: { repo: "https://charts.example.com" } },
        values: { token: `digest:Release/chart/values/token:${run.digest(license)}`, replicas: 2 },
      },
    ]);
  });

  test("are nowhere in the files, in any encoding, unless they are to be shown", () => {
    const everything = (folder: string) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => statSync(join(folder, path)).isFile())
        .map((path) => readFileSync(join(folder, path), "utf8"))
        .join("\n");
    const [digests, shown] = [temporaryFolder(), temporaryFolder()];
    writeManifests(run, digests);
    writeManifests(run, shown, { secrets: "show" });
    for (const form of [license, toBase64(license), Buffer.from(license).toString("hex")]) {
      expect(everything(digests)).not.toContain(form);
    }
    expect(everything(shown)).toContain(license);
    expect(everything(shown)).toContain(toBase64(license));
    expect(everything(shown)).not.toContain("digest:");
    for (const path of Object.keys(filesOf(shown))) expect(statSync(join(shown, path)).mode & 0o777).toBe(0o600);
  });

  test("are left to another system with `existing`, and what refers to them stays", () => {
    expect(Object.keys(byName(manifests(run, { secrets: "existing" }))).sort()).toEqual(["custom", "user"]);
  });

  test("cannot be an object's name, because references to it could not be written", async () => {
    const named = await record(() => void new ConfigMap("map", { metadata: { name: pulumi.secret("hidden-name") } }));
    expect(() => manifests(named)).toThrow(
      'the name of ConfigMap "map" is secret, and a digest cannot stand for it; ' +
        "give it as a plain string, apart from the secret that it was combined with",
    );
    expect(manifests(named, { secrets: "show" })[0]?.metadata.name).toBe("hidden-name");
  });
});

describe("a secret in the open", () => {
  const open = (value: pulumi.Input<string>) =>
    new ConfigMap("map", { metadata: { name: "map" }, data: { "nginx.conf": value } });
  const around = (text: string) => `proxy_set_header Authorization "Bearer ${text}";`;
  const forms: [form: string, encode: (secret: string) => string][] = [
    ["as it is", (secret) => secret],
    ["in base64", toBase64],
    ["in base64 with something before it", (secret) => toBase64(`user:${secret}`)],
    ["in base64 with more before it", (secret) => toBase64(`users:${secret}`)],
    ["in base64url", (secret) => Buffer.from(`>>>${secret}`).toString("base64url")],
    ["in base64 with line breaks", (secret) => toBase64(`user:${secret}:`.repeat(9)).replace(/.{76}/g, "$&\n")],
    ["in base64 with shorter lines in JSON", (secret) => JSON.stringify(toBase64(secret).replace(/.{16}/g, "$&\r\n"))],
    ["in hex", (secret) => Buffer.from(secret).toString("hex")],
    ["in hex with capital letters", (secret) => Buffer.from(secret).toString("hex").toUpperCase()],
    ["in a URL", (secret) => `https://user:${encodeURIComponent(secret)}@example.com`],
    ["in a URL, each byte encoded", (secret) => Buffer.from(secret).toString("hex").replace(/../g, "%$&")],
    ["in a form", (secret) => new URLSearchParams({ secret }).toString()],
    ["in a string of JSON", (secret) => JSON.stringify({ secret })],
  ];

  test.each(forms)("is refused %s", async (_form, encode) => {
    const password = `${planted()} "ü/+%`;
    const run = await record(() => {
      new Secret("credentials", { stringData: { password } });
      open(around(encode(password)));
    });
    expect(() => manifests(run)).toThrow(
      "ConfigMap urn:pulumi:test::project::kubernetes:core/v1:ConfigMap::map has the value of a secret in the open, " +
        "at data.nginx.conf; keep it in a Secret, and refer to it, or pass it on as the secret output that it is",
    );
  });

  test.each([
    ["a secret config value", () => open(around(new pulumi.Config().require("token")))],
    [
      "a secret that a component was given",
      () => void [new Holder("holder", "component-token-9"), open("component-token-9")],
    ],
    [
      "base64 data of a Secret",
      () => void [new Secret("s", { data: { key: toBase64("Encoded-Value") } }), open("x Encoded-Value")],
    ],
  ])("is refused where it is %s", async (_what, program) => {
    const run = await record(program as () => void, { secretConfig: { token: planted() } });
    expect(() => manifests(run)).toThrow("has the value of a secret in the open, at data.nginx.conf");
    expect(() => writeManifests(run, temporaryFolder(), { secrets: "show" })).toThrow("in the open");
  });

  test("is refused as a key, which is not shown", async () => {
    const password = planted();
    const run = await record(() => {
      new Secret("credentials", { stringData: { password } });
      new ConfigMap("map", { metadata: { name: "map" }, data: { [`user-${password}`]: "yes" } });
    });
    expect(() => manifests(run)).toThrow("in the open, at a key of data; keep it");
  });

  test("is a short one only as a word of its own, and only where it looks like no word", async () => {
    const leaks = async (secret: string, text: string) => {
      const run = await record(() => {
        new Holder("holder", secret);
        open(text);
      });
      try {
        manifests(run);
        return false;
      } catch (error) {
        expect((error as Error).message).toContain("in the open");
        return true;
      }
    };
    expect(await leaks("Xk9f", "user:Xk9f@host")).toBe(true);
    expect(await leaks("Xk9f", "user:aXk9fb@host")).toBe(false);
    expect(await leaks("admin", "user admin")).toBe(false);
    expect(await leaks("a1", "a1")).toBe(false);
  });

  test("is not what is public: certificates, names, short words", async () => {
    const run = await record(() => {
      const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
      const certificate = new tls.SelfSignedCert("certificate", {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: "broker.example.com" },
        validityPeriodHours: 1,
        allowedUses: [],
      });
      new Secret("tls", {
        metadata: { name: "tls" },
        stringData: {
          "ca.crt": certificate.certPem,
          "public.pem": key.publicKeyPem,
          host: "broker.example.com",
          user: "broker",
          mode: "Secure",
        },
      });
      new ConfigMap("bundle", {
        metadata: { name: "bundle" },
        data: { "ca.crt": certificate.certPem, "public.pem": key.publicKeyPem },
      });
      open("server broker.example.com:8883; # broker Secure");
    });
    expect(Object.keys(byName(manifests(run))).sort()).toEqual(["bundle", "map", "tls"]);
  });
});

class Holder extends pulumi.ComponentResource {
  constructor(name: string, token: string) {
    super("test:index:Holder", name, { token: pulumi.secret(token) });
    this.registerOutputs({});
  }
}

describe("files", () => {
  test("read back as the objects that were declared, in either version of YAML", async () => {
    const texts = [
      "on",
      "No",
      "~",
      "0x1F",
      "0o17",
      "012",
      "1_000",
      "1e3",
      "12:30:45",
      "2026-11-21",
      ".inf",
      "- a: b",
      "# no",
      "<<",
      "a\n  b\n\tc\n",
      " ",
      "",
    ];
    const data = Object.fromEntries(texts.map((text, index) => [`key-${index}`, text]));
    const run = await record(
      () =>
        void new ConfigMap("map", { metadata: { name: "map", labels: { y: "yes" } }, data: { ...data, on: "off" } }),
    );
    const folder = temporaryFolder();
    const [path] = writeManifests(run, folder);
    const text = readFileSync(join(folder, path!), "utf8");
    for (const version of ["1.1", "1.2"] as const) expect(parse(text, { version })).toEqual(manifests(run)[0]);
    expect(text.split("\n").slice(0, 3)).toEqual(["apiVersion: v1", "kind: ConfigMap", "metadata:"]);
  });

  test("files that are only named are listed, and what depends on them is written", async () => {
    const run = await record(() => {
      const crds = new kubernetes.yaml.v2.ConfigGroup("crds", {
        files: ["https://example.com/crds.yaml", "crds/own.yaml"],
      });
      new ConfigMap("after", { metadata: { name: "after", namespace: "n" } }, { dependsOn: crds });
    });
    const folder = temporaryFolder();
    writeManifests(run, folder);
    expect(filesOf(folder)).toEqual({
      "001-configmap-after.yaml": expect.objectContaining({ kind: "ConfigMap" }),
      "files/crds.yaml": { files: ["https://example.com/crds.yaml", "crds/own.yaml"] },
    });
  });

  test("a release is two files", async () => {
    const run = await record(() => {
      new kubernetes.helm.v3.Release("metrics", { chart: "agent", namespace: "monitoring", values: { replicas: 2 } });
    });
    const folder = temporaryFolder();
    writeManifests(run, folder);
    const name = chartReleases(run)[0]!.name;
    expect(name).toMatch(/^metrics-[0-9a-f]{8}$/);
    expect(filesOf(folder)).toEqual({
      [`helm/monitoring-${name}.chart.yaml`]: { name, namespace: "monitoring", chart: "agent" },
      [`helm/monitoring-${name}.values.yaml`]: { replicas: 2 },
    });
  });

  test("of an earlier render go, files of others stay", async () => {
    const folder = join(temporaryFolder(), "out");
    const render = async (...names: string[]) =>
      writeManifests(
        await record(() => names.map((name) => new ConfigMap(name, { metadata: { name } })).length),
        folder,
      );
    await render("first", "second");
    writeFileSync(join(folder, "kustomization.yaml"), "kept: true\n");
    await render("second");
    expect(Object.keys(filesOf(folder))).toEqual(["001-configmap-second.yaml", "kustomization.yaml"]);
  });

  test("a folder with other contents is not written to", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "src"));
    const run = await record(() => void new ConfigMap("map", {}));
    expect(() => writeManifests(run, folder)).toThrow(
      `${folder} has files that were not rendered; name an empty folder, or one that an earlier render made`,
    );
    expect(existsSync(join(folder, ".nginx-stacks-render.json"))).toBe(false);
  });

  test("a symbolic link in the folder leads no file out of it, and none in it away", async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const run = await record(() => void new ConfigMap("map", {}));
    writeManifests(run, folder);
    const theirs = join(elsewhere, "theirs");
    writeFileSync(theirs, "kept");
    symlinkSync(elsewhere, join(folder, "hosts"));
    const marker = join(folder, ".nginx-stacks-render.json");
    writeFileSync(marker, JSON.stringify(["hosts/theirs"]));
    expect(() => writeManifests(run, folder)).toThrow(
      `${join(folder, "hosts")} is a symbolic link, which no render makes; remove it`,
    );
    rmSync(marker);
    symlinkSync(theirs, marker);
    expect(() => writeManifests(run, folder)).toThrow(`${folder} has files that were not rendered`);
    expect(readFileSync(theirs, "utf8")).toBe("kept");
  });

  test("of a preview say where a value is unknown", async () => {
    const run = await record(
      () => {
        const { result } = new random.RandomPassword("password", { length: 20 });
        new Secret("secret", { metadata: { name: "secret" }, stringData: { password: result } });
        new ConfigMap("map", {
          metadata: { name: "map" },
          data: { id: new random.RandomId("id", { byteLength: 4 }).hex },
        });
      },
      { preview: true },
    );
    const { secret, map } = byName(manifests(run));
    expect(secret).toMatchObject({ stringData: "<unknown in preview>" });
    expect(map).toMatchObject({ data: { id: "<unknown in preview>" } });
  });
});

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
