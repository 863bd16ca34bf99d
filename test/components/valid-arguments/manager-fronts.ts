import { OpenSsl } from "../../dataplane/openssl";
import { goodToken } from "../foundation/token";
import { acceptFaults } from "../known-faults";
import type { ValidArguments } from "./index";

const openssl = new OpenSsl();
const root = openssl.root("root");
const lists = openssl.revocationList(root, []);
const users = `ops:${openssl.run(["passwd", "-6", "example"]).trim()}\n`;

/** A certificate with these names and its key. */
function pair(names: string[], usage = "serverAuth") {
  const privateKeyPem = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
  const certificatePem = openssl.run([
    ...["req", "-x509", "-key", openssl.file(privateKeyPem), "-subj", "/CN=x"],
    ...["-addext", `extendedKeyUsage=${usage}`],
    ...(names.length > 0 ? ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`] : []),
  ]);
  return { chainPem: certificatePem, privateKeyPem, certificatePem };
}

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };
const server = pair([...Object.values(hostname), "nginx-manager.example.com"]);
const client = pair([], "clientAuth");
openssl.remove();

const secret = (secretName: string) => ({ secretName, revision: "1" });
const inSecret = (secretName: string, { certificatePem }: typeof server) => ({ ...secret(secretName), certificatePem });

const management = {
  usageEndpoint: "nim.example.com:8443",
  instanceManagerVersion: "2.22.2",
  resolver: ["192.0.2.53"],
  enforceInitialReport: false,
  proxy: { host: "proxy.example.com", port: 3128, username: "nginx", password: "example" },
};

const pods = {
  ...acceptFaults,
  release: "R36 P8",
  image: "registry.example.com/nginx-plus:r36",
  imagePullSecrets: ["regcred"],
  management: { ...management, trustedCertificates: secret("usage-ca"), clientCertificate: secret("usage-client") },
  podDisruptionBudget: { maxUnavailable: 1 },
  service: { type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0/8"], externalTrafficPolicy: "Local" },
  networkPolicy: {
    clients: [{ cidr: "10.0.0.0/8" }],
    metricsFrom: [{ podLabels: { app: "prometheus" } }],
    upstreams: [{ podLabels: { app: "apigw" }, ports: [8443] }],
  },
  drainSeconds: 120,
  monitoring: { prometheusOperator: true },
};

const plusHost = {
  name: "manager.example.com",
  edition: "plus",
  ...acceptFaults,
  release: "R36 P8",
  user: "nginx",
  modules: ["modules/ngx_http_js_module.so", "/usr/lib/nginx/modules/ngx_stream_module.so"],
  license: goodToken(),
  management: { ...management, trustedCertificatesPem: root.certificate, clientCertificate: client },
};
const ossHost = { name: "manager", edition: "oss", openSourceVersion: "1.22.1", user: "www-data" };

const agents = {
  mtls: "required",
  verifyDepth: 3,
  revocation: { crl: true, deniedSerials: ["0A1B"] },
  pauseSeconds: 600,
  silenceSeconds: 300,
};
const withoutMtls = { mtls: "off", unsafeAllowAgentsWithoutCertificate: true };
const snippets = {
  http: [{ name: "client_header_timeout", args: ["10s"] }],
  manager: [{ name: "location", args: ["/own"], block: [{ name: "add_header", args: ["X-Own", "1"] }] }],
  agents: [{ name: "add_header", args: ["X-Agents", "$host"], variables: true }],
};

const front = {
  api: { port: 8443, redirectPort: 8080, healthCheck: true },
  agents: {
    ...agents,
    ...{ port: 10_443, publication: "tls", healthCheck: true, corsOrigin: "https://nginx-manager.example.com:8443" },
    revocation: { ...agents.revocation, keyval: { size: "2m", state: "/var/lib/nginx/state/denied.json" } },
  },
  status: { port: 8081, write: true, allow: ["10.0.0.0/8", "192.0.2.7"], tls: true },
  headers: {
    frameOptions: "DENY",
    strictTransportSeconds: 31_536_000,
    strictTransportSubdomains: true,
    contentSecurityPolicy: "default-src 'self'",
    referrerPolicy: "no-referrer",
    xssProtection: "0",
  },
  snippets: { http: snippets.http, api: snippets.manager, agents: snippets.agents },
};

/** Arguments of the fronts of Instance Manager that are accepted, JSON-like and as full as they can be at once. */
export const managerFrontArguments: ValidArguments = {
  InstanceManagerProxy: [
    {
      ...{ namespace: "nim", edition: "plus", license: { secretName: "license", key: "license.jwt", revision: "1" } },
      ...{ pods, hostname, agents, snippets, port: 8443, strictTransportSeconds: 60 },
      resolver: { addresses: ["192.0.2.53"], clusterDomain: "cluster.example.com" },
      certificate: inSecret("server", server),
      agentCertificate: inSecret("agents-server", server),
      agentAuthorities: secret("agents"),
      backends: {
        apigw: { host: "apigw.nim.svc", port: 443, serverName: "apigw" },
        dpm: { host: "192.0.2.7", serverName: "dpm" },
        ingestion: { host: "[2001:db8::1]", port: 8035 },
      },
      backendTls: {
        trustedCertificates: secret("backends"),
        clientCertificate: inSecret("proxy", client),
        verifyDepth: 2,
      },
    },
    {
      ...{ namespace: "nim", edition: "oss", openSourceVersion: "1.22.1", exposed: true },
      pods: { image: "registry.example.com/debian-nginx:1.22.1", service: { type: "NodePort" }, replicas: 1 },
      hostname,
      certificate: { secretName: "server" },
      agents: withoutMtls,
      unsafePlainBackends: true,
    },
  ],
  InstanceManagerHostProxy: [
    {
      ...{ host: plusHost, hostname, agents, snippets, port: 8443, drainSeconds: 60, strictTransportSeconds: 0 },
      certificate: server,
      agentCertificate: server,
      agentAuthorities: { certificatesPem: root.certificate, crlPem: lists },
      backends: {
        apigw: { host: "gateway.example.com", port: 8443, serverName: "gateway.example.com" },
        dpm: { host: "unix:/var/run/nms/am.sock" },
        ingestion: { host: "192.0.2.7", port: 8035, serverName: "ingestion" },
      },
      backendTls: { trustedCertificatesPem: root.certificate, clientCertificate: client, verifyDepth: 1 },
    },
    {
      ...{ host: ossHost, hostname, agents: withoutMtls, certificate: server, unsafePlainBackends: true },
      backends: { apigw: { host: "gateway.example.com" } },
    },
  ],
  InstanceManagerV1Host: [
    {
      ...{ host: plusHost, hostname: "nginx-manager.example.com", front, drainSeconds: 60 },
      manager: {
        ...{ bindAddress: "/run/nginx-manager", grpcPort: 10_000, gatewayPort: 11_000, certificate: server },
        ...{ systemAuthorityPem: root.certificate, logLevel: "debug", logPath: "/var/log/nginx-manager/" },
        ...{ metricsPath: "/var/lib/metrics", group: "nginx-manager" },
      },
      certificate: server,
      agentCertificate: server,
      agentAuthoritiesPem: root.certificate,
      agentCrlPem: lists,
      upstreams: { grpc: "unix:/run/nginx-manager/grpc.sock", gateway: "127.0.0.1:11000" },
      backendTls: {
        ...{ trustedCertificatesPem: root.certificate, clientCertificate: client, verifyDepth: 1 },
        serverName: "nginx-manager.example.com",
      },
      statusUsers: users,
      statusWriters: users,
    },
    {
      ...{ host: ossHost, hostname: "nginx-manager.example.com" },
      front: { agents: { publication: "clear", unsafePublishInTheClear: true }, status: { address: "127.0.0.1" } },
    },
  ],
  InstanceManagerV1Proxy: [
    {
      ...{ namespace: "nim", edition: "plus", license: { secretName: "license" }, pods, ...front },
      ...{
        hostname: "nginx-manager.example.com",
        manager: { host: "10.0.0.7", grpcPort: 10_001, gatewayPort: 11_001 },
      },
      certificate: inSecret("server", server),
      agentCertificate: inSecret("agents-server", server),
      agentAuthorities: secret("agents"),
      backendTls: {
        ...{ trustedCertificates: secret("manager"), clientCertificate: inSecret("proxy", client), verifyDepth: 2 },
        serverName: "nginx-manager.example.com",
      },
      statusUsers: secret("users"),
      statusWriters: secret("admins"),
    },
    {
      ...{ namespace: "nim", edition: "oss", exposed: true, openSourceVersion: "1.22.1", unsafePlainBackends: true },
      pods: { image: "registry.example.com/debian-nginx:1.22.1", service: { type: "NodePort" } },
      ...{ hostname: "nginx-manager.example.com", manager: { host: "manager.example.com" } },
      api: {},
      agents: { publication: "tls", ...withoutMtls },
      certificate: secret("server"),
    },
  ],
};
