import { randomBytes } from "node:crypto";
import { InstanceManager, type InstanceManagerArgs } from "../../../components";
import { type Refusal, testRefusals } from "../refusals";
import { bare, elsewhere } from "./instance-manager-fixture";

const secret = randomBytes(12).toString("base64url");
const valid: InstanceManagerArgs = { namespace: "nim", imagePullSecrets: ["registry"], ...elsewhere };
const issuer = {
  certificatePem: "",
  privateKeyPem: "",
  chain: "",
  bundle: "",
  renewalWindowHours: 8760,
};

test("the arguments from which each of these differs are accepted", async () => {
  expect((await bare()).run.requests.length).toBeGreaterThan(5);
});

/** Texts that may be no Outputs. */
const plainTexts =
  /^(name|version|customVersion\.\w+|mode|logLevel|outboundProxy\.protocol|service\.type|persistence\.claims\.\w+|helmValues\.\S+) /;

const refusals: [rule: string, difference: object, error: string][] = [
  ["no namespace", { namespace: undefined }, "namespace is missing; write the namespace of Instance Manager"],
  [
    "a namespace that is none",
    { namespace: "NIM" },
    "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ],
  [
    "a release's name that is none",
    { name: "n i m" },
    "name is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ],
  [
    "usage reporting to an Instance Manager before 2.18",
    { version: "2.17.4" },
    "version is 2.17.4: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without; report to a later one, or to F5",
  ],
  [
    "a chart before 2.0.1: licences are not trusted",
    { version: "2.20.0" },
    "version is 2.20.0, which trusts licensing certificates that F5 replaced in February 2026; use 2.22.0 or later: it licenses nothing any more (the first with the new ones is 2.20.1, chart nim 2.0.1)",
  ],
  [
    "the chart nms-hybrid",
    { version: "2.19.3" },
    "version is 2.19.3, which trusts licensing certificates that F5 replaced in February 2026; use 2.22.0 or later: it licenses nothing any more (the first with the new ones is 2.20.1, chart nim 2.0.1)",
  ],
  [
    "a chart that makes its certificates",
    { version: "2.21.1" },
    "version is 2.21.1, whose chart makes its certificates itself; use 2.22.0 or later",
  ],
  [
    "the chart's version",
    { version: "2.2.2" },
    "version is 2.2.2, that of the chart; write Instance Manager's: 2.22.2",
  ],
  [
    "a version that is not known",
    { version: "latest" },
    'version is "latest", which is not known here; write one of 2.22.0, 2.22.1, 2.22.2, or describe it in customVersion',
  ],
  [
    "two versions",
    { version: "2.22.2", customVersion: { version: "2.23.0", chartVersion: "2.3.0", imageTag: "2.23.0" } },
    "customVersion is given beside version; remove one of the two: a known version needs its number only",
  ],
  [
    "half a version",
    { customVersion: { version: "2.23.0", chartVersion: "2.3.0" } },
    "customVersion.imageTag is missing; write the whole entry: nothing is guessed for a version that is not known",
  ],
  [
    "a custom chart that makes its certificates",
    { customVersion: { version: "2.23.0", chartVersion: "2.1.9", imageTag: "2.23.0" } },
    "customVersion.chartVersion is 2.1.9, which makes its certificates itself; use 2.2.0 or later",
  ],
  [
    "a custom version that is none",
    { customVersion: { version: "new", chartVersion: "2.3.0", imageTag: "2.23.0" } },
    'customVersion.version is "new"; write three numbers: 2.22.3',
  ],
  [
    "a registry with a scheme",
    { registry: "https://registry.example.com" },
    "registry is no registry; write host, port and path, without scheme: registry.example.com/mirror",
  ],
  [
    "a repository with credentials",
    { chartRepository: `https://user:${secret}@charts.example.com/stable` },
    "chartRepository is no repository of charts; write https://… or oci://…, without credentials, query and slash at the end",
  ],
  [
    "no authority",
    { certificate: undefined },
    "issuer is missing; give a CertificateAuthority, or all certificates: existingCertificates and certificate",
  ],
  ["an authority with nothing to do", { issuer }, "issuer is given, but nothing is left for it to issue; leave it out"],
  [
    "keys of certificates that are not made",
    { internalCertificates: { validityHours: 24 } },
    "internalCertificates is given beside existingCertificates; leave it out: nothing is issued here",
  ],
  [
    "a certificate that is missing",
    { existingCertificates: { ...elsewhere.existingCertificates, secmon: undefined } },
    "existingCertificates.secmon is missing; name the Secret: all of them are of one authority",
  ],
  [
    "authorities of nobody",
    { certificateAuthorities: "x" },
    "certificateAuthorities is given, but there is no certificate of another authority beside certificates that are issued here; leave it out",
  ],
  [
    "an address for a hostname",
    { hostnames: ["192.0.2.1"] },
    "hostnames[0] is an address, which is no server name in TLS; write a DNS name that the certificate carries",
  ],
  [
    "a short password",
    { admin: { password: secret.slice(0, 11) } },
    "admin.password has fewer than 12 characters; write a longer one, or none",
  ],
  [
    "a password with the line break of its file",
    { admin: { password: `${secret}\n` } },
    "admin.password has a line break, or blanks around it; write it without: nobody would type them",
  ],
  [
    "a password and a hash",
    { admin: { password: secret, passwordHash: secret } },
    "admin.passwordHash is given beside password; remove one of the two: the hash is made from the password",
  ],
  [
    "the document's MD5 hash",
    { admin: { passwordHash: `$1$saltsalt$${secret}` } },
    "admin.passwordHash is no SHA-512 hash of crypt(3); write what `openssl passwd -6` prints",
  ],
  [
    "a new generation of a password of one's own",
    { admin: { password: secret, passwordGeneration: "2" } },
    "admin.passwordGeneration is given, but no password is generated; leave it out, and change the other",
  ],
  [
    "two ClickHouses",
    { clickHouse: { internal: {}, disabled: true } },
    "clickHouse has internal and disabled; give one of internal, external and disabled: true",
  ],
  ["an empty choice", { clickHouse: {} }, "clickHouse is empty; give one of internal, external and disabled: true"],
  [
    "a ClickHouse that is not disabled",
    { clickHouse: { disabled: false } },
    "clickHouse.disabled is false, which names no ClickHouse; leave clickHouse out for the chart's own",
  ],
  [
    "a ClickHouse by its URL",
    { clickHouse: { external: { host: "tcp://clickhouse.example.com:9000", password: secret } } },
    "clickHouse.external.host is not a host name or an address; write the host alone, without scheme, port or path; IPv6 in brackets",
  ],
  [
    "a ClickHouse without a password",
    { clickHouse: { external: { host: "clickhouse.example.com" } } },
    "clickHouse.external.password is missing; give the user's password, or name the Secret that has it",
  ],
  [
    "two passwords of ClickHouse",
    { clickHouse: { internal: { password: secret, existingPassword: { secretName: "vault" } } } },
    "clickHouse.internal.existingPassword is given beside password; remove one of the two",
  ],
  [
    "an empty password of ClickHouse",
    { clickHouse: { internal: { password: "" } } },
    "clickHouse.internal.password is empty; write one: whoever reaches the port would be let in",
  ],
  [
    "a port of ClickHouse that is none",
    { clickHouse: { external: { host: "clickhouse.example.com", port: 0, password: secret } } },
    "clickHouse.external.port is 0; write a whole number from 1 to 65535",
  ],
  [
    "volumes of no storage",
    { persistence: { unsafeEphemeral: true, storageClass: "fast" } },
    "persistence.unsafeEphemeral is true, so there are no volumes to describe; leave one of the two out",
  ],
  [
    "a volume that the chart has not",
    { persistence: { claims: { secmonDatabase: {} } } },
    "persistence.claims.secmonDatabase is no volume of the chart; write one of coreDatabase, coreSecrets, dpmDatabase, dpmStreaming, integrationsDatabase, integrationsProxyCertificates",
  ],
  [
    "a size in words",
    { persistence: { claims: { coreDatabase: { size: "2 GB" } } } },
    "persistence.claims.coreDatabase.size is no size of a volume; write it as Kubernetes does: 500Mi, 10Gi",
  ],
  [
    "a size of a claim that is there",
    { persistence: { claims: { coreDatabase: { size: "2Gi", existingClaim: "core" } } } },
    "persistence.claims.coreDatabase.size is given beside existingClaim; remove one of the two: that claim has its size",
  ],
  ["an unknown mode", { mode: "offline" }, 'mode is "offline"; write one of connected, disconnected'],
  [
    "an unknown log level",
    { logLevel: "trace" },
    'logLevel is "trace"; write one of debug, info, warn, error, panic, fatal',
  ],
  [
    "a proxy to F5 without F5",
    { mode: "disconnected", outboundProxy: { host: "proxy.example.com" } },
    'outboundProxy is given, but with mode "disconnected" nothing goes to F5; leave one of the two out',
  ],
  [
    "a proxy by its URL",
    { outboundProxy: { host: "http://proxy.example.com:3128" } },
    "outboundProxy.host is not a host name or an address; write the host alone, without scheme, port or path; IPv6 in brackets",
  ],
  [
    "a proxy of another protocol",
    { outboundProxy: { host: "proxy.example.com", protocol: "socks5" } },
    'outboundProxy.protocol is "socks5"; write one of http, https',
  ],
  [
    "a load balancer for everyone",
    { service: { type: "LoadBalancer" } },
    "service.type is LoadBalancer, which anyone may reach from outside the cluster; give loadBalancerSourceRanges or an internal loadBalancerClass (or, where that is meant, exposed: true)",
  ],
  [
    "an exposure of nothing",
    { exposed: true },
    "exposed is true, but the Service is not open to everyone; leave it out",
  ],
  [
    "E20: a way for agents around mutual TLS",
    { service: { type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] } },
    "service.type opens the API gateway, which takes agents without a certificate; put an InstanceManagerProxy in front in its place (or, where that is meant, write unsafeAllowAgentsWithoutCertificate: true)",
  ],
  [
    "E20: the same from another namespace",
    { clients: [{ namespaceLabels: { team: "edge" } }] },
    "clients opens the API gateway, which takes agents without a certificate; put an InstanceManagerProxy in front in its place (or, where that is meant, write unsafeAllowAgentsWithoutCertificate: true)",
  ],
  [
    "an unsafe way that nobody goes",
    { unsafeAllowAgentsWithoutCertificate: true },
    "unsafeAllowAgentsWithoutCertificate is true, but nobody is let in by it; leave it out",
  ],
  [
    "clients without policies",
    { networkPolicies: false, clients: [{ cidr: "192.0.2.0/24" }] },
    "clients is given, but without networkPolicies everyone connects; leave one of the two out",
  ],
  [
    "a client that is no network",
    { clients: [{ cidr: "192.0.2.0" }], unsafeAllowAgentsWithoutCertificate: true },
    "clients[0].cidr is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ],
  [
    "agent.secure of the chart",
    { helmValues: { agent: { secure: true } } },
    "helmValues.agent.secure makes the chart's NGINX turn every agent away with 401, for it never asks for a certificate; leave it out, and put an InstanceManagerProxy in front",
  ],
  [
    "a proxy's password in a value",
    { helmValues: { proxyConfig: { proxyPassword: secret } } },
    "helmValues.proxyConfig.proxyPassword is written in clear text into a ConfigMap; let the proxy know the cluster by its address",
  ],
  [
    "a switch that does nothing",
    { helmValues: { proxyConfig: { proxySslVerify: false } } },
    "helmValues.proxyConfig.proxySslVerify does nothing: the chart takes false for absent; leave it out",
  ],
  [
    "a claim that does not reach its pod",
    { helmValues: { nmsClickhouse: { persistence: { existingClaim: "mine" } } } },
    "helmValues.nmsClickhouse.persistence.existingClaim does not reach the pod, which goes on looking for the claim clickhouse; make the claim of that name by hand, or leave it out",
  ],
  [
    "another name of a part",
    { helmValues: { dpm: { name: "manager" } } },
    "helmValues.dpm.name renames or moves what certificates, network policies and proxies go by; leave it out",
  ],
  [
    "a Vault for development",
    { helmValues: { nmsVault: { enabled: true } } },
    "helmValues.nmsVault is for development only; keep secrets where you keep the others",
  ],
  [
    "a value that an argument decides",
    { helmValues: { externalCerts: { ca: { enabled: false } } } },
    "helmValues.externalCerts is decided by the argument existingCertificates; write existingCertificates instead",
  ],
  [
    "the chart's own Service",
    { helmValues: { apigw: { service: { type: "LoadBalancer" } } } },
    "helmValues.apigw.service is decided by the argument service; write service instead",
  ],
  [
    "a password of ClickHouse in a value",
    { helmValues: { nmsClickhouse: { auth: { password: secret } } } },
    "helmValues.nmsClickhouse.auth is decided by the argument clickHouse; write clickHouse instead",
  ],
  [
    "a key that the chart has not",
    { helmValues: { nim: { adminPasswordHash: "x" } } },
    "helmValues.nim.adminPasswordHash is no key of the chart of 2.2.2, which would ignore it; the nearest key is adminPasswordHash",
  ],
  [
    "a private key in a value",
    { helmValues: { podAnnotations: { own: `-----BEGIN PRIVATE KEY-----\n${secret}` } } },
    "helmValues.podAnnotations.own has a Secret in it; make the Secret a resource of its own",
  ],
];

testRefusals(
  refusals.map(
    ([rule, difference, error]): Refusal => ({
      rule,
      component: InstanceManager,
      args: { ...valid, ...difference },
      error,
      secrets: [secret],
      plain: plainTexts.test(error),
    }),
  ),
);
