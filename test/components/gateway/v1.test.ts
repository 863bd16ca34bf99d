import { LicenseSecret, RegistrySecret } from "../../../components/foundation";
import { GatewayFabricV1 } from "../../../components/gateway/gateway-fabric-v1";
import type { GatewayFabricV1Args } from "../../../components/gateway/gateway-fabric-v1-args";
import { Certificate, CertificateAuthority, TrustedCertificates } from "../../../components/pki";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { danglingPorts, danglingReferences, requestLints } from "../../lints";
import { goodToken } from "../foundation/token";
import { namesKnownFault } from "../known-faults";
import { plus, rendered, the } from "./v1-fixture";

const namespace = "nginx-gateway";
const container = (objects: KubernetesObject[], name: string) =>
  the("Deployment", objects).spec.template.spec.containers.find((one: { name: string }) => one.name === name);
const images = (objects: KubernetesObject[]) => {
  const { initContainers, containers } = the("Deployment", objects).spec.template.spec;
  return [...initContainers, ...containers].map(({ image, imagePullPolicy }) => [image, imagePullPolicy]);
};

/** What the seed does, with Secrets of our own: licence, registry, and reports to an Instance Manager that this authority certifies. */
function reportingToInstanceManager(jwt: string): void {
  const license = new LicenseSecret("license", { namespace, jwt });
  const registry = new RegistrySecret("registry", { namespace, jwt });
  const authority = new CertificateAuthority("authority", { subject: { commonName: "Root" } });
  const trustedCertificates = new TrustedCertificates("nim-ca", { namespace, certificatesPem: authority.bundle });
  const clientCertificate = new Certificate("nim-client", {
    namespace,
    issuer: authority,
    usage: "client",
    subject: { commonName: "gateway" },
  });
  new GatewayFabricV1("gateway", {
    namespace,
    crds: "existing",
    imagePullSecrets: [registry.secretName],
    usage: { license, usageEndpoint: "nim.example.com", trustedCertificates, clientCertificate },
  });
}

describe("with Secrets of our own", () => {
  test("every reference leads to an object and a key of it", async () => {
    const run = await record(() => reportingToInstanceManager(goodToken()));
    const objects = manifests(run, { secrets: "show" });
    expect(danglingReferences(objects)).toEqual([]);
    expect(danglingPorts(objects)).toEqual([]);
    const secretNames = (suffix: string) => objects.find(({ metadata }) => metadata.name.startsWith(suffix))!.metadata;
    expect(the("ServiceAccount", objects).imagePullSecrets).toEqual([{ name: secretNames("registry-secret-").name }]);
    expect(container(objects, "nginx-gateway").args).toEqual(
      expect.arrayContaining([
        `--usage-report-secret=${secretNames("license-secret-").name}`,
        `--usage-report-ca-secret=${secretNames("nim-ca-secret-").name}`,
        `--usage-report-client-ssl-secret=${secretNames("nim-client-secret-").name}`,
      ]),
    );
  });

  test.each(Object.keys(requestLints).filter((lint) => !lint.includes("name of its own choosing")))(
    "%s",
    async (lint) => {
      expect(requestLints[lint]!(await record(() => reportingToInstanceManager(goodToken())))).toEqual([]);
    },
  );

  test("another licence changes the pods of the one Deployment, and nothing that would replace it", async () => {
    const objects = async () => manifests(await record(() => reportingToInstanceManager(goodToken())));
    const [before, after] = [the("Deployment", await objects()), the("Deployment", await objects())];
    const { template: old, ...specBefore } = before.spec;
    const { template: young, ...specAfter } = after.spec;
    expect(young).not.toEqual(old);
    expect({ ...after, spec: specAfter }).toEqual({ ...before, spec: specBefore });
  });
});

test("two of them in one namespace share no object", async () => {
  const run = await record(() => {
    for (const name of ["one", "two"])
      new GatewayFabricV1(name, {
        namespace,
        name,
        gatewayClassName: name,
        edition: "oss",
        crds: "existing",
        errorLevel: "warn",
        openshift: true,
      });
  });
  const identities = manifests(run).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(identities).size).toBe(identities.length);
});

