import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Gateway,
  GatewayFabric,
  type GatewayFabricCommonArgs,
  GatewayFabricV1,
  LicenseSecret,
  Namespace,
  RegistrySecret,
  TrustedCertificates,
} from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { goodToken } from "../components/foundation/token";
import { applyFiles, crdSource, remove } from "./crds";
import { describeCluster, isForeign } from "./fixture";

/** A licensed Gateway Fabric that reports to NGINX Instance Manager, with its Secrets. */
function licensed(namespace: pulumi.Input<string>): GatewayFabricCommonArgs {
  const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
  return {
    namespace,
    edition: "plus",
    crdSource,
    imagePullSecrets: [new RegistrySecret("registry", { namespace, jwt: goodToken() }).secretName],
    usage: {
      license: new LicenseSecret("license", { namespace, jwt: goodToken() }),
      usageEndpoint: "nim.example.com:8443",
      resolver: "192.0.2.53",
      trustedCertificates: new TrustedCertificates("nim-ca", { namespace, certificatesPem: issuer.bundle }),
      clientCertificate: new Certificate("nim-client", {
        namespace,
        issuer,
        usage: "client",
        subject: { commonName: "gateway" },
      }),
    },
    replicas: 2,
    resources: { requests: { cpu: "10m", memory: "32Mi" } },
    logLevel: "debug",
    monitoring: { port: 9114, secure: true },
    healthPort: 8082,
    productTelemetry: false,
    snippetsFilters: true,
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [{ key: "edge", operator: "Exists" }],
  };
}

/** A Gateway with listeners of every kind, and routes to some of them. */
function gatewayAndRoutes(namespace: pulumi.Input<string>, gatewayClassName: pulumi.Input<string>): void {
  const issuer = new CertificateAuthority("web-authority", { subject: { commonName: "web root" } });
  const certificate = new Certificate("web-certificate", {
    namespace,
    issuer,
    usage: "server",
    subject: { commonName: "web" },
    dnsNames: ["*.example.com"],
  });
  const gateway = new Gateway("web", {
    namespace,
    gatewayClassName,
    listeners: [
      { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { from: "All", kinds: ["HTTPRoute", "GRPCRoute"] } },
      {
        name: "https",
        port: 443,
        protocol: "HTTPS",
        hostname: "*.example.com",
        certificates: [certificate],
        allowedRoutes: { from: "Selector", namespaceLabels: { team: "web" } },
      },
    ],
    labels: { team: "web" },
  });
  // Gateway Fabric does not serve these without experimental features, or not yet; the API server knows them.
  new Gateway("web-other", {
    namespace,
    gatewayClassName: "other",
    listeners: [
      { name: "database", port: 443, protocol: "TLS", hostname: "db.example.com", passthrough: true },
      { name: "tls", port: 8443, protocol: "TLS", certificates: [certificate] },
      { name: "tcp", port: 5432, protocol: "TCP" },
      { name: "udp", port: 5432, protocol: "UDP" },
    ],
    infrastructureLabels: { team: "web" },
    infrastructureAnnotations: { "example.com/load-balancer": "internal" },
    nginxProxy: "own-settings",
  });
  const parentRefs = (sectionName: string) => [{ name: gateway.gatewayName, sectionName }];
  const route = (name: string, kind: string, spec: object) =>
    new kubernetes.apiextensions.CustomResource(name, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind,
      metadata: { namespace },
      spec,
    });
  route("pages", "HTTPRoute", {
    parentRefs: parentRefs("https"),
    hostnames: ["shop.example.com"],
    rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [{ name: "pages", port: 80 }] }],
  });
  route("calls", "GRPCRoute", {
    parentRefs: parentRefs("https"),
    hostnames: ["api.example.com"],
    rules: [
      {
        matches: [{ method: { service: "shop.Orders", method: "Place" } }],
        backendRefs: [{ name: "calls", port: 50051 }],
      },
    ],
  });
}

const lines: Record<string, (args: GatewayFabricCommonArgs) => GatewayFabric | GatewayFabricV1> = {
  "1.6.2": (args) =>
    new GatewayFabricV1("fabric", {
      ...args,
      errorLevel: "warn",
      dataPlaneConfig: { ipFamily: "ipv4" },
      service: { type: "NodePort", ports: [{ name: "https", port: 443, nodePort: 30443 }] },
    }),
  "2.6.8": (args) => fabric({ ...args, version: "2.6.8" }),
  "2.7.2": (args) => fabric({ ...args, version: "2.7.2" }),
};

const fabric = (args: GatewayFabricCommonArgs) =>
  new GatewayFabric("fabric", {
    ...args,
    watchNamespaces: ["default"],
    // The folder has no CRD of InferencePools.
    inferenceExtension: crdSource === undefined,
    dataPlane: {
      replicas: 2,
      resources: { limits: { memory: "256Mi" } },
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ key: "edge", operator: "Exists" }],
      service: { type: "NodePort" },
      config: { ipFamily: "ipv4", logging: { errorLevel: "warn" } },
    },
  });

// A cluster that is not the tests' own keeps its CRDs.
const eachLine = isForeign ? test.skip.each : test.each;

describeCluster("Gateway Fabric and a Gateway", (cluster) => {
  eachLine(Object.keys(lines))("of %s: the API server knows every option, and all becomes Ready", async (version) => {
    const run = await record(() => {
      const namespace = new Namespace("gateway", { podSecurity: "baseline" }).name;
      const { gatewayClassName } = lines[version]!(licensed(namespace));
      gatewayAndRoutes(namespace, gatewayClassName);
    });
    const objects = manifests(run, { secrets: "show" });
    const files = await applyFiles(cluster(), run);
    await cluster().apply(objects);
    await cluster().waitReady(objects);

    const gateway = objects.find(
      ({ kind, metadata }) => kind === "Gateway" && metadata.name.startsWith("web-gateway"),
    )!;
    await expect(refusal(gateway, ([http]) => [http, { ...http, name: "again" }])).rejects.toThrow(
      "Combination of port, protocol and hostname must be unique for each listener",
    );
    await expect(
      refusal(gateway, ([http]) => [{ ...http, protocol: "TCP", hostname: "shop.example.com" }]),
    ).rejects.toThrow("hostname must not be specified for protocols ['TCP', 'UDP']");
    await expect(refusal(gateway, ([http, https]) => [{ ...http, tls: https!.tls }])).rejects.toThrow(
      "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
    );

    await remove(cluster(), objects);
    await cluster().kubectl(["delete", "--wait", ...files]);
  });

  /** Applies the Gateway with other listeners: what the component refuses, the CRD's own rules refuse too. */
  function refusal(gateway: KubernetesObject, change: (listeners: Listener[]) => unknown[]): Promise<void> {
    const wrong = structuredClone(gateway) as KubernetesObject & { spec: { listeners: unknown[] } };
    wrong.spec.listeners = change(wrong.spec.listeners as Listener[]);
    return cluster().apply([wrong]);
  }
});

type Listener = Record<string, unknown>;
