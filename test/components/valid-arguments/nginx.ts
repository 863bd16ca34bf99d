import { acceptFaults } from "../known-faults";
import type { ValidArguments } from "./index";

const peers = [{ cidr: "192.0.2.0/24" }, { podLabels: { app: "sensor" }, namespaceLabels: { team: "plant" } }];
const pods = {
  namespace: "edge",
  registry: "registry.example.com/mirror",
  imagePullSecrets: ["registry"],
  podDisruptionBudget: { minAvailable: 1 },
  resources: { requests: { cpu: "100m", memory: "128Mi" } },
  service: {
    name: "edge",
    type: "LoadBalancer",
    annotations: { note: "b" },
    externalTrafficPolicy: "Local",
    loadBalancerClass: "example.com/internal",
    loadBalancerSourceRanges: ["192.0.2.0/24"],
  },
  drainSeconds: 60,
  nodeSelector: { zone: "a" },
  tolerations: [{ key: "edge", operator: "Exists" }],
  priorityClassName: "high",
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
};
const configuration = {
  main: [{ name: "worker_processes", args: ["4"] }],
  events: [{ name: "worker_connections", args: ["1024"] }],
  http: [
    { name: "map", args: ["$http_host", "$backend"], variables: true, block: [{ name: "default", args: ["backend"] }] },
    { name: "upstream", args: ["backend"], block: [{ name: "server", args: ["192.0.2.1:8080"] }] },
    {
      name: "server",
      block: [
        { name: "listen", args: ["8443", "ssl"] },
        { name: "ssl_certificate", args: ["/etc/nginx/tls/tls.crt"] },
        { name: "ssl_certificate_key", args: ["/etc/nginx/tls/tls.key"] },
        { name: "include", args: ["/etc/nginx/parts/headers.conf"] },
        {
          name: "location",
          args: ["/"],
          block: [
            { name: "proxy_pass", args: ["http://$backend"], variables: true },
            { name: "proxy_set_header", args: ["Host", "$host"], variables: true },
          ],
        },
      ],
    },
  ],
  stream: [
    {
      name: "server",
      block: [
        { name: "listen", args: ["1883"] },
        { name: "proxy_pass", args: ["192.0.2.1:1883"] },
        { name: "status_zone", args: ["mqtt"], plus: true },
      ],
    },
  ],
};
const files = [{ path: "/etc/nginx/parts/headers.conf", content: "add_header X-Edge 1;" }];
const secretMounts = [
  { name: "tls", secretName: "tls", path: "/etc/nginx/tls", revision: "1", keys: ["tls.crt", "tls.key"] },
];
const ports = [
  { name: "mqtt", port: 1883, protocol: "TCP" },
  { name: "https", port: 443, targetPort: 8443, appProtocol: "https" },
];

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const nginxArguments: ValidArguments = {
  NginxPlus: [
    {
      ...pods,
      edition: "plus",
      license: { secretName: "license", key: "license.jwt", revision: "1" },
      ...acceptFaults,
      release: "R36 P8",
      image: "registry.example.com/nginx-plus:r36",
      management: {
        usageEndpoint: "nim.example.com:8443",
        instanceManagerVersion: "2.22.2",
        resolver: ["192.0.2.53", "valid=30s"],
        trustedCertificates: { secretName: "ca", revision: "1" },
        clientCertificate: { secretName: "client", revision: "1" },
        enforceInitialReport: false,
        proxy: { host: "proxy.example.com", port: 3128, username: "edge", password: "a b" },
      },
      autoscaling: {
        minReplicas: 2,
        maxReplicas: 5,
        cpuPercent: 70,
        connectionsPerPod: 1000,
        scaleDown: { stabilizationWindowSeconds: 300, pods: 1, periodSeconds: 60 },
      },
      networkPolicy: {
        clients: peers,
        metricsFrom: peers,
        upstreams: [{ cidr: "192.0.2.0/24", ports: [8883], protocol: "TCP" }],
        dns: peers,
        licenseEndpointCidrs: ["203.0.113.7/32"],
      },
      monitoring: {
        exporterImage: "registry.example.com/exporter:1.5.3",
        prometheusOperator: true,
        labels: { release: "prometheus" },
        dashboard: true,
        dashboardLabels: { dashboards: "1" },
      },
      ports,
      configuration,
      files,
      secretMounts,
    },
    {
      ...pods,
      edition: "oss",
      replicas: 3,
      openshift: true,
      networkPolicy: {},
      affinity: { nodeAffinity: {} },
      ports,
      configuration,
      files,
      secretMounts,
    },
    {
      namespace: "edge",
      license: { secretName: "license" },
      management: { existing: { name: "management", key: "mgmt.conf", revision: "1" } },
      ports: [{ name: "http", port: 8000 }],
      configuration: { http: [{ name: "server", block: [{ name: "listen", args: ["8000"] }] }] },
    },
  ],
};
