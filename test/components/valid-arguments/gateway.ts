import type { ValidArguments } from "./index";

const customVersion = {
  chartVersion: "0.0.0-edge",
  imageTag: "edge",
  plusRelease: "R37.0",
  kubernetes: "1.31",
};
const usage = {
  license: { secretName: "nplus-license", key: "license.jwt", revision: "1" },
  usageEndpoint: "nim.example.com:8443",
  instanceManagerVersion: "2.22.2",
  resolver: "10.0.0.10",
  unsafeSkipVerification: true,
  trustedCertificates: { secretName: "nim-ca", revision: "1" },
  clientCertificate: { secretName: "nim-client", revision: "1" },
};
/** Arguments that both lines have. */
const common = {
  namespace: "nginx-gateway",
  name: "edge",
  edition: "plus",
  crds: "install",
  crdSource: "https://mirror.example.com/crds",
  deleteCrds: true,
  usage,
  registry: "registry.example.com:5000/mirror",
  controlPlaneImage: { repository: "registry.example.com/control", tag: "1", pullPolicy: "Always" },
  dataPlaneImage: { repository: "registry.example.com/nginx", tag: "1", pullPolicy: "Never" },
  imagePullSecrets: ["mirror", "regcred"],
  openshift: true,
  replicas: 2,
  resources: { limits: { memory: "256Mi" } },
  logLevel: "debug",
  monitoring: { port: 9114, secure: true, prometheusOperator: true, labels: { release: "prometheus" } },
  healthPort: 8082,
  productTelemetry: false,
  leaderElection: true,
  gatewayClassName: "edge",
  gatewayControllerName: "gateway.nginx.org/edge",
  experimentalFeatures: true,
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "edge", operator: "Exists" }],
  affinity: { podAntiAffinity: {} },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
};
const loadBalancer = {
  type: "LoadBalancer",
  externalTrafficPolicy: "Cluster",
  loadBalancerIP: "192.0.2.1",
  loadBalancerSourceRanges: ["203.0.113.0/24", "2001:db8::/32"],
};
const dataPlane = {
  replicas: 2,
  resources: { limits: { memory: "256Mi" } },
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "edge", operator: "Exists" }],
  affinity: { podAntiAffinity: {} },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
  service: loadBalancer,
  config: { ipFamily: "ipv4", metrics: { port: 9999 } },
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const gatewayArguments: ValidArguments = {
  GatewayFabric: [
    {
      ...common,
      version: "2.6.7",
      usage: { ...usage, enforceInitialReport: false },
      priorityClassName: "high",
      controlPlanePullSecrets: ["mirror"],
      serverCertificate: { secretName: "server-tls", revision: "1" },
      agentCertificate: { secretName: "agent-tls", revision: "1" },
      clusterDomain: "cluster.example",
      watchNamespaces: ["shop", "blog"],
      dataPlane,
      snippets: true,
      inferenceExtension: true,
    },
    {
      ...common,
      edition: "oss",
      usage: undefined,
      customVersion: {
        ...customVersion,
        version: "2.6.8",
        gatewayApiVersion: "1.5.1",
        secretNameLimit: 253,
        behavesLike: "2.6.7",
      },
      delivery: "helm",
      snippetsFilters: true,
      dataPlane,
      helmValues: { nginxGateway: { podAnnotations: { team: "edge" } }, extraObjects: [], nginx: { debug: true } },
    },
  ],
  GatewayFabricV1: [
    {
      ...common,
      version: "1.6.2",
      priorityClassName: "high",
      snippetsFilters: true,
      service: {
        ...loadBalancer,
        annotations: { team: "edge" },
        ports: [
          { name: "http", port: 80, targetPort: 8080, nodePort: 30080 },
          { name: "https", port: 443 },
        ],
      },
      errorLevel: "warn",
      dataPlaneConfig: { ipFamily: "ipv4" },
      terminationGracePeriodSeconds: 60,
    },
    {
      ...common,
      edition: "oss",
      usage: undefined,
      customVersion: {
        ...customVersion,
        version: "1.6.3",
        gatewayApiVersion: "1.2.1",
        secretNameLimit: 253,
        behavesLike: "1.6.2",
      },
      delivery: "helm",
      helmValues: { nginxGateway: { podAnnotations: { team: "edge" } } },
    },
  ],
  Gateway: [
    {
      namespace: "shop",
      name: "web",
      gatewayClassName: "edge",
      listeners: [
        { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { from: "All", kinds: ["HTTPRoute", "GRPCRoute"] } },
        {
          name: "https",
          port: 443,
          protocol: "HTTPS",
          hostname: "shop.example.com",
          certificates: [
            { secretName: "shop-rsa", revision: "1" },
            { secretName: "shop-ecdsa", namespace: "certs", grant: true },
          ],
          allowedRoutes: { from: "Selector", namespaceLabels: { team: "shop" } },
        },
        { name: "database", port: 443, protocol: "TLS", hostname: "*.db.example.com", passthrough: true },
        { name: "tcp", port: 5432, protocol: "TCP", allowedRoutes: { kinds: ["TCPRoute"] } },
        { name: "udp", port: 5432, protocol: "UDP" },
      ],
      labels: { team: "edge" },
      infrastructureLabels: { team: "edge" },
      infrastructureAnnotations: { "example.com/load-balancer": "internal" },
      nginxProxy: "own-settings",
    },
  ],
};
