import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../components";
import { NginxAgentFleet } from "../../../components/manager/agent";
import { record, reveal } from "../../../engine";
import { type Refusal, testRefusals, thrownBy } from "../refusals";
import { v1, v2 } from "./agent-fixture";

let root = "";
beforeAll(async () => {
  const { outputs } = await record(() => ({
    root: new CertificateAuthority("ca", { subject: { commonName: "Root" } }).bundle,
  }));
  root = reveal(outputs.root!) as string;
});

const agents = [{ host: "nginx-1" }, { host: "nginx-2" }];
const issuer = () => ({
  certificatePem: root,
  privateKeyPem: "PEM",
  chain: "",
  bundle: root,
  renewalWindowHours: 2160,
});

const refused = (rule: string, args: object | (() => object), error: string, plain = false): Refusal => ({
  rule,
  component: NginxAgentFleet,
  args: () => ({ issuer: issuer(), agents, v2, ...(typeof args === "function" ? args() : args) }),
  error,
  plain,
});
const plainly = (rule: string, args: object | (() => object), error: string) => refused(rule, args, error, true);

testRefusals([
  plainly(
    "agent 3, which Instance Manager does not know",
    { v3: { hostname: "agent.connect.nginx.com" } },
    "v3 is not an argument; write v2: NGINX Instance Manager knows no agent 3, and for NGINX One there is NginxAgentConfiguration",
  ),
  plainly(
    "two files",
    { v1: v1(10443) },
    "v1 is given beside v2; write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1",
  ),
  plainly(
    "no file",
    { v2: undefined },
    "v2 is missing, as is v1; write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1",
  ),
  plainly("no machine", { agents: [] }, "agents is empty; write at least one machine: { host }"),
  plainly(
    "machines that are an Output as a whole",
    () => ({ agents: pulumi.output(agents) }),
    "agents is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
  ),
  plainly(
    "an issuer that is an Output as a whole, as a StackReference gives it",
    () => ({ issuer: pulumi.output(issuer()) }),
    "issuer is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
  ),
  plainly(
    "no issuer",
    { issuer: undefined },
    "issuer is missing; write an object with certificatePem, privateKeyPem, chain, bundle, renewalWindowHours: The authority that issues the agents' certificates",
  ),
  plainly(
    "one machine twice",
    { agents: [...agents, { host: "nginx-1", commonName: "other" }] },
    'agents[2].host repeats "nginx-1"; write each machine once',
  ),
  plainly(
    "a machine with a path in its name",
    { agents: [{ host: "../nginx" }] },
    "agents[0].host is not the name of a host; write lower-case letters, digits and `-` between dots",
  ),
  refused(
    "two machines with one common name",
    {
      agents: [
        { host: "nginx-1", commonName: "agent" },
        { host: "nginx-2", commonName: "Agent" },
      ],
    },
    "agents[1].commonName is that of agents[0].commonName; give each agent a common name of its own: revocation and logs go by it",
  ),
  plainly(
    "a machine with the manager's name",
    { agents: [{ host: "nginx-manager.example.com" }] },
    "agents[0].host is that of v2.hostname; give each agent a common name of its own: revocation and logs go by it",
  ),
  refused(
    "a common name that is too long",
    { agents: [{ host: "nginx-1", commonName: "x".repeat(65) }] },
    "agents[0].commonName is empty or longer than 64 characters; shorten it, or leave it out if it is optional",
  ),
  plainly(
    "no place for the certificates",
    { v2: { hostname: v2.hostname } },
    "v2.tls.clientCertificate is missing; write the paths of the certificate and the key: the fleet makes both for each agent",
  ),
  plainly(
    "no verification",
    { v2: { ...v2, tls: { clientCertificate: v2.tls!.clientCertificate, unsafeSkipVerification: true } } },
    "v2.tls.unsafeSkipVerification is given, though the fleet brings the roots to verify with; leave it out, or write the roots in trustedCertificatesPem",
  ),
  refused(
    "a path that is not absolute, in the one file",
    { v2: { ...v2, configDirectories: ["etc/nginx"] } },
    "v2.configDirectories[0] is not an absolute path; write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
  ),
  refused(
    "two roots for the operating system",
    () => ({
      v2: { ...v2, tls: { clientCertificate: v2.tls!.clientCertificate } },
      trustedCertificatesPem: root + root,
    }),
    "trustedCertificatesPem has 2 certificates, and the operating system takes one from a file; write the root alone, or v2.tls.trustedCertificatesPath for the agent alone to trust them",
  ),
  refused(
    "an agent with the name of the issuer",
    { agents: [{ host: "nginx-1" }, { host: "nginx-2", commonName: "root" }] },
    "agents[1].commonName is the name of the issuer; write another: OpenSSL takes a certificate of its issuer's name for a root",
  ),
  plainly(
    "certificates that can outlive their issuer",
    { validityHours: 2161 },
    "validityHours is 2161, more than the issuer's renewalWindowHours, 2160; shorten it, or roll the issuer over earlier: a certificate renewed late would outlive its issuer",
  ),
  plainly(
    "a renewal at every up",
    { validityHours: 100, earlyRenewalHours: 100 },
    "earlyRenewalHours is 100, not less than validityHours, 100; shorten it: every `pulumi up` would renew the certificate",
  ),
  plainly(
    "a key size beside ECDSA",
    { rsaBits: 2048 },
    "rsaBits does not go with an ECDSA key; remove it, or write RSA as keyAlgorithm",
  ),
  plainly(
    "a group with a blank",
    { group: "nginx agent" },
    "group is not the name of a user or group; write lower-case letters, digits, `_` and `-`, beginning with a letter or `_`",
  ),
]);

test("five wrong arguments are five sentences", () => {
  const args = {
    issuer: issuer(),
    agents: [{ host: "nginx-1" }, { host: "nginx-1" }],
    v2: { ...v2, hostname: "a..b", settings: { features: ["metricz"] } },
    group: "nginx agent",
    validityHours: 9999,
  };
  const error = thrownBy(() => new NginxAgentFleet("wrong", args)) as pulumi.InputPropertiesError;
  expect(error.errors.map(({ propertyPath }) => propertyPath)).toEqual([
    "group",
    "v2.hostname",
    "v2.settings.features[0]",
    "agents[1].host",
    "validityHours",
  ]);
});
