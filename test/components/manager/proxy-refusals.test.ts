import type { InstanceManagerBackendTls, InstanceManagerProxyArgs } from "../../../components/manager";
import { InstanceManagerProxy } from "../../../components/manager";
import { record } from "../../../engine";
import { OpenSsl } from "../../dataplane/openssl";
import { testRefusals } from "../refusals";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

/** A certificate with these names and this usage; the subject's common name counts for nothing. */
const pem = (names: string[], usage = "serverAuth") =>
  openssl.run([
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"],
    ...["-subj", "/CN=agents.nim.example.com", "-addext", `extendedKeyUsage=${usage}`],
    ...(names.length > 0 ? ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`] : []),
  ]);

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };
const secret = (secretName: string) => ({ secretName });
const backendTls: InstanceManagerBackendTls = {
  trustedCertificates: secret("internal-ca"),
  clientCertificate: { secretName: "proxy", certificatePem: pem([], "clientAuth") },
};
const valid: InstanceManagerProxyArgs = {
  namespace: "nim",
  edition: "oss",
  hostname,
  certificate: { secretName: "server", certificatePem: pem(Object.values(hostname)) },
  agentAuthorities: secret("agents-ca"),
  backendTls,
};

test.each([
  ["the arguments from which each of these differs", {}],
  [
    "a wildcard certificate",
    { certificate: { secretName: "server", certificatePem: pem(["*.nim.example.com", "nim.example.com"]) } },
  ],
  [
    "a certificate for each name",
    {
      certificate: { secretName: "server", certificatePem: pem(["nim.example.com"]) },
      agentCertificate: { secretName: "agents", certificatePem: pem(["agents.nim.example.com"]) },
    },
  ],
  [
    "Secrets of others, of which nothing is known",
    { certificate: { secretName: "server", certificatePem: "" }, agentCertificate: secret("agents") },
  ],
  [
    "an internal load balancer",
    { pods: { service: { type: "LoadBalancer" as const, loadBalancerSourceRanges: ["10.0.0.0/8"] } } },
  ],
])("%s are accepted", async (_what, difference) => {
  const { requests } = await record(() => void new InstanceManagerProxy("nim", { ...valid, ...difference }));
  expect(requests.length).toBeGreaterThan(5);
});

const misnamed = (part: string, name: string) =>
  `does not carry hostname.${part}, "${name}", as a DNS name; put that name into the dnsNames of the certificate, or correct the name`;
const noDnsName =
  "is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`";
const address = "is an address, which is no server name in TLS; write a DNS name that the certificate carries";
const decided = "which the component decides alone; take it out, or write an NGINX of your own for it";
const apart = "names a service of agents, which stands in one server only; take it out";
const names = (change: Partial<typeof hostname>) => ({ hostname: { ...hostname, ...change } });
const tls = (change: Partial<Record<keyof InstanceManagerBackendTls, unknown>>) =>
  ({ backendTls: { ...backendTls, ...change } }) as Partial<InstanceManagerProxyArgs>;

const refusals: [rule: string, difference: object, property: string, reason: string][] = [
  [
    "no names",
    { hostname: undefined },
    "hostname",
    "is missing; write an object with manager, agents: The two names that clients know",
  ],
  [
    "no name for agents",
    names({ agents: undefined }),
    "hostname.agents",
    "is missing; write a string: DNS name under which agents reach it",
  ],
  ["an endpoint that is an address only", names({ manager: "192.0.2.1" }), "hostname.manager", address],
  ["an IPv6 address for agents", names({ agents: "2001:db8::1" }), "hostname.agents", address],
  ["the document's server_name", names({ manager: "_" }), "hostname.manager", noDnsName],
  ["a URL", names({ manager: "https://nim.example.com" }), "hostname.manager", noDnsName],
  ["a name with its port", names({ agents: "agents.nim.example.com:443" }), "hostname.agents", noDnsName],
  ["a wildcard", names({ agents: "*.nim.example.com" }), "hostname.agents", noDnsName],
  [
    "a name that would end the directive",
    names({ agents: "agents; ssl_verify_client off" }),
    "hostname.agents",
    noDnsName,
  ],
  [
    "one name for both servers",
    names({ agents: "NIM.example.com" }),
    "hostname.agents",
    "is that of the manager too, whose server asks for no client certificate; give agents a DNS name of their own",
  ],
  [
    "no certificate",
    { certificate: undefined },
    "certificate",
    "is missing; write an object with secretName: The server certificate, for both names unless `agentCertificate` has that of the agents",
  ],
  [
    "E7: SNI that is not in the certificate",
    {
      certificate: {
        secretName: "server",
        certificatePem: pem(["nginx-manager.example.com", "agents.nim.example.com"]),
      },
    },
    "certificate.certificatePem",
    misnamed("manager", "nim.example.com"),
  ],
  [
    "E8: agents' name in the common name only",
    { certificate: { secretName: "server", certificatePem: pem(["nim.example.com"]) } },
    "certificate.certificatePem",
    misnamed("agents", "agents.nim.example.com"),
  ],
  [
    "agents' own certificate for another name",
    { agentCertificate: { secretName: "agents", certificatePem: pem(["nim.example.com"]) } },
    "agentCertificate.certificatePem",
    misnamed("agents", "agents.nim.example.com"),
  ],
  [
    "a client's certificate for the server",
    { certificate: { secretName: "server", certificatePem: pem(Object.values(hostname), "clientAuth") } },
    "certificate.certificatePem",
    'is not for a server; issue it with usage "server"',
  ],
  [
    "a path for a certificate",
    { certificate: { secretName: "server", certificatePem: "/etc/nms/certs/server.crt" } },
    "certificate.certificatePem",
    "is not a certificate in PEM; write the contents of the file, or leave it out",
  ],
  ["an unknown mode", { agents: { mtls: "on" } }, "agents.mtls", 'is "on"; write one of "required", "optional", "off"'],
  [
    "half-enabled mutual TLS: nothing to verify with",
    { agentAuthorities: undefined },
    "agentAuthorities",
    'is missing: agents.mtls is "required", and there is nothing to verify certificates with; give the authorities of your agents',
  ],
  [
    "half-enabled mutual TLS: authorities without a use (A1)",
    { agents: { mtls: "off", unsafeAllowAgentsWithoutCertificate: true } },
    "agentAuthorities",
    'is given, but with agents.mtls "off" agents are not asked for a certificate; leave one of the two out',
  ],
  [
    "a depth without a use",
    { agents: { mtls: "off", unsafeAllowAgentsWithoutCertificate: true, verifyDepth: 3 }, agentAuthorities: undefined },
    "agents.verifyDepth",
    'is given, but with agents.mtls "off" agents are not asked for a certificate; leave one of the two out',
  ],
  ...(["optional", "off"] as const).map((mtls): [string, object, string, string] => [
    `agents without certificates, "${mtls}"`,
    { agents: { mtls }, ...(mtls === "off" && { agentAuthorities: undefined }) },
    "agents.mtls",
    `is "${mtls}", so that anyone who reaches the port can register as an agent; write "required" (or, where that is meant, unsafeAllowAgentsWithoutCertificate: true)`,
  ]),
  [
    "the flag for nothing",
    { agents: { unsafeAllowAgentsWithoutCertificate: true } },
    "agents.unsafeAllowAgentsWithoutCertificate",
    'is true, but agents.mtls is "required"; leave it out, or choose the other mode',
  ],
  [
    "a depth of 0, which no chain has",
    { agents: { verifyDepth: 0 } },
    "agents.verifyDepth",
    "is 0; write a whole number from 1 to 10",
  ],
  [
    "a revocation that revokes nothing",
    { agents: { revocation: {} } },
    "agents.revocation",
    "revokes nothing; set crl: true, write deniedSerials, or remove it",
  ],
  [
    "half-enabled mutual TLS: revocation that an agent without a certificate walks around",
    { agents: { mtls: "optional", unsafeAllowAgentsWithoutCertificate: true, revocation: { crl: true } } },
    "agents.revocation",
    'is given, but with agents.mtls "optional" a revoked agent connects without a certificate; leave it out, or require certificates',
  ],
  [
    "a serial number in words of a map",
    { agents: { revocation: { deniedSerials: ["0A", "volatile"] } } },
    "agents.revocation.deniedSerials[1]",
    "is not a serial number in hexadecimal; write the output of `openssl x509 -noout -serial`, at most 40 digits",
  ],
  [
    "a serial number that would end the map",
    { agents: { revocation: { deniedSerials: ["0A 1; } map $x $y {"] } } },
    "agents.revocation.deniedSerials[0]",
    "is not a serial number in hexadecimal; write the output of `openssl x509 -noout -serial`, at most 40 digits",
  ],
  [
    "no word about TLS to the backends",
    { backendTls: undefined },
    "backendTls",
    "is missing; give trustedCertificates and clientCertificate (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
  ],
  [
    "plain and TLS",
    { unsafePlainBackends: true },
    "unsafePlainBackends",
    "is true beside backendTls; leave one of the two out",
  ],
  ...(["trustedCertificates", "clientCertificate"] as const).map((property): [string, object, string, string] => [
    `E17: half-enabled TLS to the backends, without ${property}`,
    tls({ [property]: undefined }),
    `backendTls.${property}`,
    {
      trustedCertificates:
        "is missing; write an object with secretName: Secret whose `ca.crt` has the authorities of the backends' certificates",
      clientCertificate: "is missing; write an object with secretName: The proxy's own certificate, with client usage",
    }[property],
  ]),
  [
    "a server's certificate shown to the backends",
    tls({ clientCertificate: { secretName: "proxy", certificatePem: pem(["dpm"]) } }),
    "backendTls.clientCertificate.certificatePem",
    'is not for a client; issue it with usage "client"',
  ],
  [
    "a depth beyond measure",
    tls({ verifyDepth: 11 }),
    "backendTls.verifyDepth",
    "is 11; write a whole number from 1 to 10",
  ],
  [
    "a URL for a backend",
    { backends: { dpm: { host: "grpcs://dpm" } } },
    "backends.dpm.host",
    "is not a host name or an address; write the host alone, without scheme, port or path; IPv6 in brackets",
  ],
  [
    "a backend's port out of range",
    { backends: { ingestion: { port: 0 } } },
    "backends.ingestion.port",
    "is 0; write a whole number from 1 to 65535",
  ],
  [
    "a backend verified as an address",
    { backends: { apigw: { serverName: "192.0.2.1" } } },
    "backends.apigw.serverName",
    address,
  ],
  [
    "the name that NGINX would verify by default",
    { backends: { dpm: { serverName: "dpm-grpc-service" } } },
    "backends.dpm.serverName",
    `is "dpm-grpc-service", a name of the chart's client certificates; write a name of the server's: dpm`,
  ],
  [
    "a name for a backend without TLS",
    { backendTls: undefined, unsafePlainBackends: true, backends: { dpm: { serverName: "dpm" } } },
    "backends.dpm.serverName",
    "is given, but with unsafePlainBackends no name is verified; leave one of the two out",
  ],
  ["a port out of range", { port: 65536 }, "port", "is 65536; write a whole number from 1 to 65535"],
  [
    "no silence at all",
    { agents: { silenceSeconds: 0 } },
    "agents.silenceSeconds",
    "is 0; write a whole number from 1 to 86400",
  ],
  [
    "half a second",
    { agents: { pauseSeconds: 0.5 } },
    "agents.pauseSeconds",
    "is 0.5; write a whole number from 1 to 604800",
  ],
  [
    "a header for ever",
    { strictTransportSeconds: 1e9 },
    "strictTransportSeconds",
    "is 1000000000; write a whole number from 0 to 63072000",
  ],
  [
    "E10: an open-source version of NGINX Plus",
    { edition: "plus", license: secret("license"), openSourceVersion: "1.22.1" },
    "openSourceVersion",
    'is not about NGINX Plus; remove it, or use edition "oss": release says it for Plus',
  ],
  [
    "E10: another version of the default image",
    { openSourceVersion: "1.22.1" },
    "openSourceVersion",
    "is given without image; remove it: the version of the default image is known",
  ],
  [
    "E10: no version",
    { pods: { image: "registry.example.com/nginx:stable" }, openSourceVersion: "stable" },
    "openSourceVersion",
    'is "stable"; write the three numbers: 1.30.7',
  ],
  [
    "an NGINX that cannot turn a handshake away",
    { pods: { image: "registry.example.com/nginx:1.18.0" }, openSourceVersion: "1.18.0" },
    "openSourceVersion",
    "is 1.18.0, which cannot turn away a TLS handshake (ssl_reject_handshake); use 1.19.4 or later",
  ],
  ...(["LoadBalancer", "NodePort"] as const).map((type): [string, object, string, string] => [
    `a manager that anyone may reach, ${type}`,
    { pods: { service: { type } } },
    "pods.service.type",
    `is ${type}, which anyone may reach from outside the cluster; give loadBalancerSourceRanges or an internal loadBalancerClass (or, where that is meant, exposed: true)`,
  ]),
  [
    "exposed without a peer",
    { exposed: true },
    "exposed",
    "is true, but the Service is not open to everyone; leave it out",
  ],
  [
    "E20: a server beside the two",
    { snippets: { http: [{ name: "server", block: [] }] } },
    "snippets.http[0]",
    `is server, ${decided}`,
  ],
  [
    "E20: gRPC from the manager's server",
    {
      snippets: {
        manager: [{ name: "location", args: ["/"], block: [{ name: "grpc_pass", args: ["grpc://manager_dpm"] }] }],
      },
    },
    "snippets.manager[0].block[0]",
    `is grpc_pass, ${decided}`,
  ],
  [
    "E20: verification switched off",
    { snippets: { agents: [{ name: "ssl_verify_client", args: ["off"] }] } },
    "snippets.agents[0]",
    `is ssl_verify_client, ${decided}`,
  ],
  [
    "E20: an include, whose content is unknown",
    { snippets: { manager: [{ name: "include", args: ["/etc/nginx/more.conf"] }] } },
    "snippets.manager[0]",
    `is include, ${decided}`,
  ],
  [
    "E20: a longer location than the one that refuses",
    {
      snippets: {
        manager: [
          {
            name: "location",
            args: ["=", "/f5.nginx.agent.sdk.Commander/Download"],
            block: [{ name: "proxy_pass", args: ["https://manager_apigw"] }],
          },
        ],
      },
    },
    "snippets.manager[0]",
    apart,
  ],
  [
    "E20: a rewrite to the agents' services",
    { snippets: { manager: [{ name: "rewrite", args: ["^/x", "/f5.nginx.agent.sdk.Commander/Download", "break"] }] } },
    "snippets.manager[0]",
    apart,
  ],
];

// Leaves that may be outputs are refused with the same words then.
const inputs = /^hostname\.|certificatePem$|\.(?:host|serverName)$/;

testRefusals(
  refusals.map(([rule, difference, property, reason]) => ({
    rule,
    component: InstanceManagerProxy,
    args: { ...valid, ...difference },
    error: `${property} ${reason}`,
    plain: !inputs.test(property),
  })),
);
