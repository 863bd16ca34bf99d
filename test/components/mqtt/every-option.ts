import type { MqttProxyArgs } from "../../../components";

const trustedCertificatesPem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
const crlPem = "-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n";
const certificate = { secretName: "server", revision: "1" };
const refused = { refuse: true };
const password = "a password";
const names = [..."abcdefghij"];

type Options = Omit<MqttProxyArgs, "namespace" | "edition" | "license">;

/** Arguments that together have every option and every closed value for NGINX Plus; a test compares them with the schema. */
export const everyOption: Record<string, Options> = {
  "listeners, tenants and credentials": {
    pods: { drainSeconds: 30 },
    timeouts: { connectSeconds: 5, longestKeepAliveSeconds: 600 },
    upstreams: [...names, "shared"].map((name) => ({ name, servers: [{ host: `${name}.example.com` }] })),
    routes: [
      { clientId: { exact: "a" }, upstream: "shared", credentials: "gauges" },
      { clientId: { prefix: "b" }, upstream: "shared" },
      { username: { regex: "[0-9]+" }, upstream: "shared" },
    ],
    defaultRoute: { upstream: "shared" },
    brokerTls: { trustedCertificatesPem, clientCertificate: { secretName: "client", revision: "1" }, verifyDepth: 2 },
    credentials: { username: "edge", password },
    namedCredentials: [
      { name: "gauges", credentials: { existing: { name: "kept", key: "gauges.conf", revision: "1" } } },
    ],
    limits: {
      connectionsPerAddress: 10,
      uploadBytesPerSecond: 1000,
      downloadBytesPerSecond: 1000,
      maximumConnectKibibytes: 256,
    },
    listeners: [
      {
        name: "balanced",
        port: 1883,
        targetPort: 11_883,
        proxyProtocol: { trustedSources: ["192.0.2.0/24"] },
        proxyProtocolToBrokers: true,
        limits: { connectionsPerAddress: 5, uploadBytesPerSecond: 1000, downloadBytesPerSecond: 1000 },
      },
      {
        name: "subjects",
        port: 8883,
        tls: {
          certificate,
          clientCertificates: {
            mode: "required",
            trustedCertificatesPem,
            crlPem,
            verifyDepth: 2,
            revocation: { crl: true, deniedSerials: ["0A"] },
          },
        },
      },
      ...["names", "mails", "uris"].map((name, index) => ({
        name,
        port: 8884 + index,
        tls: { certificate, clientCertificates: { trustedCertificates: { secretName: "authorities", revision: "1" } } },
      })),
      {
        name: "optional",
        port: 8890,
        passCredentials: true,
        tls: { certificate, clientCertificates: { mode: "optional", trustedCertificatesPem } },
        routes: [{ certificate: { commonName: { exact: "a" } }, upstream: "shared" }],
        defaultRoute: refused,
      },
      { name: "said", port: 1884 },
      {
        name: "web",
        port: 443,
        tls: { certificate },
        passCredentials: true,
        limits: { connectionsPerAddress: 5 },
        webSocket: { upstream: "shared", brokerPort: 8081, path: "/ws" },
      },
    ],
    tenants: [
      {
        ...{ name: "a", listeners: ["subjects"], certificate: { organization: { exact: "A" } } },
        ...{ routes: [{ clientId: { exact: "a" }, upstream: "b" }], defaultRoute: { upstream: "a" } },
        credentials: { usernameFromCertificate: "commonName", password },
      },
      {
        ...{
          name: "c",
          listeners: ["subjects"],
          certificate: { organization: { prefix: "C" } },
          defaultRoute: { upstream: "c" },
        },
        credentials: { usernameFromCertificate: "subject", password },
      },
      {
        ...{
          name: "d",
          listeners: ["names"],
          certificate: { dnsName: { exact: "d.example.com" } },
          defaultRoute: { upstream: "d" },
        },
        credentials: { usernameFromCertificate: "dnsName", password },
      },
      {
        ...{
          name: "e",
          listeners: ["mails"],
          certificate: { emailAddress: { prefix: "e@" } },
          defaultRoute: { upstream: "e" },
        },
        credentials: { usernameFromCertificate: "emailAddress", password },
      },
      {
        ...{
          name: "f",
          listeners: ["uris"],
          certificate: { uri: { prefix: "urn:f:" } },
          defaultRoute: { upstream: "f" },
        },
        credentials: { usernameFromCertificate: "uri", password },
      },
      {
        ...{ name: "g", listeners: ["said"], username: { exact: "g" }, defaultRoute: { upstream: "g" } },
        routes: [{ username: { prefix: "g" }, upstream: "h" }],
      },
    ],
  },
  "certificates by unit, and upstreams": {
    resolver: { addresses: ["10.96.0.10"] },
    listeners: [{ name: "devices", port: 8883, tls: { certificate, clientCertificates: { trustedCertificatesPem } } }],
    routes: [{ certificate: { organizationalUnit: { exact: "a" } }, upstream: "brokers" }],
    defaultRoute: refused,
    upstreams: [
      {
        name: "brokers",
        serverName: "brokers.example.com",
        servers: [
          { host: "one.example.com", weight: 3, maximumConnections: 5000 },
          { host: "two.example.com", port: 11_883, down: true },
          { host: "three.example.com", service: "_mqtt._tcp" },
          { host: "four.example.com", backup: true },
        ],
        balancing: "leastConnections",
        maximumFailures: 2,
        failTimeoutSeconds: 30,
        slowStartSeconds: 60,
        resolver: { addresses: ["kube-dns.kube-system.svc.cluster.local"], validSeconds: 5, ipv6: false },
        healthCheck: { intervalSeconds: 7, jitterSeconds: 2, fails: 2, passes: 3, timeoutSeconds: 4, mandatory: true },
      },
      { name: "once", servers: [{ host: "seven.example.com" }], resolveOnce: true },
      { name: "in-turn", servers: [{ host: "2001:db8::1" }, { host: "2001:db8::2" }], balancing: "roundRobin" },
      { name: "by-id", servers: [{ host: "five.example.com" }, { host: "six.example.com" }], balancing: "clientId" },
    ],
  },
  "one port, and hosts that clients name": {
    port: 11_883,
    upstreams: [],
    defaultRoute: {
      clientIdAsHost: {
        hosts: ["*.brokers.example.com"],
        port: 18_883,
        resolvers: ["10.96.0.10", "[2001:db8::53]:5353"],
      },
    },
    brokerTls: { unsafeSkipVerification: true },
    credentials: { username: "edge", password, unsafeSendToUnverifiedBrokers: true },
    snippets: {
      stream: [{ name: "deny", args: ["192.0.2.1"] }],
      server: [{ name: "proxy_bind", args: ["192.0.2.2"] }],
    },
  },
};
