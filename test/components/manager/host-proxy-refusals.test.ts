import type { InstanceManagerHostBackendTls, InstanceManagerHostProxyArgs } from "../../../components/manager";
import { InstanceManagerHostProxy } from "../../../components/manager";
import { record } from "../../../engine";
import { OpenSsl } from "../../dataplane/openssl";
import { testRefusals } from "../refusals";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

/** A certificate with these names and this usage, and its key. */
function pair(names: string[], usage = "serverAuth") {
  const privateKeyPem = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
  const chainPem = openssl.run([
    ...["req", "-x509", "-key", openssl.file(privateKeyPem), "-subj", "/CN=agents.nim.example.com"],
    ...["-addext", `extendedKeyUsage=${usage}`],
    ...(names.length > 0 ? ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`] : []),
  ]);
  return { chainPem, privateKeyPem };
}

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };
const server = pair(Object.values(hostname));
const client = pair([], "clientAuth");
const root = openssl.root("Root");
const authorities = { certificatesPem: root.certificate };
const crlPem = openssl.revocationList(root, []);
const socket = { host: "unix:/var/run/nms/gateway.sock" };
const valid: InstanceManagerHostProxyArgs = {
  host: { name: "manager" },
  hostname,
  certificate: server,
  agentAuthorities: authorities,
  backends: { apigw: socket },
};
const backendTls: InstanceManagerHostBackendTls = {
  trustedCertificatesPem: root.certificate,
  clientCertificate: client,
};
const remote = { apigw: { host: "gateway.example.com" } };

test.each([
  ["the arguments from which each of these differs", {}],
  ["lists that are heeded", { agentAuthorities: { ...authorities, crlPem }, agents: { revocation: { crl: true } } }],
  ["TLS to Instance Manager elsewhere", { backends: remote, backendTls }],
  ["a port and a drain of one's own", { port: 8443, drainSeconds: 600 }],
  ["a backend without TLS, where that is meant", { backends: remote, unsafePlainBackends: true }],
])("%s are accepted", async (_what, difference) => {
  const { requests } = await record(() => void new InstanceManagerHostProxy("front", { ...valid, ...difference }));
  expect(requests.some(({ type }) => type === "nginx-stacks:index:InstanceManagerHostProxy")).toBe(true);
});

const host = (change: object) => ({ host: { name: "manager", ...change } });
const tls = (change: object) => ({ backends: remote, backendTls: { ...backendTls, ...change } });
const noHost = "is not a host name or an address; write the host alone, without scheme, port or path; IPv6 in brackets";
const noPem =
  "has no PEM certificate in it; write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE";
const needless = "leave it out: traffic to sockets does not leave the machine";

const refusals: [rule: string, difference: object, property: string, reason: string][] = [
  [
    "no host",
    { host: undefined },
    "host",
    "is missing; write an object with name: The machine whose NGINX is the proxy, that of Instance Manager or another",
  ],
  [
    "a host that is a path",
    host({ name: "../etc" }),
    "host.name",
    "is not the name of a host; write lower-case letters, digits and `-` between dots",
  ],
  [
    "E10: an open-source version of NGINX Plus",
    host({ openSourceVersion: "1.22.1" }),
    "host.openSourceVersion",
    'is not about NGINX Plus; leave it out, or use edition "oss": release says it for Plus',
  ],
  [
    "A4: a block of open-source NGINX",
    host({ edition: "oss", management: { usageEndpoint: "nim.example.com" } }),
    "host.management",
    'is about NGINX Plus only; leave it out, or use edition "plus"',
  ],
  [
    "A5: authorities without a use",
    host({ management: { trustedCertificatesPem: root.certificate, unsafeSkipVerification: true } }),
    "host.management.trustedCertificatesPem",
    "is given, but unsafeSkipVerification ignores it; remove one of the two",
  ],
  [
    "no certificate",
    { certificate: undefined },
    "certificate",
    "is missing; write an object with chainPem, privateKeyPem: The server certificate, for both names unless `agentCertificate` has that of the agents",
  ],
  [
    "a certificate without its key",
    { certificate: { chainPem: server.chainPem } },
    "certificate.privateKeyPem",
    "is missing; write a string: The key of the certificate, PEM",
  ],
  [
    "a key without its certificate",
    { certificate: { privateKeyPem: server.privateKeyPem } },
    "certificate.chainPem",
    "is missing; write a string: The certificate and its intermediates, without the root, PEM",
  ],
  [
    "E16: the path of a certificate",
    { certificate: { ...server, chainPem: "/etc/nms/certs/server.crt" } },
    "certificate.chainPem",
    noPem,
  ],
  ["a certificate that is not signed yet", { certificate: { ...server, chainPem: "" } }, "certificate.chainPem", noPem],
  [
    "E9: the key of another certificate",
    { certificate: { ...server, privateKeyPem: client.privateKeyPem } },
    "certificate.privateKeyPem",
    "is the key of another certificate; write the key of the first certificate in chainPem",
  ],
  [
    "E7: SNI that is not in the certificate",
    { certificate: pair(["agents.nim.example.com"]) },
    "certificate.chainPem",
    'does not carry hostname.manager, "nim.example.com", as a DNS name; put that name into the dnsNames of the certificate, or correct the name',
  ],
  [
    "E8: agents' name in the common name only",
    { certificate: pair(["nim.example.com"]), agentCertificate: pair(["nim.example.com"]) },
    "agentCertificate.chainPem",
    'does not carry hostname.agents, "agents.nim.example.com", as a DNS name; put that name into the dnsNames of the certificate, or correct the name',
  ],
  [
    "a client's certificate for the server",
    { certificate: pair(Object.values(hostname), "clientAuth") },
    "certificate.chainPem",
    'is not for a server; issue it with usage "server"',
  ],
  [
    "half-enabled mutual TLS: nothing to verify with",
    { agentAuthorities: undefined },
    "agentAuthorities",
    'is missing: agents.mtls is "required", and there is nothing to verify certificates with; give the authorities of your agents',
  ],
  [
    "authorities without any",
    { agentAuthorities: {} },
    "agentAuthorities.certificatesPem",
    "is missing; write a string: The authorities, PEM",
  ],
  [
    "a private key among the authorities",
    { agentAuthorities: { certificatesPem: root.certificate + root.key } },
    "agentAuthorities.certificatesPem",
    "has a private key in it; write certificates only: this text is published",
  ],
  [
    "half-enabled revocation: no list",
    { agents: { revocation: { crl: true } } },
    "agentAuthorities.crlPem",
    "is missing: agents.revocation.crl is true; write the lists of every authority of the chain, or remove crl",
  ],
  [
    "half-enabled revocation: a list that is not used",
    { agentAuthorities: { ...authorities, crlPem } },
    "agentAuthorities.crlPem",
    "is given, but agents.revocation.crl is not true; set it, or remove the lists",
  ],
  [
    "a list that is none",
    { agentAuthorities: { ...authorities, crlPem: root.certificate }, agents: { revocation: { crl: true } } },
    "agentAuthorities.crlPem",
    "has no PEM certificate revocation list in it; write the contents of the file: BEGIN X509 CRL, base64, END X509 CRL",
  ],
  [
    "A3: no word about the gateway",
    { backends: undefined },
    "backends.apigw.host",
    "is missing; write where Instance Manager's own gateway listens; a host has no Service for it",
  ],
  [
    "a URL for a backend",
    { backends: { apigw: { host: "https://gateway" } }, backendTls },
    "backends.apigw.host",
    noHost,
  ],
  [
    "a socket that would end the directive",
    { backends: { apigw: { host: "unix:/run/a.sock; server b" } } },
    "backends.apigw.host",
    "is not the path of a socket; write unix:/var/run/nms/am.sock",
  ],
  [
    "a socket's port",
    { backends: { apigw: { ...socket, port: 443 } } },
    "backends.apigw.port",
    "is given, but a socket has none; leave it out, or write a host",
  ],
  [
    "a name for a socket, by default too",
    { backends: { apigw: socket, dpm: { serverName: "dpm" } } },
    "backends.dpm.serverName",
    "is given, but a socket has none; leave it out, or write a host",
  ],
  [
    "no word about TLS to a backend elsewhere",
    { backends: remote },
    "backendTls",
    "is missing; give trustedCertificatesPem (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
  ],
  ["TLS to sockets", { backendTls }, "backendTls", `is given, but every backend is a socket; ${needless}`],
  [
    "plain sockets, said twice",
    { unsafePlainBackends: true },
    "unsafePlainBackends",
    `is true, but every backend is a socket; ${needless}`,
  ],
  [
    "plain and TLS",
    { ...tls({}), unsafePlainBackends: true },
    "unsafePlainBackends",
    "is true beside backendTls; leave one of the two out",
  ],
  [
    "an endpoint that is an address only, where a name is verified",
    { backends: { apigw: { host: "192.0.2.1" } }, backendTls },
    "backends.apigw.serverName",
    "is missing, and 192.0.2.1 is an address, which NGINX finds in no certificate; write the DNS name that the backend's certificate carries",
  ],
  [
    "E17: TLS without trusted authorities",
    tls({ trustedCertificatesPem: undefined }),
    "backendTls.trustedCertificatesPem",
    "is missing; write a string: The authorities of the backends' certificates, PEM",
  ],
  [
    "a server's certificate shown to the backends",
    tls({ clientCertificate: server }),
    "backendTls.clientCertificate.chainPem",
    'is not for a client; issue it with usage "client"',
  ],
  [
    "a depth beyond measure",
    tls({ verifyDepth: 0 }),
    "backendTls.verifyDepth",
    "is 0; write a whole number from 1 to 10",
  ],
  ["a port out of range", { port: 0 }, "port", "is 0; write a whole number from 1 to 65535"],
  ["a drain without end", { drainSeconds: 1e6 }, "drainSeconds", "is 1000000; write a whole number from 1 to 86400"],
  [
    "E20: gRPC from the manager's server",
    { snippets: { manager: [{ name: "grpc_pass", args: ["grpc://dpm-grpc-service"] }] } },
    "snippets.manager[0]",
    "is grpc_pass, which the component decides alone; take it out, or write an NGINX of your own for it",
  ],
];

// Leaves that may be outputs are refused with the same words then; that a backend is a socket has to be known at once.
const inputs = /^hostname\.|Pem$|^backends\.apigw\.host$/;
const plain = new Set([
  "a socket that would end the directive",
  "a URL for a backend",
  // As an output it is read twice, and the first reader says it.
  "E16: the path of a certificate",
]);

testRefusals(
  refusals.map(([rule, difference, property, reason]) => ({
    rule,
    component: InstanceManagerHostProxy,
    args: { ...valid, ...difference },
    error: `${property} ${reason}`,
    secrets: [server.privateKeyPem, client.privateKeyPem, root.key],
    plain: !inputs.test(property) || plain.has(rule),
  })),
);
