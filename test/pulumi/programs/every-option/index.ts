import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  LicenseSecret,
  Namespace,
  type NginxDeploymentArgs,
  NginxPlus,
  RegistrySecret,
} from "nginx-stacks";

const config = new pulumi.Config();
const namespace = new Namespace("every-option", {
  defaultDeny: true,
  labels: { team: "edge" },
  annotations: { "example.com/contact": "edge@example.com" },
  podSecurity: "restricted",
  podSecurityVersion: "v1.36",
}).name;
const issuer = new CertificateAuthority("authority", {
  subject: { commonName: "Every option root", organization: "Example" },
  intermediate: { subject: { commonName: "Every option issuer" }, keyAlgorithm: "RSA", rsaBits: 3072 },
  keyAlgorithm: "ECDSA",
  ecdsaCurve: "P384",
});
const certificate = (name: string, usage: "server" | "client" | "serverAndClient") =>
  new Certificate(name, {
    namespace,
    issuer,
    usage,
    subject: { commonName: `${name}.example.com`, organization: "Example" },
    dnsNames: [`${name}.example.com`],
    ipAddresses: ["192.0.2.10"],
    uris: [`spiffe://example.com/${name}`],
    labels: { tier: "edge" },
    annotations: { "example.com/owner": "edge" },
    validityHours: 720,
    earlyRenewalHours: 240,
  });

/** The Secret of a certificate alone. */
const secretOf = (...given: Parameters<typeof certificate>) => {
  const { secretName, revision } = certificate(...given);
  return { secretName, revision };
};

const priority = new kubernetes.scheduling.v1.PriorityClass("edge", { value: 1000 });
const common: NginxDeploymentArgs = {
  namespace,
  registry: "registry.example.com/mirror",
  resources: { requests: { cpu: "200m", memory: "256Mi" }, limits: { memory: "1Gi" } },
  drainSeconds: 120,
  monitoring: { exporterImage: "registry.example.com/exporter:1" },
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "edge", operator: "Exists", effect: "NoSchedule" }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/arch", operator: "In", values: ["amd64"] }] }],
      },
    },
  },
  priorityClassName: priority.metadata.name,
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { tier: "edge" } },
    },
  ],
};
const content = {
  configuration: {
    main: [{ name: "worker_rlimit_nofile", args: ["4096"] }],
    events: [{ name: "multi_accept", args: ["on"] }],
    http: [
      {
        name: "server",
        block: [
          { name: "listen", args: ["8443", "ssl"] },
          { name: "ssl_certificate", args: ["/etc/nginx/tls/tls.crt"] },
          { name: "ssl_certificate_key", args: ["/etc/nginx/tls/tls.key"] },
          { name: "include", args: ["/etc/nginx/parts/answer.conf"] },
        ],
      },
    ],
    stream: [
      {
        name: "server",
        block: [
          { name: "listen", args: ["5353", "udp"] },
          { name: "proxy_pass", args: ["dns.example.com:53"] },
        ],
      },
    ],
  },
  ports: [
    { name: "https", port: 443, targetPort: 8443, appProtocol: "https" },
    { name: "dns", port: 53, targetPort: 5353, protocol: "UDP" as const },
  ],
  files: [{ path: "/etc/nginx/parts/answer.conf", content: 'return 200 "ok";\n' }],
};

new NginxPlus("licensed", {
  ...common,
  ...content,
  edition: "plus",
  release: "R36 P8",
  image: "registry.example.com/nginx-plus:r36",
  imagePullSecrets: [new RegistrySecret("registry", { namespace, jwt: config.requireSecret("jwt") }).secretName],
  license: new LicenseSecret("license", { namespace, jwt: config.requireSecret("jwt") }),
  management: {
    usageEndpoint: "nim.example.com:8443",
    resolver: ["192.0.2.53"],
    trustedCertificates: certificate("reports", "client"),
    clientCertificate: certificate("reporter", "client"),
    enforceInitialReport: false,
    proxy: { host: "proxy.example.com", port: 3128, username: "reporter", password: config.requireSecret("password") },
  },
  autoscaling: {
    minReplicas: 2,
    maxReplicas: 4,
    cpuPercent: 60,
    connectionsPerPod: 3000,
    scaleDown: { stabilizationWindowSeconds: 3600, pods: 2, periodSeconds: 1800 },
  },
  podDisruptionBudget: { minAvailable: 1 },
  service: {
    type: "LoadBalancer",
    annotations: { "example.com/pool": "public" },
    externalTrafficPolicy: "Local",
    loadBalancerSourceRanges: ["198.51.100.0/24"],
  },
  networkPolicy: {
    metricsFrom: [{ namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } }],
    dns: [{ cidr: "192.0.2.53/32" }],
    clients: [{ cidr: "198.51.100.0/24" }, { podLabels: { app: "client" }, namespaceLabels: { team: "edge" } }],
    upstreams: [{ cidr: "192.0.2.0/24", ports: [53], protocol: "UDP" }],
    licenseEndpointCidrs: ["203.0.113.0/24"],
  },
  secretMounts: [{ name: "tls", path: "/etc/nginx/tls", ...secretOf("licensed-server", "serverAndClient") }],
});

new NginxPlus("open", {
  ...common,
  ...content,
  edition: "oss",
  openshift: true,
  replicas: 3,
  podDisruptionBudget: { maxUnavailable: 1 },
  service: { name: "open", type: "NodePort" },
  networkPolicy: { metricsFrom: [] },
  secretMounts: [
    { name: "tls", path: "/etc/nginx/tls", keys: ["tls.crt", "tls.key"], ...secretOf("open-server", "server") },
  ],
});
