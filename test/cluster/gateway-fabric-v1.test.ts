import { Gateway, GatewayFabricV1, type GatewayFabricV1Args, Namespace } from "../../components";
import { manifests, record } from "../../engine";
import { applyFiles, crdSource } from "./crds";
import { describeCluster, isForeign } from "./fixture";

/** Kinds of other operators, whose CRDs are not here. */
const foreign = ["SecurityContextConstraints", "PodMonitor", "PrometheusRule"];

const everyOption: Omit<GatewayFabricV1Args, "namespace"> = {
  name: "edge",
  gatewayClassName: "edge",
  gatewayControllerName: "gateway.nginx.org/edge",
  usage: {
    license: { secretName: "license" },
    usageEndpoint: "nim.example.com:8443",
    resolver: "10.96.0.10",
    unsafeSkipVerification: true,
    trustedCertificates: { secretName: "nim-ca" },
    clientCertificate: { secretName: "nim-client" },
  },
  imagePullSecrets: ["mirror", "f5"],
  registry: "registry.example.com/mirror",
  openshift: true,
  replicas: 2,
  resources: { requests: { cpu: "100m", memory: "128Mi" } },
  logLevel: "debug",
  errorLevel: "debug",
  dataPlaneConfig: { ipFamily: "ipv4", disableHTTP2: true },
  monitoring: { port: 9999, secure: true, prometheusOperator: true, labels: { release: "prometheus" } },
  healthPort: 9998,
  productTelemetry: false,
  snippetsFilters: true,
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "edge", operator: "Exists" }],
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
  ],
  service: {
    type: "LoadBalancer",
    externalTrafficPolicy: "Cluster",
    annotations: { "example.com/team": "edge" },
    loadBalancerSourceRanges: ["192.0.2.0/24"],
    ports: [{ name: "https", port: 443, nodePort: 30443 }],
  },
  terminationGracePeriodSeconds: 60,
};

// A cluster that is not the tests' own keeps its CRDs.
const eachSet: jest.Each = isForeign ? test.skip.each : test.each;

describeCluster("Gateway Fabric 1.6", (cluster) => {
  eachSet<[string, Omit<GatewayFabricV1Args, "namespace">]>([
    ["NGINX Plus with every option", everyOption],
    ["1.6.1 with nothing but defaults", { edition: "oss", version: "1.6.1" }],
  ])("%s is what the API server knows, and becomes Ready", async (_, args) => {
    const run = await record(() => {
      const namespace = new Namespace("gateway", { podSecurity: "baseline" }).name;
      // Only of 1.6.2 the CRDs are kept beside the project; those of 1.6.1 are the same.
      const fabric = new GatewayFabricV1("fabric", { ...args, namespace, crds: "existing" });
      new Gateway("web", {
        namespace,
        gatewayClassName: fabric.gatewayClassName,
        listeners: [{ name: "http", port: 80, protocol: "HTTP" }],
      });
    });
    const objects = manifests(run, { secrets: "show" }).filter(({ kind }) => !foreign.includes(kind));
    const definitions = await record(
      () => void new GatewayFabricV1("fabric", { edition: "oss", namespace: "unused", crdSource }),
    );
    await applyFiles(cluster(), definitions);
    await cluster().apply(objects);
    await cluster().waitReady(objects);
  });
});