describe("images", () => {
  test("a mirror stands in for each registry", async () => {
    expect(images(await rendered({ ...plus, registry: "registry.example.com/mirror" }))).toEqual([
      ["registry.example.com/mirror/nginx/nginx-gateway-fabric:1.6.2", "IfNotPresent"],
      ["registry.example.com/mirror/nginx/nginx-gateway-fabric:1.6.2", "IfNotPresent"],
      ["registry.example.com/mirror/nginx-gateway-fabric/nginx-plus:1.6.2", "IfNotPresent"],
    ]);
  });

  test("each image can be named apart, with a digest", async () => {
    const tag = `1.6.1@sha256:${"0".repeat(64)}`;
    const objects = await rendered({
      edition: "oss",
      version: "1.6.1",
      controlPlaneImage: { repository: "registry.example.com/control", pullPolicy: "Always" },
      dataPlaneImage: { tag },
    });
    expect(images(objects)).toEqual([
      ["registry.example.com/control:1.6.1", "Always"],
      ["registry.example.com/control:1.6.1", "Always"],
      [`ghcr.io/nginx/nginx-gateway-fabric/nginx:${tag}`, "IfNotPresent"],
    ]);
  });

  test("several pull secrets stand in the ServiceAccount, in their order", async () => {
    const objects = await rendered({ ...plus, imagePullSecrets: ["mirror", "f5"] });
    expect(the("ServiceAccount", objects).imagePullSecrets).toEqual([{ name: "mirror" }, { name: "f5" }]);
  });

  test("a version that is not known is what its entry says", async () => {
    const objects = await rendered({
      ...plus,
      customVersion: {
        version: "1.6.3",
        chartVersion: "1.6.3",
        imageTag: "1.6.3-patched",
        gatewayApiVersion: "1.2.1",
        plusRelease: "R33",
        kubernetes: "1.25",
        secretNameLimit: 253,
        behavesLike: "1.6.2",
      },
    });
    expect(images(objects)[2]![0]).toBe("private-registry.nginx.com/nginx-gateway-fabric/nginx-plus:1.6.3-patched");
    expect(the("Deployment", objects).metadata.labels["app.kubernetes.io/version"]).toBe("1.6.3");
  });
});

describe("switches", () => {
  const flags = async (args: Partial<GatewayFabricV1Args>) =>
    container(await rendered({ edition: "oss", ...args }), "nginx-gateway").args.slice(5);

  test("metrics off", async () => {
    const objects = await rendered({ edition: "oss", monitoring: { enabled: false } });
    expect(container(objects, "nginx-gateway").args).toContain("--metrics-disable");
    expect(container(objects, "nginx-gateway").ports).toEqual([{ name: "health", containerPort: 8081 }]);
    expect(Object.keys(the("Deployment", objects).spec.template.metadata.annotations)).toEqual(["checksum/config"]);
  });

  test("metrics over TLS on another port", async () => {
    const objects = await rendered({ edition: "oss", monitoring: { port: 9999, secure: true } });
    expect(the("Deployment", objects).spec.template.metadata.annotations).toMatchObject({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9999",
      "prometheus.io/scheme": "https",
    });
    expect(container(objects, "nginx-gateway").args.slice(5, 7)).toEqual([
      "--metrics-port=9999",
      "--metrics-secure-serving",
    ]);
  });

  test("no leader, no telemetry: their flags and their rights", async () => {
    expect(await flags({ leaderElection: false, productTelemetry: false })).toEqual([
      "--metrics-port=9113",
      "--health-port=8081",
      "--leader-election-disable",
      "--product-telemetry-disable",
    ]);
    const { rules } = the(
      "ClusterRole",
      await rendered({ edition: "oss", leaderElection: false, productTelemetry: false }),
    );
    expect(JSON.stringify(rules)).not.toMatch(/leases|"pods"|nodes|replicasets/);
    // NGINX Plus counts nodes for its licence, telemetry or not.
    expect(JSON.stringify(the("ClusterRole", await rendered({ ...plus, productTelemetry: false })).rules)).toMatch(
      /"pods".*replicasets.*replicasets.*nodes/,
    );
  });

  test("placement, resources and patience", async () => {
    const placement = {
      nodeSelector: { "kubernetes.io/arch": "arm64" },
      tolerations: [{ key: "edge", operator: "Exists" }],
      affinity: { podAntiAffinity: {} },
      priorityClassName: "system-cluster-critical",
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
    };
    const resources = { requests: { cpu: "100m" } };
    const objects = await rendered({
      edition: "oss",
      ...placement,
      resources,
      replicas: 3,
      terminationGracePeriodSeconds: 60,
    });
    const { spec } = the("Deployment", objects);
    expect(spec.replicas).toBe(3);
    expect(spec.template.spec).toMatchObject({ ...placement, terminationGracePeriodSeconds: 60 });
    expect(container(objects, "nginx-gateway").resources).toEqual(resources);
    expect(container(objects, "nginx").resources).toBeUndefined();
  });

  test("the Service follows the Gateway's listeners", async () => {
    const objects = await rendered({
      edition: "oss",
      service: {
        type: "ClusterIP",
        annotations: { "example.com/team": "edge" },
        ports: [{ name: "alternative", port: 8443, targetPort: 443 }],
      },
    });
    expect(the("Service", objects)).toMatchObject({ metadata: { annotations: { "example.com/team": "edge" } } });
    expect(the("Service", objects).spec).toEqual({
      type: "ClusterIP",
      selector: { "app.kubernetes.io/instance": "nginx-gateway", "app.kubernetes.io/name": "nginx-gateway" },
      ports: [{ name: "alternative", port: 8443, protocol: "TCP", targetPort: 443 }],
    });
  });
});

