import { randomBytes, X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type CertificateIssuer, InstanceManagerCertificates } from "../../../components";
import { NginxAgentFleet, type NginxAgentFleetArgs } from "../../../components/manager/agent";
import { hosts, manifests, type PropertyMap, type RunResult, record, reveal } from "../../../engine";
import { requestLints } from "../../lints";
import { v1, v2 } from "./agent-fixture";

const certificates = () =>
  new InstanceManagerCertificates("nim", {
    profile: "instanceManagerV2",
    hostname: { manager: "nim.example.com", agents: v2.hostname as string },
    forHosts: true,
    keyAlgorithm: "ECDSA",
  });

/** What the stack with the authority exports. */
let exported: Record<string, PropertyMap[string]>;
beforeAll(async () => {
  const { outputs } = await record(() => ({ ...certificates().issuer }));
  exported = outputs;
});

const fleetOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ host: `nginx-${index + 10}.example.com` }));

/** The agents' stack: the issuer comes from another one. */
const fleet = (args: Partial<NginxAgentFleetArgs> = {}) =>
  record(
    () => {
      const authority = new pulumi.StackReference("organization/authority/prod");
      const issuer = {
        certificatePem: authority.requireOutput("certificatePem"),
        privateKeyPem: authority.requireOutput("privateKeyPem"),
        chain: authority.requireOutput("chain"),
        bundle: authority.requireOutput("bundle"),
        renewalWindowHours: authority.requireOutput("renewalWindowHours"),
      } as CertificateIssuer;
      new NginxAgentFleet("fleet", {
        issuer,
        agents: fleetOf(2),
        ...(args.v1 ? {} : { v2 }),
        ...args,
      });
    },
    { stackOutputs: { "organization/authority/prod": exported } },
  );

const described = (result: RunResult) =>
  hosts(result, { secrets: "show" }).map(({ name, files }) => [
    name,
    files.map(
      ({ path, mode, owner, group, action, secret, content }) =>
        `${mode} ${owner}:${group} ${path} ${action}${secret ? " secret" : ""}: ${content!.split("\n")[0]}`,
    ),
  ]);

test("A8: each machine has the file, the root, and a certificate of its own for clients, from an issuer in another stack", async () => {
  const result = await fleet();
  const files = [
    "0644 root:root /etc/nginx-agent/nginx-agent.conf restart-agent: server:",
    "0644 root:root /etc/nms/certs/agent.crt restart-agent: -----BEGIN CERTIFICATE-----",
    "0640 root:root /etc/nms/certs/agent.key restart-agent secret: -----BEGIN EC PRIVATE KEY-----",
    "0644 root:root /etc/nms/certs/ca.pem restart-agent: -----BEGIN CERTIFICATE-----",
  ];
  expect(described(result)).toEqual([
    ["nginx-10.example.com", files],
    ["nginx-11.example.com", files],
  ]);
  const contents = hosts(result, { secrets: "show" }).map((host) =>
    Object.fromEntries(host.files.map(({ path, content }) => [path, content!])),
  );
  const issuer = reveal(exported as PropertyMap) as Record<string, string>;
  for (const [index, content] of contents.entries()) {
    const chain = content["/etc/nms/certs/agent.crt"]!;
    const leaf = new X509Certificate(chain);
    expect(leaf.subject).toBe(`CN=nginx-${index + 10}.example.com`);
    expect([leaf.keyUsage, leaf.subjectAltName]).toEqual([["1.3.6.1.5.5.7.3.2"], undefined]);
    expect(leaf.verify(new X509Certificate(issuer.certificatePem!).publicKey)).toBe(true);
    expect(chain.endsWith(issuer.chain!)).toBe(true);
    expect(content["/etc/nms/certs/ca.pem"]).toBe(issuer.bundle);
  }
  expect(contents[0]!["/etc/nms/certs/agent.key"]).not.toBe(contents[1]!["/etc/nms/certs/agent.key"]);
  expect(manifests(result)).toEqual([]);
  for (const lint of Object.values(requestLints)) expect(lint(result)).toEqual([]);
});

