import { InstanceManagerV1Host, type InstanceManagerV1HostArgs } from "../../../components/manager";
import { record } from "../../../engine";
import { OpenSsl } from "../../dataplane/openssl";
import { type Refusal, testRefusals } from "../refusals";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

const hostname = "nginx-manager.example.com";

/** A certificate with these names and this usage, and its key. */
function pair(names: string[], usage = "serverAuth") {
  const key = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
  const chainPem = openssl.run([
    ...["req", "-x509", "-key", openssl.file(key), "-subj", `/CN=${hostname}`],
    ...["-addext", `extendedKeyUsage=${usage}`],
    ...(names.length > 0 ? ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`] : []),
  ]);
  return { chainPem, privateKeyPem: key };
}

const certificate = pair([hostname]);
const other = pair(["other.example.com"]);
const roots = openssl.root("agents").certificate;
const users = `ops:${openssl.run(["passwd", "-6", "example"]).trim()}\n`;
const front = { api: {}, agents: {} };

const valid: InstanceManagerV1HostArgs = {
  hostname,
  host: { name: "manager", edition: "oss" },
  front,
  certificate,
  agentAuthoritiesPem: roots,
};
const plus = { name: "manager" };
const native: InstanceManagerV1HostArgs = { hostname, host: plus };
const behind = { manager: { certificate }, backendTls: { trustedCertificatesPem: roots } };

test.each<[string, InstanceManagerV1HostArgs]>([
  ["the arguments from which each of these differs", valid],
  ["no front at all", native],
  ["a certificate of the manager's own", { ...native, manager: { bindAddress: "0.0.0.0", certificate } }],
  ["TLS behind it", { ...valid, ...behind }],
  [
    "TLS to another machine",
    { ...valid, upstreams: { grpc: "10.0.0.7:10000", gateway: "10.0.0.7:11000" }, backendTls: behind.backendTls },
  ],
  [
    "an API that takes changes from users",
    { ...valid, host: plus, front: { ...front, status: { write: true } }, statusUsers: users },
  ],
  ["the default headers left out", { ...valid, front: { ...front, headers: { strictTransportSeconds: 0 } } }],
])("%s are accepted", async (_what, args) => {
  const { requests } = await record(() => void new InstanceManagerV1Host("nim", args));
  expect(JSON.stringify(requests)).toContain("/etc/nginx-manager/nginx-manager.conf");
});

const refused = (
  rule: string,
  args: Partial<InstanceManagerV1HostArgs>,
  error: string,
  more: Partial<Refusal> = {},
) => ({
  ...{ rule, component: InstanceManagerV1Host, args: { ...valid, ...args }, error, plain: true },
  ...more,
});
const agents = (given: object) => ({ front: { ...front, agents: given } });
const status = (given: object, more: Partial<InstanceManagerV1HostArgs> = {}) => ({
  host: plus,
  front: { ...front, status: given },
  ...more,
});
const noMaterial = { certificate: undefined, agentAuthoritiesPem: undefined };

testRefusals([
  refused(
    "an address as the name",
    { hostname: "192.0.2.1" },
    "hostname is an address, which is no server name in TLS; write a DNS name that the certificate carries",
    { plain: false },
  ),
  refused(
    "a name with a port",
    { hostname: "nim.example.com:443" },
    "hostname is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
    { plain: false },
  ),
  refused(
    "every address without a certificate",
    { ...noMaterial, front: undefined, manager: { bindAddress: "0.0.0.0" } },
    "manager.bindAddress is 0.0.0.0, where passwords and agents' instructions would go in the clear: there is no manager.certificate; give a certificate, or write 127.0.0.1 and a front",
  ),
  refused(
    "every address of IPv6 without a certificate",
    { ...noMaterial, front: undefined, manager: { bindAddress: "::" } },
    "manager.bindAddress is ::, where passwords and agents' instructions would go in the clear: there is no manager.certificate; give a certificate, or write 127.0.0.1 and a front",
  ),
  refused(
    "a way around the front",
    { ...behind, manager: { certificate, bindAddress: "192.0.2.1" } },
    "manager.bindAddress is 192.0.2.1, so that agents can walk around the front; leave it out: NGINX reaches 127.0.0.1",
  ),
  refused(
    "a host name to bind",
    { manager: { bindAddress: "example.com" } },
    "manager.bindAddress is neither an address nor the path of a socket; write 127.0.0.1, or a path",
  ),
  refused(
    "a socket, and nowhere to find it",
    { manager: { bindAddress: "/run/nim.sock" }, front: { agents: {} } },
    "upstreams.grpc is missing: manager.bindAddress is a socket; write where the service is: unix:/run/nginx-manager/…",
  ),
  refused(
    "one port for two services",
    { manager: { grpcPort: 11_000 } },
    "manager.gatewayPort is grpcPort too; give each service a port of its own",
  ),
  refused(
    "a port that is none",
    { manager: { grpcPort: 70_000 } },
    "manager.grpcPort is 70000; write a whole number from 1 to 65535",
  ),
  refused(
    "a log level that is none",
    { manager: { logLevel: "loud" as never } },
    'manager.logLevel is "loud"; write one of "panic", "fatal", "error", "info", "debug", "trace"',
  ),
  refused(
    "a bundle as a root of the operating system",
    { manager: { systemAuthorityPem: roots + roots } },
    "manager.systemAuthorityPem has 2 certificates, and the operating system takes one from a file; write the root alone",
    { plain: false },
  ),
  refused(
    "native mutual TLS, which is only half there (E18)",
    { front: undefined, certificate: undefined, manager: { certificate } },
    "agentAuthoritiesPem is given without front: nginx-manager.conf has no key for authorities, so nothing says that agents are asked for a certificate; publish agents by front, or leave it out",
  ),
  refused(
    "a certificate of NGINX's without NGINX",
    { front: undefined, agentAuthoritiesPem: undefined },
    "certificate is given without front; it is NGINX's: leave it out, or give the front",
  ),
  refused(
    "a front that publishes nothing",
    { ...noMaterial, front: {} },
    "front.api is missing, and so is agents, so that the front publishes nothing; give one of the two, or both",
  ),
  refused(
    "no certificate",
    { certificate: undefined },
    'certificate is missing; give a Certificate with usage "server" and hostname as a DNS name',
  ),
  refused(
    "a certificate that is never shown",
    { front: { agents: { publication: "clear", unsafePublishInTheClear: true } }, agentAuthoritiesPem: undefined },
    "certificate is given, but no server here uses it for TLS; leave it out",
  ),
  refused(
    "a certificate for another name",
    { certificate: other },
    `certificate.chainPem does not carry hostname, "${hostname}", as a DNS name; put that name into the dnsNames of the certificate, or correct the name`,
  ),
  refused(
    "a manager's certificate for another name",
    { ...behind, manager: { certificate: other } },
    `manager.certificate.chainPem does not carry hostname, "${hostname}", as a DNS name; put that name into the dnsNames of the certificate, or correct the name`,
  ),
  refused(
    "a client's certificate for the server",
    { certificate: pair([hostname], "clientAuth") },
    'certificate.chainPem is not for a server; issue it with usage "server"',
  ),
  refused(
    "another certificate's key",
    { certificate: { ...certificate, privateKeyPem: other.privateKeyPem } },
    "certificate.privateKeyPem is the key of another certificate; write the key of the first certificate in chainPem",
    { secrets: [other.privateKeyPem], plain: false },
  ),
  refused(
    "half of mutual TLS: no authorities",
    { agentAuthoritiesPem: undefined },
    'agentAuthoritiesPem is missing: front.agents.mtls is "required", and there is nothing to verify certificates with; give the authorities of your agents',
  ),
  refused(
    "half of mutual TLS: no client is asked",
    agents({ mtls: "off", unsafeAllowAgentsWithoutCertificate: true }),
    'agentAuthoritiesPem is given, but with front.agents.mtls "off" agents are not asked for a certificate; leave one of the two out',
  ),
  refused(
    "agents without certificates, without the flag that allows it",
    agents({ mtls: "optional" }),
    'front.agents.mtls is "optional", so that anyone who reaches the port can register as an agent; write "required" (or, where that is meant, unsafeAllowAgentsWithoutCertificate: true)',
  ),
  refused(
    "an unsafe option that changes nothing",
    agents({ unsafeAllowAgentsWithoutCertificate: true }),
    'front.agents.unsafeAllowAgentsWithoutCertificate is true, but front.agents.mtls is "required"; leave it out, or choose the other mode',
  ),
  refused(
    "gRPC in the clear, without the flag that allows it",
    { ...agents({ publication: "clear" }), agentAuthoritiesPem: undefined },
    'front.agents.publication is "clear", so that anyone between the two reads and changes the instructions of agents; write "tls" (or, where that is meant, unsafePublishInTheClear: true)',
  ),
  refused(
    "in the clear by the flag alone",
    agents({ unsafePublishInTheClear: true }),
    'front.agents.unsafePublishInTheClear is true, but publication is "tls"; leave it out, or choose the other way',
  ),
  refused(
    "a way to publish that is none",
    agents({ publication: "tcp" }),
    'front.agents.publication is "tcp"; write one of "tls", "passthrough", "clear"',
  ),
  refused(
    "client certificates where TLS is passed on",
    { ...behind, ...agents({ publication: "passthrough", mtls: "required" }), agentAuthoritiesPem: undefined },
    'front.agents.mtls is given, but with publication "passthrough" NGINX does not ask for certificates; leave one of the two out, or write publication: "tls"',
  ),
  refused(
    "authorities where TLS is passed on",
    { ...behind, ...agents({ publication: "passthrough" }) },
    'agentAuthoritiesPem is given, but with publication "passthrough" NGINX does not ask for certificates; leave one of the two out, or write publication: "tls"',
  ),
  refused(
    "passthrough to a manager without a certificate",
    { ...agents({ publication: "passthrough" }), agentAuthoritiesPem: undefined },
    'manager.certificate is missing: with front.agents.publication "passthrough" Instance Manager is where TLS ends; give its certificate',
  ),
  refused(
    "headers of gRPC where it is not seen",
    { ...behind, ...agents({ publication: "passthrough", pauseSeconds: 5 }), agentAuthoritiesPem: undefined },
    'front.agents.pauseSeconds is about gRPC, which NGINX does not see with publication "passthrough"; leave one of the two out',
  ),
  refused(
    "every origin",
    agents({ corsOrigin: "*" }),
    "front.agents.corsOrigin is not one origin; write the scheme and the host of the page, without a path: https://nginx-manager.example.com",
  ),
  refused(
    "a depth of none",
    agents({ verifyDepth: 0 }),
    "front.agents.verifyDepth is 0; write a whole number from 1 to 10",
  ),
  refused(
    "revocation where a certificate is optional",
    agents({ mtls: "optional", unsafeAllowAgentsWithoutCertificate: true, revocation: { deniedSerials: ["0A"] } }),
    'front.agents.revocation is given, but with front.agents.mtls "optional" a revoked agent connects without a certificate; leave it out, or require certificates',
  ),
  refused(
    "missing revocation lists",
    agents({ revocation: { crl: true } }),
    "agentCrlPem is missing: front.agents.revocation.crl is true; write the lists of every authority of the chain, or remove crl",
  ),
  refused(
    "unused revocation lists",
    { agentCrlPem: "x" },
    "agentCrlPem is given, but front.agents.revocation.crl is not true; set it, or remove the lists",
  ),
  refused(
    "an API's deny-list on open-source NGINX",
    agents({ revocation: { keyval: {} } }),
    'front.agents.revocation.keyval is for NGINX Plus only; leave it out, or use edition "plus"',
  ),
  refused(
    "a deny-list that no API fills",
    { host: plus, ...agents({ revocation: { keyval: {} } }) },
    "front.agents.revocation.keyval needs an API that takes changes; write front.status.write: true, and restrict its clients",
  ),
  refused(
    "gRPC health checks on open-source NGINX",
    agents({ healthCheck: true }),
    'front.agents.healthCheck is for NGINX Plus only; leave it out, or use edition "plus"',
  ),
  refused(
    "health checks on open-source NGINX",
    { front: { ...front, api: { healthCheck: true } } },
    'front.api.healthCheck is for NGINX Plus only; leave it out, or use edition "plus"',
  ),
  refused(
    "an API on open-source NGINX",
    { ...status({ write: true }), host: valid.host },
    'front.status.write is for NGINX Plus only; leave it out, or use edition "plus"',
  ),
  refused(
    "an API that everyone changes",
    status({ write: true }),
    "front.status.write is true, so that anyone who reaches the port changes upstreams and key-value stores; restrict it by statusUsers, statusWriters or allow, or leave it out",
  ),
  refused(
    "a status for everyone",
    status({ address: "0.0.0.0" }),
    "front.status would answer anyone who reaches its address; restrict it by allow or statusUsers, or listen on 127.0.0.1",
  ),
  refused(
    "a status for every address",
    status({ address: "0.0.0.0", allow: ["0.0.0.0/0"] }),
    "front.status.allow[0] is everyone; name the networks that are meant; user names come from statusUsers",
  ),
  refused(
    "a network that is none",
    status({ allow: ["10.0.0.0/33"] }),
    "front.status.allow[0] is not a network or an address; write for example `192.0.2.0/24` or `192.0.2.10`",
  ),
  refused(
    "a status without readers",
    status({ allow: [] }),
    "front.status.allow is empty, so that no client may read the status; name a network, or leave it out",
  ),
  refused(
    "a host name for the status",
    status({ address: "example.com" }),
    "front.status.address is not an IP address; write for example `192.0.2.10` or `2001:db8::10`",
  ),
  refused(
    "passwords in the clear",
    status({ address: "192.0.2.1" }, { statusUsers: users }),
    "front.status.tls is not set, and passwords would cross the network in the clear; write tls: true",
  ),
  refused(
    "writers without an API",
    status({}, { statusWriters: users }),
    "statusWriters is given, but front.status.write is not; leave one of the two out",
  ),
  refused(
    "streams that end before they can",
    { drainSeconds: 0 },
    "drainSeconds is 0; write a whole number from 1 to 86400",
  ),
  refused(
    "users of no status",
    { statusUsers: users },
    "statusUsers is given without front.status; leave it out, or ask for the status",
  ),
  refused(
    "a password instead of its hash",
    status({}, { statusUsers: "ops:open sesame" }),
    "statusUsers is not a password file; write lines as `htpasswd` or `openssl passwd -6` make them: user:hash",
    { secrets: ["open sesame"], plain: false },
  ),
  refused(
    "a password in the clear in a password file",
    status({}, { statusUsers: "ops:{PLAIN}sesame-open" }),
    "statusUsers has a password in the clear, or by crypt; hash it with `openssl passwd -6`",
    { secrets: ["sesame-open"], plain: false },
  ),
  refused(
    "a port twice",
    { front: { ...front, api: { port: 10_443 } } },
    "front.agents.port is 10443, which front.api.port has; give each a port of its own",
  ),
  refused(
    "the manager's port",
    { front: { ...front, api: { port: 11_000 } } },
    "front.api.port is 11000, which manager.gatewayPort has; give each a port of its own",
  ),
  refused(
    "the manager's TLS that NGINX does not speak",
    { manager: { certificate } },
    "backendTls is missing: with manager.certificate both services speak TLS only; give the authorities of that certificate",
  ),
  refused(
    "TLS that the manager does not speak",
    { backendTls: behind.backendTls },
    "backendTls is given, but without manager.certificate Instance Manager speaks no TLS; give both",
  ),
  refused(
    "TLS behind a front that only passes it on",
    { ...behind, ...noMaterial, front: { agents: { publication: "passthrough" } } },
    "backendTls is given, but TLS is only passed on; leave it out, or publish the api",
  ),
  refused(
    "an address to verify",
    { ...behind, backendTls: { trustedCertificatesPem: roots, serverName: "127.0.0.1" } },
    "backendTls.serverName is an address, which is no server name in TLS; write a DNS name that the certificate carries",
    { plain: false },
  ),
  refused(
    "authorities that are none",
    { ...behind, backendTls: { trustedCertificatesPem: "x" } },
    "backendTls.trustedCertificatesPem has no PEM certificate in it; write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE",
    { plain: false },
  ),
  refused(
    "a server's certificate for NGINX as a client",
    { ...behind, backendTls: { trustedCertificatesPem: roots, clientCertificate: certificate } },
    'backendTls.clientCertificate.chainPem is not for a client; issue it with usage "client"',
  ),
  refused(
    "another machine without TLS",
    { upstreams: { grpc: "10.0.0.7:10000" } },
    "upstreams.grpc is another machine, and there is no backendTls; give it, or use 127.0.0.1 or a socket",
  ),
  refused(
    "an upstream with a path",
    { upstreams: { gateway: "http://127.0.0.1:11000/" } },
    "upstreams.gateway is not the address of a service; write host:port, or unix: and the path of a socket",
  ),
  refused(
    "a socket without a path",
    { upstreams: { gateway: "unix:nim.sock" } },
    "upstreams.gateway is not an absolute path; write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
  ),
  refused(
    "a header with a line break",
    { front: { ...front, headers: { referrerPolicy: "a\nb" } } },
    "front.headers.referrerPolicy is not the value of a header; write one line of ASCII characters",
  ),
  refused(
    "a frame option without effect",
    { front: { ...front, headers: { frameOptions: "ALLOW-FROM x" } } },
    'front.headers.frameOptions is "ALLOW-FROM x", which browsers ignore; write SAMEORIGIN or DENY; for others there is contentSecurityPolicy with "frame-ancestors"',
  ),
  refused(
    "an age of no whole seconds",
    { front: { ...front, headers: { strictTransportSeconds: 0.5 } } },
    "front.headers.strictTransportSeconds is 0.5; write a whole number from 0 to 63072000",
  ),
  refused(
    "a snippet that opens another server",
    { front: { ...front, snippets: { http: [{ name: "server", block: [] }] } } },
    "front.snippets.http[0] is server, which the component decides alone; take it out, or write an NGINX of your own for it",
  ),
  refused(
    "a host that is none",
    { host: { name: "Manager_1" } },
    "host.name is not the name of a host; write lower-case letters, digits and `-` between dots",
  ),
  refused(
    "a user that is none",
    { host: { ...plus, user: "www data" } },
    "host.user is not the name of a user or group; write lower-case letters, digits, `_` and `-`, beginning with a letter or `_`",
  ),
  refused(
    "a module that is none",
    { host: { ...plus, modules: ["../x.so"] } },
    "host.modules[0] is not the file of a module; write modules/<name>.so, or the absolute path of the file",
  ),
  refused(
    "a licence of open-source NGINX",
    { host: { name: "m", edition: "oss", license: "x" } },
    'host.license is about NGINX Plus only; leave it out, or use edition "plus"',
  ),
  refused(
    "an open-source version of NGINX Plus",
    { host: { ...plus, openSourceVersion: "1.22.1" } },
    'host.openSourceVersion is not about NGINX Plus; leave it out, or use edition "oss": release says it for Plus',
  ),
  refused(
    "a release that is none",
    { host: { ...plus, release: "R99" } },
    'host.release is "R99"; write one of R33, R34, R35, R36, PLS.37.0, PLS.37.1, PLS.37.2, PLS.37.3, with its patch: R36 P8, PLS.37.0.8.1',
  ),
  refused(
    "usage reports to an Instance Manager that takes none",
    { host: { ...plus, management: { usageEndpoint: "nim.example.com", instanceManagerVersion: "1.0" } } },
    "host.management.instanceManagerVersion is 1.0: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without; report to a later one, or to F5",
  ),
]);
