import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { InstanceManager, type InstanceManagerArgs } from "../../../components";
import { type Facts, withFacts } from "../../../components/foundation";
import { type Refusal, testRefusals, thrownBy } from "../refusals";
import { bare, elsewhere } from "./instance-manager-fixture";

const secret = randomBytes(12).toString("base64url");
const valid: InstanceManagerArgs = { namespace: "nim", imagePullSecrets: ["registry"], ...elsewhere };
const issuer = {
  certificatePem: "PEM",
  privateKeyPem: "",
  chain: "",
  bundle: "",
  renewalWindowHours: 8760,
};

/** An output of a component of the program. */
const output = (text: string, facts: Facts) => withFacts(pulumi.output(text), facts);
const certificateOf = (namespace: string, certificate: Facts["certificate"]) => ({
  secretName: output("public", { component: 'Certificate "public"', namespace, certificate }),
});
const label = "write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit";
const subdomain =
  "is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit";
const otherNamespace =
  "which is in another namespace; make it in the namespace of the pods that use it, once for each namespace";

test("the arguments from which each of these differs are accepted", async () => {
  expect((await bare()).run.requests.length).toBeGreaterThan(5);
});

/** Texts that may be no Outputs. */
const plainTexts =
  /^(name|version|customVersion\.\w+|mode|logLevel|admin\.passwordGeneration|internalCertificates\.ecdsaCurve|dns|outboundProxy\.protocol|service\.type|persistence\.claims\.\w+|helmValues\.\S+) /;

