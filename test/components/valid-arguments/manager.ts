import { rootCertificates } from "node:tls";
import type { ValidArguments } from "./index";

const reference = (name: string) => ({ secretName: name, revision: "1" });
const parts = ["authority", "core", "dpm", "ingestion", "integrations", "secmon", "apigw", "proxy"];
const issuer = {
  certificatePem: "PEM",
  privateKeyPem: "PEM",
  chain: "",
  bundle: "PEM",
  renewalWindowHours: 8760,
  chainLength: 0,
};

/** A root, in PEM. */
const roots = rootCertificates[0]!;
const tls = {
  clientCertificate: { certificatePath: "/etc/nms/certs/agent.crt", keyPath: "/etc/nms/certs/agent.key" },
  trustedCertificatesPath: "/etc/nms/certs/ca.pem",
};
const v2 = {
  hostname: "agents.nim.example.com",
  port: 443,
  log: { level: "info", path: "/var/log/nginx-agent/" },
  excludeLogs: ["/var/log/nginx/health*"],
  statusPollInterval: "30s",
  metrics: { reportInterval: "1m", collectionInterval: "15s", mode: "aggregated" },
  configDirectories: ["/etc/nginx", "/usr/local/etc/nginx"],
  tags: ["edge"],
  instanceGroup: "edge",
  settings: {
    queue_size: 100,
    features: ["registration", "metrics"],
    api: { host: "127.0.0.1", port: 8038 },
    nginx: { config_reload_monitoring_period: "10s", treat_warnings_as_errors: true },
    metrics: { bulk_size: 20, backoff: { initial_interval: "10s", randomization_factor: 0.1 } },
  },
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const managerArguments: ValidArguments = {
  InstanceManager: [
    {
      namespace: "nim",
      name: "nim",
      customVersion: { version: "2.22.3", chartVersion: "2.2.3", imageTag: "2.22.3" },
      registry: "registry.example.com/mirror",
      chartRepository: "https://charts.example.com/stable",
      imagePullSecrets: ["regcred"],
      existingCertificates: Object.fromEntries(parts.map((part) => [part, reference(`vault-${part}`)])),
      certificate: reference("public"),
      hostnames: ["nim.example.com"],
      admin: { password: "correct horse battery" },
      clickHouse: {
        external: {
          host: "clickhouse.example.com",
          port: 9000,
          username: "nim",
          existing: { name: "clickhouse", key: "password", revision: "1" },
        },
      },
      persistence: {
        storageClass: "fast",
        claims: { coreDatabase: { size: "2Gi" }, dpmStreaming: { existingClaim: "streaming" } },
      },
      mode: "connected",
      outboundProxy: { host: "proxy.example.com", port: 3128, protocol: "http" },
      networkPolicies: true,
      dns: [{ cidr: "169.254.20.10/32" }],
      clients: [{ cidr: "192.0.2.0/24" }, { namespaceLabels: { team: "edge" }, podLabels: { app: "ci" } }],
      service: { name: "nim", type: "LoadBalancer", annotations: { a: "b" }, externalTrafficPolicy: "Local" },
      exposed: true,
      unsafeAllowAgentsWithoutCertificate: true,
      tolerations: [{ key: "nim", operator: "Exists" }],
      openshift: true,
      logLevel: "warn",
      helmValues: { core: { resources: { limits: { memory: "2Gi" } } }, podLabels: { team: "edge" } },
    },
    {
      namespace: "nim",
      version: "2.22.2",
      issuer,
      internalCertificates: { keyAlgorithm: "ECDSA", ecdsaCurve: "P256", validityHours: 2160, earlyRenewalHours: 720 },
      admin: { passwordGeneration: "2" },
      clickHouse: { internal: { password: "staple", size: "2Gi" } },
      persistence: { unsafeEphemeral: true },
      mode: "disconnected",
    },
  ],
  InstanceManagerCertificates: [
    {
      profile: "instanceManagerV2",
      hostname: { manager: "nim.example.com", agents: "agents.nim.example.com" },
      namespace: "nim",
      dnsNames: ["nim.example.net"],
      ipAddresses: ["192.0.2.7"],
      agents: [{ name: "nginx-1", commonName: "agent-1", namespace: "edge" }, { name: "nginx-2" }],
      subject: {
        organization: "Example",
        organizationalUnit: "Platform",
        country: "DE",
        province: "BE",
        locality: "Berlin",
      },
      keyAlgorithm: "ECDSA",
      ecdsaCurve: "P384",
      rootValidityHours: 40_000,
      intermediateValidityHours: 20_000,
      validityHours: 2160,
      earlyRenewalHours: 720,
    },
    {
      profile: "instanceManagerV1",
      serverName: "nginx-manager.example.com",
      forHosts: true,
      agents: [{ name: "agent-1.example.com" }],
      keyAlgorithm: "ECDSA",
      unsafeAsDocumented: true,
    },
  ],
  NginxAgentConfiguration: [
    {
      v1: {
        hostname: "nginx-manager.example.com",
        port: 10443,
        tls,
        log: { level: "info", path: "/var/log/nginx-agent/" },
        location: "rack 12",
        tags: ["edge"],
        configDirectories: ["/etc/nginx"],
        nginx: { binaryPath: "/usr/sbin/nginx", stubStatusUrl: "http://localhost:8080/nginx_status" },
      },
      kubernetes: { namespace: "edge", labels: { team: "edge" }, annotations: { note: "b" } },
    },
    {
      v2: { ...v2, tls, token: "5f1e9b0a" },
      kubernetes: { namespace: "edge" },
      host: { name: "nginx-1.example.com", group: "agents" },
    },
    {
      v3: {
        hostname: "agent.connect.nginx.com",
        port: 443,
        tls: { trustedCertificatesPath: "/etc/ca.pem" },
        tokenPath: "/etc/nginx-agent/token",
        auxiliary: { hostname: "watch.example.com", port: 8443, token: "5f1e9b0a", tls: {} },
        log: { level: "warn", path: "/var/log/nginx-agent" },
        allowedDirectories: ["/etc/nginx"],
        excludeLogs: ["^/var/log/nginx/health"],
        features: ["configuration", "metrics"],
        labels: { "config-sync-group": "edge" },
        settings: {
          client: { backoff: { initial_interval: "1s", multiplier: 1.5 }, grpc: { max_file_size: 1048576 } },
          command: { server: { proxy: { url: "http://proxy.example.com:3128", timeout: "10s" } } },
          collector: {
            exporters: { debug: {} },
            extensions: { headers_setter: { headers: [{ action: "insert", key: "authorization", value: "fake" }] } },
            pipelines: { metrics: { default: { receivers: ["host_metrics"], exporters: ["debug"] } } },
            receivers: { host_metrics: { collection_interval: "1m", scrapers: { cpu: {} } } },
          },
        },
      },
      host: { name: "nginx-1" },
    },
  ],
  NginxAgentFleet: [
    {
      issuer: { ...issuer, bundle: roots },
      agents: [{ host: "nginx-1", commonName: "agent-1" }, { host: "nginx-2" }],
      v2: { ...v2, tls },
      trustedCertificatesPem: roots,
      group: "agents",
      keyAlgorithm: "ECDSA",
      ecdsaCurve: "P256",
      validityHours: 2160,
      earlyRenewalHours: 720,
    },
  ],
};
