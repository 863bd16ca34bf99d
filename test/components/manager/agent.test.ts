import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { parse } from "yaml";
import { NginxAgentConfiguration, type NginxAgentConfigurationArgs } from "../../../components/manager/agent";
import { hosts, manifests, type RunResult, record, reveal, Secret } from "../../../engine";
import { requestLints } from "../../lints";
import { v1, v2, v3 } from "./agent-fixture";

const kubernetes = { namespace: "edge" };
const golden = (name: string) => readFileSync(join(__dirname, `agent-golden/${name}.yaml`), "utf8");

const run = (args: NginxAgentConfigurationArgs) =>
  record(() => {
    const { configMapName, secretName, revision, hostFiles } = new NginxAgentConfiguration("agent", args);
    return { configMapName, secretName, revision, hostFiles };
  });

/** Text of the file in the one object of a run. */
function fileOf(result: RunResult): string {
  const [object] = manifests(result, { secrets: "show" }) as unknown as {
    kind: string;
    data: Record<string, string>;
  }[];
  const text = object!.data["nginx-agent.conf"]!;
  return object!.kind === "Secret" ? Buffer.from(text, "base64").toString() : text;
}

test.each<[string, string, NginxAgentConfigurationArgs]>([
  ["A6: the file of agent 2", "a6-v2", { v2 }],
  ["B18: the file of agent 1, for the manager's own port", "b18-v1-native", { v1: v1(10000) }],
  ["B18: the file of agent 1, for a proxy", "b18-v1-proxy", { v1: v1(10443) }],
  [
    "B18: the file of agent 1, with its folders",
    "b18-v1-folders",
    { v1: v1(10443, ["/etc/nginx", "/usr/local/etc/nginx"]) },
  ],
  ["the file of agent 3", "v3", { v3 }],
])("%s is as it should be", async (_row, name, args) => {
  expect(fileOf(await run({ ...args, kubernetes }))).toBe(golden(name));
});

test("the file is the same when its values are outputs", async () => {
  const outputs = { ...v2, hostname: pulumi.output(v2.hostname), statusPollInterval: pulumi.output("30s") };
  expect(fileOf(await run({ v2: outputs, kubernetes }))).toBe(golden("a6-v2"));
  const hostname = pulumi.output("nginx-manager.example.com");
  expect(fileOf(await run({ v1: { ...v1(10000), hostname }, kubernetes }))).toBe(golden("b18-v1-native"));
});

test("the least of each agent verifies the server by the one name it was given", async () => {
  const hostname = "nim.example.com";
  expect(parse(fileOf(await run({ v1: { hostname, port: 10443 }, kubernetes })))).toEqual({
    server: "nim.example.com:10443",
    tls: { enable: true },
  });
  expect(parse(fileOf(await run({ v2: { hostname }, kubernetes })))).toEqual({
    server: { host: hostname, grpcPort: 443, metrics: hostname, command: hostname },
    tls: { enable: true, skip_verify: false },
  });
  expect(parse(fileOf(await run({ v3: { hostname }, kubernetes })))).toEqual({
    command: {
      server: { host: hostname, port: 443, type: "grpc" },
      tls: { server_name: hostname, skip_verify: false },
    },
  });
});

test("what is unsafe is written as asked, with a warning", async () => {
  const hostname = "nim.example.com";
  const skipped = await run({ v3: { hostname, tls: { unsafeSkipVerification: true } }, kubernetes });
  expect(parse(fileOf(skipped)).command.tls).toEqual({ server_name: hostname, skip_verify: true });
  expect(skipped.log.map(({ message }) => message)).toEqual([
    'NginxAgentConfiguration "agent": tls.unsafeSkipVerification: anyone who answers can pass for the management plane',
  ]);
  const plaintext = { hostname: "192.0.2.7", tls: { unsafePlaintext: true } };
  const open = await run({ v2: plaintext, kubernetes });
  expect(parse(fileOf(open))).toEqual({
    server: { host: "192.0.2.7", grpcPort: 443 },
    tls: { enable: false, skip_verify: false },
  });
  expect(open.log.map(({ message }) => message)).toEqual([
    'NginxAgentConfiguration "agent": tls.unsafePlaintext: anyone on the way can read and change what the agent is told',
  ]);
  expect(parse(fileOf(await run({ v3: plaintext, kubernetes }))).command).toEqual({
    server: { host: "192.0.2.7", port: 443, type: "grpc" },
  });
});

