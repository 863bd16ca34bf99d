import * as pulumi from "@pulumi/pulumi";
import { factsOf } from "../../../components/foundation";
import { InstanceManagerCertificates } from "../../../components/manager/certificates";
import { record } from "../../../engine";
import { type Refusal, testRefusals, thrownBy } from "../refusals";

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };
const v2 = { profile: "instanceManagerV2", hostname, forHosts: true };
const v1 = { profile: "instanceManagerV1", serverName: "nginx-manager.example.com", forHosts: true };

const refused =
  (base: object, plain: boolean) =>
  (rule: string, args: object, error: string): Refusal => ({
    rule,
    component: InstanceManagerCertificates,
    args: { ...base, ...args },
    error,
    plain,
  });
const [inV2, plainV2, inV1, plainV1] = [refused(v2, false), refused(v2, true), refused(v1, false), refused(v1, true)];

// A run that is refused ends before the warning about an unsafe option has arrived, which the SDK reports.
beforeAll(() => {
  const { error } = console;
  jest.spyOn(console, "error").mockImplementation((...words) => {
    if (!`${words[0]}`.startsWith("failed to deliver log message")) error(...words);
  });
});

describe("what for, and where", () => {
  testRefusals([
    plainV2(
      "a profile that is none",
      { profile: "instanceManagerV3" },
      'profile is "instanceManagerV3"; write one of "instanceManagerV2", "instanceManagerV1"',
    ),
    inV2(
      "neither hosts nor a namespace",
      { forHosts: undefined },
      "namespace is missing; write the namespace of the manager's pods, or forHosts: true",
    ),
    plainV2(
      "hosts and a namespace",
      { namespace: "nim" },
      "namespace is given beside forHosts; remove one of the two: certificates for hosts are in no Secret",
    ),
    inV2(
      "a namespace in capitals",
      { forHosts: false, namespace: "NIM" },
      "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ),
  ]);
});

describe("the server's names", () => {
  testRefusals([
    plainV2(
      "one name for Instance Manager 2",
      { serverName: "nim.example.com" },
      "serverName is not for instanceManagerV2; write the two names in hostname",
    ),
    plainV1(
      "two names for Instance Manager 1",
      { hostname },
      "hostname is not for instanceManagerV1; write the one name in serverName",
    ),
    plainV2("no names", { hostname: undefined }, "hostname is missing; give the two DNS names: { manager, agents }"),
    plainV1("no name", { serverName: undefined }, "serverName is missing; write the DNS name that agents connect to"),
    inV2(
      "one name for both servers",
      { hostname: { ...hostname, agents: "NIM.example.com" } },
      "hostname.agents is that of the manager too, whose server asks for no client certificate; give agents a DNS name of their own",
    ),
    inV1(
      "an address for a name",
      { serverName: "192.0.2.7" },
      "serverName is an address, which is no server name in TLS; write a DNS name that the certificate carries",
    ),
    inV1(
      "a wildcard",
      { serverName: "*.example.com" },
      "serverName is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
    ),
    inV1(
      "a name that no common name holds",
      { serverName: `${"x".repeat(60)}.example.com` },
      "serverName is longer than the 64 characters of a common name; write a shorter name",
    ),
    inV2(
      "an address among further names",
      { dnsNames: ["192.0.2.7"] },
      "dnsNames[0] is an IP address; write it in ipAddresses: a client looks for it only there",
    ),
    inV2(
      "a name among the addresses",
      { ipAddresses: ["nim.example.com"] },
      "ipAddresses[0] is not an IP address; write an IPv4 or IPv6 address without port, zone or prefix length",
    ),
  ]);
});

describe("subjects, keys and lifetimes", () => {
  testRefusals([
    inV2(
      "a country in words",
      { subject: { country: "Germany" } },
      "subject.country is empty or longer than 2 characters; shorten it, or leave it out if it is optional",
    ),
    plainV2(
      "a curve beside RSA",
      { ecdsaCurve: "P384" },
      "ecdsaCurve does not go with an RSA key; remove it, or write ECDSA as keyAlgorithm",
    ),
    plainV2(
      "an algorithm that is not known",
      { keyAlgorithm: "DSA" },
      'keyAlgorithm is "DSA"; write one of "RSA", "ECDSA", "ED25519"',
    ),
    plainV2(
      "half an hour",
      { validityHours: 0.5 },
      "validityHours is not a positive whole number of hours; write for example 2160 for 90 days",
    ),
    plainV2(
      "an intermediate that outlives its root",
      { intermediateValidityHours: 43_824 },
      "intermediateValidityHours is 43824, not less than the root's 43824; shorten it: an intermediate that outlives its root is of no use",
    ),
    plainV2(
      "the document's intermediate, which lives as long as its certificates",
      { intermediateValidityHours: 8_760 },
      "intermediateValidityHours leaves the intermediate 8760 hours and its certificates 8760; let the intermediate be valid for longer: no certificate may outlive its issuer",
    ),
    plainV1(
      "the document's root of Instance Manager 1, which ends with its certificates",
      { rootValidityHours: 8_760 },
      "rootValidityHours leaves the intermediate 4380 hours and its certificates 8760; let the intermediate be valid for longer: no certificate may outlive its issuer",
    ),
    plainV2(
      "certificates that outlive the intermediate",
      { validityHours: 30_000 },
      "validityHours leaves the intermediate 21912 hours and its certificates 30000; let the intermediate be valid for longer: no certificate may outlive its issuer",
    ),
    plainV2(
      "a renewal at every up",
      { earlyRenewalHours: 8_760 },
      "earlyRenewalHours is 8760, not less than the 8760 hours that certificates are valid for; shorten it: every `pulumi up` would renew them",
    ),
    plainV1(
      "a lifetime beside the document's",
      { unsafeAsDocumented: true, validityHours: 720 },
      "validityHours is given beside unsafeAsDocumented; remove one of the two: the document has its lifetimes",
    ),
  ]);
});

describe("agents", () => {
  testRefusals([
    plainV2(
      "agents that are an Output as a whole",
      { agents: pulumi.output([{ name: "nginx-1" }]) },
      "agents is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    plainV2(
      "one agent twice",
      { agents: [{ name: "nginx-1" }, { name: "nginx-1", commonName: "other" }] },
      'agents[1].name repeats "nginx-1"; give each agent a name of its own',
    ),
    plainV2(
      "an agent with a path in its name",
      { agents: [{ name: "../nginx" }] },
      "agents[0].name is not the name of a host; write lower-case letters, digits and `-` between dots",
    ),
    inV2(
      "an agent with the manager's name",
      { agents: [{ name: "nginx-1", commonName: "NIM.example.com" }] },
      "agents[0].commonName is that of hostname.manager; give each agent a common name of its own: revocation and logs go by it",
    ),
    plainV1(
      "an agent with a further name of the server",
      { agents: [{ name: "localhost" }] },
      "agents[0].name is that of dnsNames[2]; give each agent a common name of its own: revocation and logs go by it",
    ),
    inV2(
      "two agents with one common name, as in the document",
      {
        agents: [
          { name: "nginx-1", commonName: "agent.example.com" },
          { name: "nginx-2", commonName: "agent.example.com" },
        ],
      },
      "agents[1].commonName is that of agents[0].commonName; give each agent a common name of its own: revocation and logs go by it",
    ),
    inV1(
      "a common name that can be no DNS name, where it is one",
      { agents: [{ name: "nginx-1", commonName: "Agent 1" }] },
      "agents[0].commonName is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
    ),
    inV1(
      "an agent without a domain for the document's wildcard",
      { agents: [{ name: "nginx-1", commonName: "nginx-1" }], unsafeAsDocumented: true },
      "agents[0].commonName has no domain for the document's wildcard; write for example agent.example.com, or leave unsafeAsDocumented out",
    ),
    inV2(
      "an agent's namespace in capitals",
      { agents: [{ name: "nginx-1", namespace: "Edge" }] },
      "agents[0].namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ),
  ]);
});

describe("texts for the authority", () => {
  testRefusals([
    inV2(
      "K2: a further root that is no certificate",
      { additionalRoots: ["root.pem"] },
      "additionalRoots[0] has no PEM certificate in it; write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE",
    ),
    inV2(
      "K2: a revocation list that is none",
      { crl: "ca.crl" },
      "crl has no PEM certificate revocation list in it; write the contents of the file: BEGIN X509 CRL, base64, END X509 CRL",
    ),
  ]);
});

test("five wrong arguments are five sentences", () => {
  const args = {
    profile: "instanceManagerV2" as const,
    hostname: { manager: "192.0.2.7", agents: "agents.nim.example.com" },
    namespace: "NIM",
    ipAddresses: ["nim"],
    validityHours: 0.5,
    agents: [{ name: "../nginx" }],
  };
  const error = thrownBy(() => new InstanceManagerCertificates("wrong", args)) as pulumi.InputPropertiesError;
  expect(error.errors.map(({ propertyPath }) => propertyPath)).toEqual([
    "namespace",
    "hostname.manager",
    "ipAddresses[0]",
    "validityHours",
    "agents[0].name",
  ]);
});

test("messages about its certificates name the component that the user wrote", async () => {
  await record(() => {
    const { server, agents } = new InstanceManagerCertificates("nim", {
      profile: "instanceManagerV2",
      hostname,
      namespace: "nim",
      agents: [{ name: "nginx-1", namespace: "edge" }],
      keyAlgorithm: "ECDSA",
    });
    expect(factsOf(server.secretName)).toMatchObject({
      component: 'InstanceManagerCertificates "nim"',
      namespace: "nim",
      certificate: { usage: "server", dnsNames: Object.values(hostname) },
    });
    expect(factsOf(agents["nginx-1"]!.secretName)).toMatchObject({
      component: 'InstanceManagerCertificates "nim"',
      namespace: "edge",
      certificate: { usage: "client" },
    });
  });
});
