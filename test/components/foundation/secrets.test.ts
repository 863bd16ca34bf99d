import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { LicenseSecret, RegistrySecret } from "../../../components/foundation";
import { dockerConfigJson } from "../../../components/foundation/registry-secret";
import { type KubernetesObject, manifests, type RunResult, record, Secret } from "../../../engine";
import { secretTexts } from "../secret-texts";
import { goodToken, inDays, jsonWebToken } from "./token";

const namespace = "edge";
const token = goodToken();
const [header, payload] = token.split(".") as [string, string];

function shown(result: RunResult): KubernetesObject[] {
  return manifests(result, { secrets: "show" });
}

/** The stack's output `revision`, which has to be a secret. */
function revisionOf({ outputs: { revision } }: RunResult): unknown {
  expect(revision).toBeInstanceOf(Secret);
  return (revision as Secret).value;
}

function secretRequests({ requests }: RunResult) {
  return requests.filter(({ type }) => type === "kubernetes:core/v1:Secret");
}

const kubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

/** What kubectl writes for one registry. */
function fromKubectl(registry: string, jwt: string): string {
  const run = spawnSync(
    "kubectl",
    [
      "create",
      "secret",
      "docker-registry",
      "pull",
      `--docker-server=${registry}`,
      `--docker-username=${jwt}`,
      "--docker-password=none",
      "--dry-run=client",
      "--output=json",
    ],
    { encoding: "utf8" },
  );
  expect(run.stderr).toBe("");
  const secret = JSON.parse(run.stdout);
  expect(secret.type).toBe("kubernetes.io/dockerconfigjson");
  return Buffer.from(secret.data[".dockerconfigjson"], "base64").toString();
}

describe("RegistrySecret", () => {
  test("is the Secret that an image pull looks for", async () => {
    const [secret] = shown(await record(() => new RegistrySecret("pull", { namespace, jwt: ` ${token}\n` })));
    expect({ ...secret, data: "…" }).toMatchInlineSnapshot(`
{
  "apiVersion": "v1",
  "data": "…",
  "kind": "Secret",
  "metadata": {
    "name": "pull-secret-5d4ea507",
    "namespace": "edge",
  },
  "type": "kubernetes.io/dockerconfigjson",
}
`);
    expect(secretTexts(secret)).toEqual({
      ".dockerconfigjson": `{"auths":{"private-registry.nginx.com":{"username":"${token}","password":"none","auth":"${Buffer.from(`${token}:none`).toString("base64")}"}}}`,
    });
  });

  (kubectl ? test : test.skip)("has the bytes that kubectl writes (needs kubectl on PATH)", async () => {
    for (const registry of ["private-registry.nginx.com", "registry.example.com:5000", "localhost:5000"]) {
      const [secret] = shown(
        await record(() => new RegistrySecret("pull", { namespace, jwt: token, registries: [registry] })),
      );
      expect(secretTexts(secret)[".dockerconfigjson"]).toBe(fromKubectl(registry, token));
    }
  });

  (kubectl ? test : test.skip)("keeps kubectl's entries for several registries, sorted (needs kubectl on PATH)", () => {
    const registries = ["registry.example.com:5000", "Registry.example.com", "private-registry.nginx.com"];
    const entries = registries.map((registry) => /^\{"auths":\{(.*)\}\}$/.exec(fromKubectl(registry, token))?.[1]);
    expect(dockerConfigJson(registries, token)).toBe(`{"auths":{${[entries[1], entries[2], entries[0]].join(",")}}}`);
  });

  test("takes registries and the token as Outputs", async () => {
    const [plain] = shown(
      await record(
        () => new RegistrySecret("pull", { namespace, jwt: token, registries: ["a.example.com", "b.example.com"] }),
      ),
    );
    const [later] = shown(
      await record(
        () =>
          new RegistrySecret("pull", {
            namespace: pulumi.output(namespace),
            jwt: pulumi.secret(`${token}\n`),
            registries: [pulumi.output("b.example.com"), "a.example.com"],
          }),
      ),
    );
    expect(later).toEqual(plain);
  });
});