test("B19: certificates are 0644, keys 0640 for the group that reads them, and without a path the root is the system's to trust", async () => {
  const { tls, ...rest } = v1(10443);
  const result = await fleet({
    v1: { ...rest, tls: { clientCertificate: tls!.clientCertificate } },
    group: "nginx-agent",
    agents: fleetOf(1),
  });
  expect(described(result)).toEqual([
    [
      "nginx-10.example.com",
      [
        '0644 root:root /etc/nginx-agent/nginx-agent.conf restart-agent: server: "nginx-manager.example.com:10443"',
        "0644 root:root /etc/ssl/nginx-manager/agent.crt restart-agent: -----BEGIN CERTIFICATE-----",
        "0640 root:nginx-agent /etc/ssl/nginx-manager/agent.key restart-agent secret: -----BEGIN EC PRIVATE KEY-----",
        "0644 root:root nginx-management-plane.crt trust: -----BEGIN CERTIFICATE-----",
      ],
    ],
  ]);
});

test("a token is in one file for all, which only the group reads", async () => {
  const token = randomBytes(24).toString("base64url");
  const result = await fleet({ v2: { ...v2, token }, group: "agents" });
  const registered = reveal(result.requests.find(({ name }) => name === "fleet")!.outputs) as {
    hostFiles: { hosts: string[]; path: string; mode: string; content: string }[];
  };
  const [roots, file, ...others] = registered.hostFiles;
  expect(file).toMatchObject({
    hosts: fleetOf(2).map(({ host }) => host),
    mode: "0640",
    group: "agents",
    secret: true,
  });
  expect(file!.content).toContain(token);
  expect(roots).toMatchObject({ hosts: fleetOf(2).map(({ host }) => host), path: "/etc/nms/certs/ca.pem" });
  expect(others.map((other) => other.hosts)).toEqual(fleetOf(2).flatMap(({ host }) => [[host], [host]]));
  expect(JSON.stringify(result.requests)).not.toContain(token);
});

test("a machine costs three resources, no component, and few bytes of state", async () => {
  const [small, large] = [await fleet({ agents: fleetOf(2) }), await fleet({ agents: fleetOf(12) })];
  const named = ({ requests }: RunResult, host: string) =>
    requests.filter(({ name }) => name.includes(host)).map(({ name, type, parent }) => [name, type, parent]);
  const own = `urn:pulumi:test::project::nginx-stacks:index:NginxAgentFleet::fleet`;
  expect(named(small, "nginx-10").map(([name, type]) => [name, type])).toEqual([
    ["fleet-nginx-10.example.com-key", "tls:index/privateKey:PrivateKey"],
    ["fleet-nginx-10.example.com-request", "tls:index/certRequest:CertRequest"],
    ["fleet-nginx-10.example.com-certificate", "tls:index/locallySignedCert:LocallySignedCert"],
  ]);
  expect(new Set(named(small, "nginx-1").map(([, , parent]) => parent)).size).toBe(1);
  expect(`${named(small, "nginx-10")[0]![2]}`.split("::").slice(-2)).toEqual(own.split("::").slice(-2));
  expect(large.requests.length - small.requests.length).toBe(3 * 10);
  // As the state has it: identity, inputs and outputs of each resource, with what is secret written out.
  const size = ({ requests }: RunResult) =>
    requests
      .map(({ urn, type, parent, inputs, outputs }) => ({ urn, type, parent, ...{ inputs, outputs } }))
      .reduce((sum, { inputs, outputs, ...rest }) => {
        const written = {
          ...rest,
          inputs: reveal(inputs),
          outputs: { ...(reveal(inputs) as object), ...(reveal(outputs) as object) },
        };
        return sum + JSON.stringify(written).length;
      }, 0);
  const bytesPerAgent = (size(large) - size(small)) / 10;
  expect(bytesPerAgent).toBeLessThan(13_000);
  expect(bytesPerAgent).toBeGreaterThan(5_000);
});

test("the fleet registers no issuer, no template and no list of machines again", async () => {
  const { requests } = await fleet();
  const { inputs, outputs } = requests.find(({ name }) => name === "fleet")!;
  expect(inputs).toEqual({ version: "v2", hostname: v2.hostname });
  expect(Object.keys(outputs)).toEqual(["hostFiles"]);
});

test("a preview, in which certificates are unknown, shows the files of every machine", async () => {
  const program = () => void new NginxAgentFleet("fleet", { issuer: certificates().issuer, agents: fleetOf(3), v2 });
  const result = await record(program, { preview: true });
  expect(hosts(result).map(({ files }) => files.length)).toEqual([4, 4, 4]);
});