const refusals: [rule: string, difference: object, error: string][] = [
  [
    "no namespace",
    { namespace: undefined },
    "namespace is missing; write a string: Namespace of Instance Manager, for example a Namespace's `name`",
  ],
  ["a namespace that is none", { namespace: "NIM" }, `namespace is not a DNS-1123 label; ${label}`],
  [
    "a release's name that is none",
    { name: "n i m" },
    "name is not a name of a Helm release; write at most 53 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ],
  [
    "a release's name that is too long for Helm",
    { name: "n".repeat(54) },
    "name is not a name of a Helm release; write at most 53 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ],
  [
    "a pull secret by its file",
    { imagePullSecrets: ["registry", "~/.docker/config.json"] },
    `imagePullSecrets[1] ${subdomain}`,
  ],
  [
    "a pull secret of another namespace",
    { imagePullSecrets: [output("regcred", { component: 'RegistrySecret "registry"', namespace: "shared" })] },
    `imagePullSecrets[0] is of RegistrySecret "registry", ${otherNamespace}`,
  ],
  [
    "usage reporting to an Instance Manager before 2.18",
    { version: "2.17.4" },
    "version is 2.17.4: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without; report to a later one, or to F5",
  ],
  [
    "a chart before 2.0.1: licences are not trusted",
    { version: "2.20.0" },
    "version is 2.20.0, which trusts licensing certificates that F5 replaced in February 2026; use 2.22.0 or later, which needs no licence (the first with the new certificates is 2.20.1, chart nim 2.0.1)",
  ],
  [
    "the chart nms-hybrid",
    { version: "2.19.3" },
    "version is 2.19.3, which trusts licensing certificates that F5 replaced in February 2026; use 2.22.0 or later, which needs no licence (the first with the new certificates is 2.20.1, chart nim 2.0.1)",
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
    "customVersion.imageTag is missing; write a string: Tag of the images of its parts",
  ],
  [
    "a custom chart that makes its certificates",
    { customVersion: { version: "2.23.0", chartVersion: "2.1.9", imageTag: "2.23.0" } },
    "customVersion.chartVersion is 2.1.9, which makes its certificates itself; use 2.2.0 or later",
  ],
  [
    "an image without a tag",
    { customVersion: { version: "2.23.0", chartVersion: "2.3.0", imageTag: "" } },
    "customVersion.imageTag is not the tag of an image; write letters, digits, `_`, `.` and `-`: 2.22.3",
  ],
  [
    "a chart of two numbers",
    { customVersion: { version: "2.23.0", chartVersion: "2.3", imageTag: "2.23.0" } },
    'customVersion.chartVersion is "2.3"; write three numbers: 2.2.3',
  ],
  [
    "a custom version before the first",
    { customVersion: { version: "2.21.0", chartVersion: "2.3.0", imageTag: "2.21.0" } },
    "customVersion.version is 2.21.0, whose chart makes its certificates itself; use 2.22.0 or later",
  ],
  [
    "a custom version that is none",
    { customVersion: { version: "new", chartVersion: "2.3.0", imageTag: "2.23.0" } },
    'customVersion.version is "new"; write three numbers: 2.22.3',
  ],
  [
    "a registry with a scheme",
    { registry: "https://registry.example.com" },
    "registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
  ],
  [
    "a repository with credentials",
    { chartRepository: `https://user:${secret}@charts.example.com/stable` },
    "chartRepository is not a repository of charts; write https://… or oci://…, without credentials, query and slash at the end",
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
    "K2: certificates between the parts that outlive their issuer",
    { existingCertificates: undefined, issuer, internalCertificates: { validityHours: 8761 } },
    "internalCertificates.validityHours is 8761, more than the issuer's renewalWindowHours, 8760; shorten it, or roll the issuer over earlier: a certificate renewed late would outlive its issuer",
  ],
  [
    "K2: a curve of RSA keys",
    { existingCertificates: undefined, issuer, internalCertificates: { ecdsaCurve: "P256" } },
    "internalCertificates.ecdsaCurve does not go with an RSA key; remove it, or write ECDSA as keyAlgorithm",
  ],
  [
    "a certificate that is missing",
    { existingCertificates: { ...elsewhere.existingCertificates, secmon: undefined } },
    "existingCertificates.secmon is missing; write an object with secretName: Secret of the part `secmon`",
  ],
  [
    "a Secret's name that is none",
    { existingCertificates: { ...elsewhere.existingCertificates, dpm: { secretName: "vault/dpm" } } },
    `existingCertificates.dpm.secretName ${subdomain}`,
  ],
  [
    "certificates between the parts of another namespace",
    {
      existingCertificates: {
        ...elsewhere.existingCertificates,
        authority: { secretName: output("ca", { component: 'TrustedCertificates "ca"', namespace: "certs" }) },
      },
    },
    `existingCertificates.authority.secretName is of TrustedCertificates "ca", ${otherNamespace}`,
  ],
  [
    "a server's certificate for the proxy",
    {
      existingCertificates: {
        ...elsewhere.existingCertificates,
        proxy: certificateOf("nim", { usage: "server", dnsNames: ["proxy"] }),
      },
    },
    'existingCertificates.proxy.secretName is not for a client; issue it with usage "client"',
  ],
  [
    "an HTTPS certificate by its file",
    { certificate: { secretName: "tls.crt/" } },
    `certificate.secretName ${subdomain}`,
  ],
  [
    "an HTTPS certificate of another namespace",
    { certificate: certificateOf("certs", { usage: "server", dnsNames: ["apigw"] }) },
    `certificate.secretName is of Certificate "public", ${otherNamespace}`,
  ],
  [
    "an HTTPS certificate for clients",
    { certificate: certificateOf("nim", { usage: "client", dnsNames: ["apigw"] }) },
    'certificate.secretName is not for a server; issue it with usage "server"',
  ],
  [
    "an HTTPS certificate without one of the names",
    {
      hostnames: ["nim.example.com", "nim.example.net"],
      certificate: certificateOf("nim", { usage: "server", dnsNames: ["*.example.com"] }),
    },
    'certificate.secretName does not carry hostnames[1], "nim.example.net", as a DNS name; put that name into the dnsNames of the certificate, or correct the name',
  ],
  [
    "an HTTPS certificate without the name by which proxies call it",
    { certificate: certificateOf("nim", { usage: "serverAndClient", dnsNames: ["apigw.nim.svc"] }) },
    'certificate.secretName does not carry the name of its Service, "apigw", as a DNS name; put that name into the dnsNames of the certificate, or correct the name',
  ],
  [
    "authorities without a use",
    { certificateAuthoritiesPem: "x" },
    "certificateAuthoritiesPem is given, but there is no certificate of another authority beside certificates that are issued here; leave it out",
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
    "admin.password has a line break, or blanks around it; remove them: they cannot be typed reliably",
  ],
  [
    "a password and a hash",
    { admin: { password: secret, passwordHash: secret } },
    "admin.passwordHash is given beside password; remove one of the two: the hash is made from the password",
  ],
  [
    "the document's MD5 hash",
    { admin: { passwordHash: `$1$saltsalt$${secret}` } },
    "admin.passwordHash is not a SHA-512 hash of crypt(3); write what `openssl passwd -6` prints",
  ],
  [
    "a new generation of a password of one's own",
    { admin: { password: secret, passwordGeneration: "2" } },
    "admin.passwordGeneration is given, but no password is generated; leave it out, and change the other",
  ],
  [
    "two ClickHouses",
    { clickHouse: { internal: {}, disabled: true } },
    "clickHouse.disabled is given beside internal; give one of internal, external and disabled: true, or leave clickHouse out for the chart's own",
  ],
  [
    "an empty choice",
    { clickHouse: {} },
    "clickHouse.internal is missing, as is external, disabled; give one of internal, external and disabled: true, or leave clickHouse out for the chart's own",
  ],
  [
    "a ClickHouse that is not disabled",
    { clickHouse: { disabled: false } },
    "clickHouse.internal is missing, as is external, disabled; give one of internal, external and disabled: true, or leave clickHouse out for the chart's own",
  ],
  [
    "a ClickHouse by its URL",
    { clickHouse: { external: { host: "tcp://clickhouse.example.com:9000", password: secret } } },
    "clickHouse.external.host is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ],
  [
    "a ClickHouse without a password",
    { clickHouse: { external: { host: "clickhouse.example.com" } } },
    "clickHouse.external.password is missing; give the user's password, or name the Secret that has it",
  ],
  [
    "a ClickHouse with an empty label in its name",
    { clickHouse: { external: { host: "click..example.com", password: secret } } },
    "clickHouse.external.host is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ],
  [
    "a Secret of ClickHouse's password that is none",
    { clickHouse: { internal: { existing: { name: "Vault" } } } },
    `clickHouse.internal.existing.name ${subdomain}`,
  ],
  [
    "a key of ClickHouse's password that is none",
    { clickHouse: { external: { host: "clickhouse.example.com", existing: { name: "vault", key: "pass/word" } } } },
    "clickHouse.external.existing.key is not a key of a Secret; write letters, digits, `-`, `_` and `.`",
  ],
  [
    "a password of ClickHouse in another namespace",
    {
      clickHouse: {
        internal: { existing: { name: output("pw", { component: 'LicenseSecret "pw"', namespace: "vault" }) } },
      },
    },
    `clickHouse.internal.existing.name is of LicenseSecret "pw", ${otherNamespace}`,
  ],
  [
    "two passwords of ClickHouse",
    { clickHouse: { internal: { password: secret, existing: { name: "vault" } } } },
    "clickHouse.internal.existing is given beside password; remove one of the two",
  ],
  [
    "an empty password of ClickHouse",
    { clickHouse: { internal: { password: "" } } },
    "clickHouse.internal.password is empty; write one: anyone who reaches the port would be let in",
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
    "persistence.claims.secmonDatabase is not an argument; remove it; persistence.claims has coreDatabase, coreSecrets, dpmDatabase, dpmStreaming, integrationsDatabase, integrationsProxyCertificates",
  ],
  [
    "a size in words",
    { persistence: { claims: { coreDatabase: { size: "2 GB" } } } },
    "persistence.claims.coreDatabase.size is not the size of a volume; write it as Kubernetes does: 500Mi, 10Gi",
  ],
  [
    "the chart's name of an argument",
    { nmsClickhouse: { mode: "disabled" } },
    "nmsClickhouse is not an argument; write clickHouse",
  ],
  [
    "a former name",
    { clickHouse: { internal: { existingPassword: { name: "vault" } } } },
    "clickHouse.internal.existingPassword is not an argument; write clickHouse.internal.existing",
  ],
  ["a storage class in words", { persistence: { storageClass: "fast SSD" } }, `persistence.storageClass ${subdomain}`],
  [
    "a claim that is none",
    { persistence: { claims: { dpmStreaming: { existingClaim: "Streaming" } } } },
    `persistence.claims.dpmStreaming.existingClaim ${subdomain}`,
  ],
  [
    "a size of ClickHouse in words",
    { clickHouse: { internal: { size: "big" } } },
    "clickHouse.internal.size is not the size of a volume; write it as Kubernetes does: 500Mi, 10Gi",
  ],
  [
    "a size of a claim that is there",
    { persistence: { claims: { coreDatabase: { size: "2Gi", existingClaim: "core" } } } },
    "persistence.claims.coreDatabase.size is given beside existingClaim; remove one of the two: that claim has its size",
  ],
  ["an unknown mode", { mode: "offline" }, 'mode is "offline"; write one of "connected", "disconnected"'],
  [
    "an unknown log level",
    { logLevel: "trace" },
    'logLevel is "trace"; write one of "debug", "info", "warn", "error", "panic", "fatal"',
  ],
  [
    "a proxy to F5 without F5",
    { mode: "disconnected", outboundProxy: { host: "proxy.example.com" } },
    'outboundProxy is given, but with mode "disconnected" nothing goes to F5; leave one of the two out',
  ],
  [
    "a proxy by its URL",
    { outboundProxy: { host: "http://proxy.example.com:3128" } },
    "outboundProxy.host is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ],
  [
    "a proxy of another protocol",
    { outboundProxy: { host: "proxy.example.com", protocol: "socks5" } },
    'outboundProxy.protocol is "socks5"; write one of "http", "https"',
  ],
  [
    "a load balancer for everyone",
    { service: { type: "LoadBalancer" }, unsafeAllowAgentsWithoutCertificate: true },
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
    "an unsafe flag without a use",
    { unsafeAllowAgentsWithoutCertificate: true },
    "unsafeAllowAgentsWithoutCertificate is true, but no service or clients let anyone in; leave it out",
  ],
  [
    "clients without policies",
    { networkPolicies: false, clients: [{ cidr: "192.0.2.0/24" }] },
    "clients is given, but without networkPolicies everyone connects; leave one of the two out",
  ],
  ["no client", { clients: [] }, "clients is empty; leave it out: then only pods of the namespace connect"],
  [
    "no policies where all else is denied",
    {
      namespace: output("nim", { component: 'Namespace "nim"', namespaceName: "nim", defaultDeny: true }),
      networkPolicies: false,
    },
    'networkPolicies is false, but Namespace "nim" denies all traffic that no NetworkPolicy allows; leave it out, or leave defaultDeny of the Namespace out',
  ],
  [
    "a source range that is no network",
    {
      service: { type: "LoadBalancer", loadBalancerSourceRanges: ["banana"] },
      unsafeAllowAgentsWithoutCertificate: true,
    },
    "service.loadBalancerSourceRanges[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ],
  [
    "a name server that is no network",
    { dns: [{ cidr: "169.254.20.10" }] },
    "dns[0].cidr is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ],
  [
    "name servers without policies",
    { networkPolicies: false, dns: [{ cidr: "169.254.20.10/32" }] },
    "dns is given, but without networkPolicies; leave one of the two out",
  ],
  [
    "a client that is no network",
    { clients: [{ cidr: "192.0.2.0" }], unsafeAllowAgentsWithoutCertificate: true },
    "clients[0].cidr is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ],
  [
    "agent.secure of the chart",
    { helmValues: { agent: { secure: true } } },
    "helmValues.agent.secure makes the chart's NGINX reject every agent with 401, since it never asks for a certificate; leave it out, and put an InstanceManagerProxy in front",
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
    "helmValues.dpm.name renames or moves a part that certificates, network policies and proxies find by its name or port; leave it out",
  ],
  [
    "a Vault for development",
    { helmValues: { nmsVault: { enabled: true } } },
    "helmValues.nmsVault is for development only; keep secrets where you keep your others",
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

test("five wrong arguments are five sentences", () => {
  const error = thrownBy(
    () =>
      new InstanceManager("wrong", {
        ...valid,
        namespace: "NIM",
        imagePullSecrets: ["Regcred"],
        mode: "offline" as never,
        clickHouse: { external: { host: "a..b", password: secret } },
        helmValues: { agent: { secure: true } },
      }),
  ) as pulumi.InputPropertiesError;
  expect(error.errors.map(({ propertyPath }) => propertyPath).sort()).toEqual([
    "clickHouse.external.host",
    "helmValues.agent.secure",
    "imagePullSecrets[0]",
    "mode",
    "namespace",
  ]);
});

test.each<[string, Partial<InstanceManagerArgs>]>([
  [
    "Secrets of its own Namespace",
    {
      namespace: output("nim", { component: 'Namespace "nim"', namespaceName: "nim", defaultDeny: true }),
      imagePullSecrets: [output("regcred", { component: 'RegistrySecret "registry"', namespace: "nim" }), "other"],
      certificate: certificateOf("nim", { usage: "server", dnsNames: ["*.example.com", "apigw"] }),
      hostnames: ["NIM.example.com"],
    },
  ],
  [
    "a certificate for servers and clients",
    { certificate: certificateOf("nim", { usage: "serverAndClient", dnsNames: ["apigw"] }) },
  ],
  ["an IPv6 address of ClickHouse", { clickHouse: { external: { host: "2001:db8::1", password: secret } } }],
])("%s is accepted", async (_title, difference) => {
  expect((await bare(difference)).run.requests.length).toBeGreaterThan(5);
});