test("the Prometheus Operator gets a PodMonitor and three alerts about this GatewayClass", async () => {
  const objects = await rendered({
    edition: "oss",
    gatewayClassName: "edge",
    monitoring: { prometheusOperator: true, labels: { release: "prometheus" } },
  });
  expect(the("PodMonitor", objects).spec).toEqual({
    selector: {
      matchLabels: { "app.kubernetes.io/instance": "nginx-gateway", "app.kubernetes.io/name": "nginx-gateway" },
    },
    podMetricsEndpoints: [{ port: "metrics" }],
  });
  expect(the("PrometheusRule", objects).metadata.labels.release).toBe("prometheus");
  const [{ rules }] = the("PrometheusRule", objects).spec.groups;
  expect(rules.map(({ alert, expr }: { alert: string; expr: string }) => `${alert}: ${expr}`)).toEqual([
    'GatewayFabricNginxDown: nginx_gateway_fabric_up{class="edge"} == 0',
    'GatewayFabricStaleConfiguration: nginx_gateway_fabric_nginx_stale_config{class="edge"} == 1',
    'GatewayFabricReloadsFail: increase(nginx_gateway_fabric_nginx_reload_errors_total{class="edge"}[15m]) > 0',
  ]);
});

test("hints for the user are warnings", async () => {
  const warnings = async (args: Partial<GatewayFabricV1Args>) => {
    const run = await record(() => void new GatewayFabricV1("gateway", { namespace, crds: "existing", ...args }));
    return run.log
      .filter(({ severity, message }) => severity === "warning" && !namesKnownFault(message))
      .map(({ message }) => message.split(":").slice(1)[0]);
  };
  expect(await warnings({ edition: "oss" })).toEqual([
    expect.stringContaining("version 1.6.2 is of the 1.6 line, which is out of support"),
  ]);
  const license = { secretName: "nplus-license" };
  expect(
    await warnings({ usage: { license, usageEndpoint: "nim.example.com", unsafeSkipVerification: true } }),
  ).toEqual([expect.stringContaining("out of support"), " imagePullSecrets", " usage.unsafeSkipVerification"]);
  expect(await warnings({ usage: { license }, registry: "registry.example.com" })).toHaveLength(1);
});

test("Gateways get the class's name when the control plane is there", async () => {
  const run = await record(() => {
    const {
      namespace: where,
      gatewayClassName,
      releaseName,
      version,
    } = new GatewayFabricV1("gateway", {
      namespace,
      edition: "oss",
      crds: "existing",
    });
    return { where, gatewayClassName, releaseName, version };
  });
  expect(run.outputs).toEqual({
    where: namespace,
    gatewayClassName: "nginx",
    releaseName: "nginx-gateway",
    version: "1.6.2",
  });
});