describe("LicenseSecret", () => {
  test("has the token alone under license.jwt, and tells what is no secret", async () => {
    const result = await record(() => {
      const { secretName, key, subject, issuedAt, expiresAt } = new LicenseSecret("licence", {
        namespace,
        jwt: `${jsonWebToken({ sub: "A-S00012345", iat: 1767225600, exp: 1924992000 })}\n`,
        labels: { team: "platform" },
        annotations: { contact: "platform@example.com" },
      });
      return { secretName, key, subject, issuedAt, expiresAt };
    });
    const [secret] = shown(result);
    expect({ ...secret, data: Object.keys(secret?.data as object) }).toMatchInlineSnapshot(`
{
  "apiVersion": "v1",
  "data": [
    "license.jwt",
  ],
  "kind": "Secret",
  "metadata": {
    "annotations": {
      "contact": "platform@example.com",
    },
    "labels": {
      "team": "platform",
    },
    "name": "licence-secret-d4760713",
    "namespace": "edge",
  },
  "type": "Opaque",
}
`);
    expect(result.outputs).toMatchInlineSnapshot(`
{
  "expiresAt": "2031-01-01T00:00:00Z",
  "issuedAt": "2026-01-01T00:00:00Z",
  "key": "license.jwt",
  "secretName": "licence-secret-d4760713",
  "subject": "A-S00012345",
}
`);
  });

  test("warns in the log about the time that is left", async () => {
    const end = inDays(10);
    const { log } = await record(() => new LicenseSecret("licence", { namespace, jwt: jsonWebToken({ exp: end }) }));
    const time = new Date(end * 1000).toISOString().replace(".000Z", "Z");
    expect(log.map(({ severity, message }) => [severity, message])).toEqual([
      [
        "warning",
        `LicenseSecret "licence": jwt expires at ${time}, in less than 30 days: download a renewed token from MyF5`,
      ],
    ]);
  });

  test("can be one that is there already, under any key", async () => {
    const result = await record(() => {
      const { secretName, key, subject } = new LicenseSecret("licence", {
        namespace,
        existing: { name: "from-vault", key: "nginx.jwt" },
      });
      return { secretName, key, subject };
    });
    expect(manifests(result)).toEqual([]);
    expect(result.outputs).toEqual({ secretName: "from-vault", key: "nginx.jwt", subject: "" });
  });
});

describe.each([
  { component: RegistrySecret, suffix: "RegistrySecret" },
  { component: LicenseSecret, suffix: "LicenseSecret" },
])("every Secret: $suffix", ({ component }) => {
  test("a fixed name reaches consumers without a dependency on the Secret", async () => {
    const result = await record(() => {
      const { secretName } = new component("secret", { namespace, jwt: token, name: "nplus-license" });
      new k8s.core.v1.ConfigMap("consumer", { data: { secretName } });
    });
    expect(result.requests.find(({ name }) => name === "consumer")?.dependencies).toEqual([]);
    expect(shown(result).map(({ metadata }) => metadata.name)).toContain("nplus-license");
  });

  test("a name that Pulumi made comes from the Secret, so that a rotation makes the new one first", async () => {
    const result = await record(() => {
      const { secretName } = new component("secret", { namespace, jwt: token });
      new k8s.core.v1.ConfigMap("consumer", { data: { secretName } });
    });
    const [secret] = secretRequests(result);
    expect(result.requests.find(({ name }) => name === "consumer")?.dependencies).toContain(secret?.urn);
    expect(secret?.inputs.metadata).toEqual({ namespace });
  });

  test("the revision changes with the contents, and with nothing else", async () => {
    const revision = async (jwt: string, name?: string) =>
      revisionOf(await record(() => ({ revision: new component("secret", { namespace, jwt, name }).revision })));
    const first = await revision(token);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await revision(`${token}\n`, "other-name")).toBe(first);
    expect(await revision(goodToken())).not.toBe(first);
  });

  test("the revision of an existing Secret is the one that was given", async () => {
    const existing = { name: "kept", revision: "7" };
    const result = await record(() => ({ revision: new component("secret", { namespace, existing }).revision }));
    expect(revisionOf(result)).toBe("7");
  });

  test("dependsOn, provider and protect reach the Secret", async () => {
    const result = await record(() => {
      const first = new k8s.core.v1.ConfigMap("first", {});
      const provider = new k8s.Provider("other", {});
      new component("secret", { namespace, jwt: token }, { dependsOn: first, provider, protect: true });
    });
    const [secret] = secretRequests(result);
    const urn = (name: string) => result.requests.find((request) => request.name === name)?.urn;
    expect(secret?.dependencies).toEqual([urn("first")]);
    expect(secret?.provider).toContain(urn("other"));
    expect(secret?.protect).toBe(true);
    expect(secret?.parent).toBe(urn("secret"));
  });

  test("a preview in which the token is unknown registers the Secret with unknown contents", async () => {
    const result = await record(
      () => {
        const { result } = new random.RandomPassword("source", { length: 9 });
        new component("secret", { namespace, jwt: result });
      },
      { preview: true },
    );
    expect(secretRequests(result).map(({ name }) => name)).toEqual(["secret-secret"]);
  });

  test("the token stands in the Secret alone", async () => {
    const result = await record(() => {
      const { secretName, revision } = new component("secret", { namespace, jwt: token });
      return { secretName, revision };
    });
    const open = JSON.stringify({
      log: result.log,
      requests: result.requests.map((request) =>
        secretRequests(result).includes(request) ? { ...request, inputs: {}, outputs: {} } : request,
      ),
    });
    for (const part of [token, header, payload])
      for (const text of [part, Buffer.from(part).toString("base64"), Buffer.from(part).toString("hex")])
        expect(open).not.toContain(text);
    const digest = createHash("sha256").update(token).digest("hex");
    expect(open).not.toContain(digest);
    expect(secretRequests(result)[0]?.inputs.data).toBeInstanceOf(Secret);
    expect(result.outputs.revision).toBeInstanceOf(Secret);
  });
});