test("a file with a token is a Secret, whatever the token came as; one without is a ConfigMap", async () => {
  const token = randomBytes(24).toString("base64url");
  const proxy = { url: "http://proxy.example.com:3128", password: token };
  const files: NginxAgentConfigurationArgs[] = [
    { v2: { ...v2, token } },
    { v3: { hostname: "one.example.com", token: pulumi.secret(token) } },
    { v3: { hostname: "one.example.com", auxiliary: { hostname: "two.example.com", token } } },
    { v3: { hostname: "one.example.com", settings: { command: { server: { proxy } } } } },
  ];
  for (const args of files) {
    const result = await run({ ...args, kubernetes });
    expect(manifests(result).map(({ kind }) => kind)).toEqual(["Secret"]);
    expect(fileOf(result)).toContain(token);
    expect(JSON.stringify(manifests(result))).not.toContain(token);
    expect(result.outputs).toMatchObject({ configMapName: "", secretName: expect.stringMatching(/^agent-config-/) });
    for (const lint of Object.values(requestLints)) expect(lint(result)).toEqual([]);
  }
  const open = await run({ v2, kubernetes });
  expect(manifests(open).map(({ kind }) => kind)).toEqual(["ConfigMap"]);
  expect(open.outputs).toMatchObject({ configMapName: expect.stringMatching(/^agent-config-/), secretName: "" });
  expect(open.outputs.revision).toBeInstanceOf(Secret);
});

describe("K9: a password or token in the file makes it a Secret, wherever it stands", () => {
  const url = "http://user:fake-password@proxy.example.com:3128";
  const hostname = "nim.example.com";
  const inSettings = (settings: object): NginxAgentConfigurationArgs => ({ v3: { hostname, settings } });

  test.each<[string, NginxAgentConfigurationArgs]>([
    ["the URL of agent 3's proxy", inSettings({ command: { server: { proxy: { url } } } })],
    ["the same as an Output", inSettings({ command: { server: { proxy: { url: pulumi.output(url) } } } })],
    ["the same as a secret", inSettings({ command: { server: { proxy: { url: pulumi.secret(url) } } } })],
    ["a user name alone", inSettings({ external_data_source: { proxy: { url: "https://fake-token@example.com" } } })],
    [
      "a token in a query",
      inSettings({ external_data_source: { proxy: { url: "https://example.com/?a=1&api_key=fake" } } }),
    ],
    [
      "the URL of an exporter's proxy",
      inSettings({ collector: { exporters: { otlp: { own: { server: { proxy: { url } } } } } } }),
    ],
    ["a URL in a list", inSettings({ external_data_source: { allowed_domains: ["example.com", url] } })],
    [
      "a field of an operator",
      inSettings({ collector: { receivers: { tcplog: { own: { operators: [{ fields: { to: url } }] } } } } }),
    ],
    [
      "a key of the user's own",
      inSettings({ collector: { receivers: { tcplog: { own: { operators: [{ fields: { "api-key": "fake" } }] } } } } }),
    ],
    ["agent 2's URL of the API", { v2: { hostname, settings: { nginx: { api: { url } } } } }],
    ["agent 1's URL of the API", { v1: { hostname, port: 10443, nginx: { plusApiUrl: "http://u:p@localhost/api" } } }],
    ["agent 1's location", { v1: { hostname, port: 10443, location: url } }],
  ])("%s", async (_title, args) => {
    const result = await run({ ...args, kubernetes });
    expect(manifests(result).map(({ kind }) => kind)).toEqual(["Secret"]);
    for (const lint of Object.values(requestLints)) expect(lint(result)).toEqual([]);
    const [host] = hosts(await run({ ...args, host: { name: "nginx-1" } }));
    expect(host!.files.map(({ mode, secret }) => [mode, secret])).toEqual([["0640", true]]);
  });

  test.each<[string, NginxAgentConfigurationArgs]>([
    ["a URL without any", inSettings({ command: { server: { proxy: { url: "http://proxy.example.com:3128" } } } })],
    ["paths of a key and of a token", { v3: { hostname, tokenPath: "/etc/token", tls: v2.tls } }],
    ["an address of mail", { v1: { hostname, port: 10443, location: "https://example.com or ops@example.com" } }],
  ])("but %s does not", async (_title, args) => {
    expect(manifests(await run({ ...args, kubernetes })).map(({ kind }) => kind)).toEqual(["ConfigMap"]);
  });

  test("one that is known late, under a key where none is expected, is refused", async () => {
    const args = { v2: { ...v2, instanceGroup: pulumi.output(url) }, kubernetes };
    const failure = run(args);
    await expect(failure).rejects.toThrow("v2 has a URL with a user name, a password or a token in it");
    await expect(failure).rejects.not.toThrow("fake-password");
  });
});

test("a secret that the agent expects nowhere is refused, where the file would be open to all", async () => {
  const location = pulumi.secret("rack-of-the-vault");
  const file = { v1: { ...v1(10443), location } };
  const refusal =
    'NginxAgentConfiguration "agent": v1 holds a secret that is neither a token nor a password, and the file would be open to all; leave it out (or, if it is public, use pulumi.unsecret)';
  await expect(run({ ...file, kubernetes })).rejects.toThrow(refusal);
  await expect(run({ ...file, host: { name: "nginx-1" } })).rejects.toThrow(refusal);
});

test("B19: a host has its file, the certificates at the paths in it, and a key that only its group reads", async () => {
  const program = () => {
    const key = new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const { certPem } = new tls.SelfSignedCert("certificate", {
      privateKeyPem: key.privateKeyPem,
      allowedUses: ["client_auth"],
      validityPeriodHours: 24,
      subject: { commonName: "agent-1.example.com" },
    });
    const certificates = { certificatePem: certPem, privateKeyPem: key.privateKeyPem };
    const args = { v2, host: { name: "nginx-1.example.com", ...certificates, trustedCertificatesPem: certPem } };
    new NginxAgentConfiguration("agent", args);
    new NginxAgentConfiguration("other", {
      v2: { ...v2, tls: undefined, token: "5f1e9b0a-token" },
      host: { name: "nginx-2.example.com", group: "agents", trustedCertificatesPem: certPem },
    });
  };
  const result = await record(program);
  const described = hosts(result, { secrets: "show" }).map(({ name, files }) => [
    name,
    files.map(({ path, mode, owner, group, action, secret, content }) => {
      const begins = content!.split(/\r?\n/)[0];
      return `${mode} ${owner}:${group} ${path} ${action}${secret ? " secret" : ""}: ${begins}`;
    }),
  ]);
  expect(described).toEqual([
    [
      "nginx-1.example.com",
      [
        "0644 root:root /etc/nginx-agent/nginx-agent.conf restart-agent: server:",
        "0644 root:root /etc/nms/certs/agent.crt restart-agent: -----BEGIN CERTIFICATE-----",
        "0640 root:root /etc/nms/certs/agent.key restart-agent secret: -----BEGIN EC PRIVATE KEY-----",
        "0644 root:root /etc/nms/certs/ca.pem restart-agent: -----BEGIN CERTIFICATE-----",
      ],
    ],
    [
      "nginx-2.example.com",
      [
        "0640 root:agents /etc/nginx-agent/nginx-agent.conf restart-agent secret: server:",
        "0644 root:root nginx-management-plane.crt trust: -----BEGIN CERTIFICATE-----",
      ],
    ],
  ]);
  expect(manifests(result)).toEqual([]);
  for (const lint of Object.values(requestLints)) expect(lint(result)).toEqual([]);
});

test("nothing of a certificate is registered but in the files of the host", async () => {
  const result = await record(() => void new NginxAgentConfiguration("agent", { v2, host: { name: "nginx-1" } }));
  const [component] = result.requests.filter(({ type }) => type.endsWith("NginxAgentConfiguration"));
  expect(component!.inputs).toEqual({ version: "v2", hostname: "nginx-manager.example.com", host: "nginx-1" });
  expect((reveal(component!.outputs) as { hostFiles: object[] }).hostFiles).toHaveLength(1);
});

test("a preview leaves unknown only what is unknown", async () => {
  const program = () => {
    const { hex } = new random.RandomId("id", { byteLength: 4 });
    const hostname = pulumi.interpolate`nim-${hex}.example.com`;
    new NginxAgentConfiguration("agent", { v2: { hostname }, host: { name: "nginx-1" } });
  };
  const [host] = hosts(await record(program, { preview: true }));
  expect(host).toMatchObject({ name: "nginx-1", files: [{ path: "/etc/nginx-agent/nginx-agent.conf" }] });
  expect(host!.files[0]!.content).toBe("<unknown in preview>");
});
