import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { GatewayFabric, GatewayFabricV1 } from "../../../components/gateway";
import { chartKeys, unknownChartKey } from "../../../components/gateway/chart-keys";
import type { GatewayFabricArgs } from "../../../components/gateway/gateway-fabric-args";
import type { GatewayFabricV1Args } from "../../../components/gateway/gateway-fabric-v1-args";
import { withCertificates } from "../../../components/gateway/helm-values";
import { resolveGatewayFabricV1 } from "../../../components/gateway/v1/resolve";
import { resolveGatewayFabric } from "../../../components/gateway/v2/resolve";
import type { ChartValues } from "../../../components/helm";
import { chartReleases, hasSecret, manifests, record } from "../../../engine";
import { goodToken } from "../foundation/token";

const upstream = join(__dirname, "../../../../shared/upstream");
const renders = join(upstream, "renders");
const here = existsSync(renders);
const upstreamTest = here ? test : test.skip;
const why = here ? "" : "upstream's charts are missing (../shared/upstream): ";

const certificates = { server: "server-tls", agent: "agent-tls" };
const values2 = (args: GatewayFabricArgs) =>
  withCertificates(resolveGatewayFabric("wrong", args).values!, certificates);
const values1 = (args: GatewayFabricV1Args) => resolveGatewayFabricV1("wrong", args).values!;

/** The arguments of each pair of values and manifests: what its license, endpoint and certificates are called is the same in both lines. */
const pairs: Record<string, NonNullable<GatewayFabricArgs["usage"]>> = {
  "usage-license": { license: { secretName: "my-license" } },
  "usage-nim-skip-verify": {
    license: { secretName: "nplus-license" },
    usageEndpoint: "nim.example.com:8443",
    unsafeSkipVerification: true,
  },
  "usage-nim-verified": {
    license: { secretName: "nplus-license" },
    usageEndpoint: "nim.example.com",
    resolver: "10.0.0.10",
    trustedCertificates: { secretName: "nim-ca" },
    clientCertificate: { secretName: "nim-client" },
  },
};
const common: Pick<GatewayFabricArgs, "namespace" | "delivery" | "imagePullSecrets"> = {
  namespace: "nginx-gateway",
  delivery: "helm",
  imagePullSecrets: ["nginx-plus-registry-secret"],
} as const;

describe("values equal those that upstream's renders were made with", () => {
  const read = (file: string) => parse(readFileSync(file, "utf8"));

  upstreamTest(`${why}no pair is left out`, () => {
    const names = readdirSync(renders).filter((name) => name.endsWith(".values.yaml"));
    const known = ["1.6.2", "2.6.7"].flatMap((version) =>
      Object.keys(pairs).map((pair) => `gateway-fabric-${version}-${pair}.values.yaml`),
    );
    expect(names.sort()).toEqual(known.sort());
  });

  upstreamTest.each(Object.keys(pairs))(`${why}%s`, (pair) => {
    const usage = pairs[pair]!;
    expect(values1({ ...common, usage })).toEqual(read(join(renders, `gateway-fabric-1.6.2-${pair}.values.yaml`)));
    expect(values2({ ...common, usage })).toEqual(read(join(renders, `gateway-fabric-2.6.7-${pair}.values.yaml`)));
  });
});

describe("the known keys", () => {
  /** Paths of a values.yaml, with the shape that our list gives them. */
  function paths(value: unknown, path = ""): string[] {
    if (Array.isArray(value)) return [`${path} list`];
    if (typeof value !== "object" || value === null) return [`${path} value`];
    const inner = Object.entries(value);
    if (inner.length === 0) return [`${path} map`];
    return inner.flatMap(([key, item]) => paths(item, path === "" ? key : `${path}.${key}`));
  }

  /** Not these two: templates of all charts ask for them, though the values.yaml of some has them not. */
  const inValues = (path: string) => !/^(?:name|fullname)Override /.test(path);

  interface Schema {
    properties?: Record<string, Schema>;
  }

  upstreamTest.each([
    [1, "1.6.2", "gateway-fabric-1.6.2-"],
    [2, "2.6.7", "gateway-fabric-2.6.7-"],
    [2, "2.7.2", "gateway-fabric-main-2026-08-20/"],
  ] as const)(
    `${why}of line %s are those of the chart's values.yaml and of the schema of nginx.config, %s`,
    (line, version, files) => {
      const file = (end: string) => readFileSync(join(upstream, `${files}chart-values.${end}`), "utf8");
      const fields = ({ properties }: Schema, path: string): string[] =>
        Object.entries(properties ?? {}).flatMap(([key, inner]) =>
          inner.properties ? fields(inner, `${path}.${key}`) : [`${path}.${key}`],
        );
      const schema = JSON.parse(file("schema.json")) as Schema;
      const config = fields(schema.properties!.nginx!.properties!.config!, "nginx.config");
      const keys = [...chartKeys(line, version)];
      expect(
        keys
          .map(([path]) => path)
          .filter((path) => path.startsWith("nginx.config."))
          .sort(),
      ).toEqual(config.sort());
      expect(
        keys
          .filter(([path]) => !path.startsWith("nginx.config."))
          .map(([path, shape]) => `${path} ${shape}`)
          .filter(inValues)
          .sort(),
      ).toEqual(
        paths(parse(file("yaml")))
          .filter((path) => path !== "nginx.config map")
          .filter(inValues)
          .sort(),
      );
    },
  );

  test("an older chart has fewer of them", () => {
    const sizes = ["2.0.0", "2.0.1", "2.1.0", "2.2.0", "2.2.1", "2.3.0", "2.4.0", "2.5.1", "2.6.0", "2.6.7"].map(
      (version) => chartKeys(2, version).size,
    );
    expect(sizes).toEqual([...sizes].sort((one, other) => one - other));
    expect(chartKeys(2, "2.0.2").get("nginx.container")).toBe("map");
    expect(chartKeys(2, "2.1.0").has("nginx.container")).toBe(false);
    expect(chartKeys(2, "2.2.0").has("certGenerator.enable")).toBe(false);
    expect(chartKeys(2, "2.2.1").has("certGenerator.enable")).toBe(true);
  });

  test("every key of 1.6 that 2.x has not says what it became", () => {
    const now = chartKeys(2, "2.6.7");
    const gone = [...chartKeys(1, "1.6.2").keys()].filter((key) => !now.has(key));
    expect(Object.fromEntries(gone.map((key) => [key, unknownChartKey(2, "2.6.7", key)]))).toMatchInlineSnapshot(`
{
  "affinity": "affinity of 1.6 became nginxGateway.affinity for the control plane, nginx.pod.affinity for the data plane",
  "extraVolumes": "extraVolumes of 1.6 became nginxGateway.extraVolumes for the control plane, nginx.pod.volumes for the data plane",
  "metrics.enable": "metrics.enable of 1.6 became nginxGateway.metrics.enable",
  "metrics.port": "metrics.port of 1.6 became nginxGateway.metrics.port",
  "metrics.secure": "metrics.secure of 1.6 became nginxGateway.metrics.secure",
  "nginx.extraVolumeMounts": "nginx.extraVolumeMounts of 1.6 became nginx.container.volumeMounts",
  "nginx.lifecycle": "nginx.lifecycle of 1.6 became nginx.container.lifecycle",
  "nginxGateway.replicaCount": "nginxGateway.replicaCount of 1.6 became nginxGateway.replicas for the control plane, nginx.replicas for the data plane",
  "nginxGateway.securityContext.allowPrivilegeEscalation": "nginxGateway.securityContext of 1.6 became nothing: the control plane no longer reloads NGINX itself",
  "nodeSelector": "nodeSelector of 1.6 became nginxGateway.nodeSelector for the control plane, nginx.pod.nodeSelector for the data plane",
  "service.annotations": "service.annotations of 1.6 became spec.infrastructure.annotations of the Gateway",
  "service.create": "service.create of 1.6 became nothing: every Gateway has a Service",
  "service.externalTrafficPolicy": "service.externalTrafficPolicy of 1.6 became nginx.service.externalTrafficPolicy",
  "service.loadBalancerIP": "service.loadBalancerIP of 1.6 became nginx.service.loadBalancerIP",
  "service.loadBalancerSourceRanges": "service.loadBalancerSourceRanges of 1.6 became nginx.service.loadBalancerSourceRanges",
  "service.ports": "service.ports of 1.6 became nothing: the listeners of a Gateway are the ports of its Service",
  "service.type": "service.type of 1.6 became nginx.service.type",
  "serviceAccount.annotations": "serviceAccount.annotations of 1.6 became nginxGateway.serviceAccount.annotations",
  "serviceAccount.imagePullSecret": "serviceAccount.imagePullSecret of 1.6 became nginx.imagePullSecret for the image of NGINX, nginxGateway.serviceAccount.imagePullSecret for that of the control plane",
  "serviceAccount.imagePullSecrets": "serviceAccount.imagePullSecrets of 1.6 became nginx.imagePullSecrets for the image of NGINX, nginxGateway.serviceAccount.imagePullSecrets for that of the control plane",
  "serviceAccount.name": "serviceAccount.name of 1.6 became nginxGateway.serviceAccount.name",
  "terminationGracePeriodSeconds": "terminationGracePeriodSeconds of 1.6 became nginxGateway.terminationGracePeriodSeconds for the control plane, nginx.pod.terminationGracePeriodSeconds for the data plane",
  "tolerations": "tolerations of 1.6 became nginxGateway.tolerations for the control plane, nginx.pod.tolerations for the data plane",
  "topologySpreadConstraints": "topologySpreadConstraints of 1.6 became nginxGateway.topologySpreadConstraints for the control plane, nginx.pod.topologySpreadConstraints for the data plane",
}
`);
  });

  test.each([
    [2, "2.6.7", "nginx.plsu", "the nearest key is nginx.plus"],
    [2, "2.6.7", "nginxgateway.metrics.enabled", "the nearest key is nginxGateway.metrics.enable"],
    [2, "2.6.7", "replicas", "the nearest key is nginxGateway.replicas"],
    [2, "2.6.7", "nginx.config.worker_connections", "the nearest key is nginx.config.workerConnections"],
    [2, "2.2.0", "nginxGateway.watchNamespaces", "nginxGateway.watchNamespaces came with 2.4.0"],
    [1, "1.6.2", "nginxGateway.replicas", "2.x has it; in 1.6 it is nginxGateway.replicaCount"],
    [1, "1.6.2", "nginx.imagePullSecret", "2.x has it; in 1.6 it is serviceAccount.imagePullSecret"],
    [1, "1.6.2", "serviceAccount.imagePullSecretName", "the nearest key is serviceAccount.imagePullSecret"],
  ] as const)("%s, %s: %s", (line, version, path, expected) => {
    expect(unknownChartKey(line, version, path)).toBe(expected);
  });
});

describe("every argument has its key", () => {
  const pods = { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "edge", operator: "Exists" }] };

  test("in 2.x", () => {
    expect(
      values2({
        namespace: "n",
        delivery: "helm",
        edition: "oss",
        name: "edge",
        registry: "registry.example.com/mirror",
        imagePullSecrets: ["one", "two"],
        controlPlanePullSecrets: ["one"],
        controlPlaneImage: { tag: `2.6.7@sha256:${"0".repeat(64)}`, pullPolicy: "Always" },
        dataPlaneImage: { repository: "registry.example.com/own/nginx" },
        replicas: 1,
        resources: { limits: { memory: "256Mi" } },
        logLevel: "debug",
        monitoring: { port: 9114, secure: true },
        healthPort: 8082,
        productTelemetry: false,
        leaderElection: false,
        gatewayClassName: "edge",
        gatewayControllerName: "gateway.nginx.org/edge",
        experimentalFeatures: true,
        snippets: true,
        inferenceExtension: true,
        watchNamespaces: ["shop"],
        priorityClassName: "high",
        ...pods,
        dataPlane: { replicas: 3, service: { type: "NodePort" }, config: { ipFamily: "ipv4" }, ...pods },
        helmValues: {
          nginxGateway: {
            podAnnotations: { team: pulumi.output("edge") },
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
          },
          nginx: { service: { loadBalancerClass: "internal" }, pod: { terminationGracePeriodSeconds: 60 } },
        },
      }),
    ).toMatchInlineSnapshot(
      { nginxGateway: { podAnnotations: { team: expect.anything() } } },
      `
{
  "certGenerator": {
    "enable": false,
  },
  "nginx": {
    "config": {
      "ipFamily": "ipv4",
    },
    "image": {
      "repository": "registry.example.com/own/nginx",
    },
    "imagePullSecrets": [
      "one",
      "two",
    ],
    "pod": {
      "nodeSelector": {
        "disk": "ssd",
      },
      "terminationGracePeriodSeconds": 60,
      "tolerations": [
        {
          "key": "edge",
          "operator": "Exists",
        },
      ],
    },
    "replicas": 3,
    "service": {
      "loadBalancerClass": "internal",
      "type": "NodePort",
    },
  },
  "nginxGateway": {
    "config": {
      "logging": {
        "level": "debug",
      },
    },
    "gatewayClassName": "edge",
    "gatewayControllerName": "gateway.nginx.org/edge",
    "gwAPIExperimentalFeatures": {
      "enable": true,
    },
    "gwAPIInferenceExtension": {
      "enable": true,
    },
    "image": {
      "pullPolicy": "Always",
      "repository": "registry.example.com/mirror/nginx/nginx-gateway-fabric",
      "tag": "2.6.7@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    },
    "leaderElection": {
      "enable": false,
    },
    "lifecycle": {
      "preStop": {
        "sleep": {
          "seconds": 5,
        },
      },
    },
    "metrics": {
      "port": 9114,
      "secure": true,
    },
    "name": "edge",
    "nodeSelector": {
      "disk": "ssd",
    },
    "podAnnotations": {
      "team": Anything,
    },
    "priorityClassName": "high",
    "productTelemetry": {
      "enable": false,
    },
    "readinessProbe": {
      "port": 8082,
    },
    "replicas": 1,
    "resources": {
      "limits": {
        "memory": "256Mi",
      },
    },
    "serviceAccount": {
      "imagePullSecret": "one",
    },
    "snippets": {
      "enable": true,
    },
    "tolerations": [
      {
        "key": "edge",
        "operator": "Exists",
      },
    ],
    "watchNamespaces": [
      "shop",
    ],
  },
}
`,
    );
  });

  test("in 1.6", () => {
    expect(
      values1({
        namespace: "n",
        delivery: "helm",
        edition: "oss",
        replicas: 2,
        monitoring: { enabled: false },
        ...pods,
        terminationGracePeriodSeconds: 60,
        dataPlaneConfig: { ipFamily: "ipv4" },
        errorLevel: "warn",
        service: { type: "NodePort", ports: [{ name: "https", port: 443, targetPort: 8443, nodePort: 30443 }] },
      }),
    ).toMatchInlineSnapshot(`
{
  "metrics": {
    "enable": false,
  },
  "nameOverride": "nginx-gateway",
  "nginx": {
    "config": {
      "ipFamily": "ipv4",
      "logging": {
        "errorLevel": "warn",
      },
    },
  },
  "nginxGateway": {
    "replicaCount": 2,
  },
  "nodeSelector": {
    "disk": "ssd",
  },
  "service": {
    "ports": [
      {
        "name": "https",
        "nodePort": 30443,
        "port": 443,
        "protocol": "TCP",
        "targetPort": 8443,
      },
    ],
    "type": "NodePort",
  },
  "terminationGracePeriodSeconds": 60,
  "tolerations": [
    {
      "key": "edge",
      "operator": "Exists",
    },
  ],
}
`);
  });
});

test("defaults that SDKs of other languages write are no settings of a chart that has no key for them", () => {
  const off = { snippets: false, inferenceExtension: false, deleteCrds: false, crds: "install" } as const;
  const before = values2({ namespace: "n", delivery: "helm", edition: "oss", version: "2.2.1" });
  expect(values2({ namespace: "n", delivery: "helm", edition: "oss", version: "2.2.1", ...off })).toEqual(before);
  const usage = { license: { secretName: "nplus-license" } };
  const defaults = { enforceInitialReport: true, unsafeSkipVerification: false };
  expect(values1({ ...common, usage: { ...usage, ...defaults } })).toEqual(values1({ ...common, usage }));
});

describe("refused", () => {
  const base = { namespace: "n", delivery: "helm", edition: "oss" } as const;
  const token = goodToken();
  const secretManifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: registry\n";

  // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
  test.each<[Record<string, any>, string]>([
    [
      { nginx: { plsu: true } },
      "helmValues.nginx.plsu is no key of the chart of 2.6.8, which would ignore it; the nearest key is nginx.plus",
    ],
    [
      { serviceAccount: { imagePullSecret: "registry" } },
      "helmValues.serviceAccount.imagePullSecret is no key of the chart of 2.6.8, which would ignore it; serviceAccount.imagePullSecret of 1.6 became nginx.imagePullSecret for the image of NGINX, nginxGateway.serviceAccount.imagePullSecret for that of the control plane",
    ],
    [
      { nginxGateway: { replicaCount: 2 } },
      "helmValues.nginxGateway.replicaCount is no key of the chart of 2.6.8, which would ignore it; nginxGateway.replicaCount of 1.6 became nginxGateway.replicas for the control plane, nginx.replicas for the data plane",
    ],
    [
      { nginxGateway: { replicas: 2 } },
      "helmValues.nginxGateway.replicas is decided by the argument replicas; write replicas instead",
    ],
    [
      { certGenerator: { enable: true } },
      "helmValues.certGenerator is decided by the argument issuer; write issuer instead",
    ],
    [
      { nginx: { usage: { secretName: token } } },
      "helmValues.nginx.usage.secretName is decided by the argument usage.license; write usage.license instead",
    ],
    [{ nginxGateway: { lifecycle: "none" } }, "helmValues.nginxGateway.lifecycle is not a map; write keys and values"],
    [{ gateways: {} }, "helmValues.gateways is not a list; write a list"],
    [
      { nginx: { debug: { level: 1 } } },
      "helmValues.nginx.debug is more than one value; write a single text, number or boolean",
    ],
    [{ nginx: true }, "helmValues.nginx is a group of keys; write the keys in it, and make outputs of their values"],
    [
      { nginx: pulumi.output({}) },
      "helmValues.nginx is a group of keys; write the keys in it, and make outputs of their values",
    ],
    [
      { extraObjects: [secretManifest] },
      "helmValues.extraObjects[0] has a Secret in it; make the Secret a resource of its own",
    ],
    [
      { nginxGateway: { podAnnotations: { license: token } } },
      "helmValues.nginxGateway.podAnnotations.license has a JSON Web Token in it; keep it in a LicenseSecret or RegistrySecret, and give its name",
    ],
  ])("case %#", (helmValues, error) => {
    expect(() => values2({ ...base, helmValues })).toThrow(`GatewayFabric "wrong": ${error}`);
  });

  test("a secret that is not known yet", async () => {
    const hidden = { nginxGateway: { podAnnotations: { word: pulumi.secret("a-secret-word-of-this-test") } } };
    await expect(record(() => values2({ ...base, helmValues: hidden }))).rejects.toThrow(
      'GatewayFabric "wrong": helmValues.nginxGateway.podAnnotations.word is a secret; keep it in a Secret, and give the name of that',
    );
    const later = { extraObjects: [pulumi.output(secretManifest)] };
    await expect(record(() => values2({ ...base, helmValues: later }))).rejects.toThrow(
      'GatewayFabric "wrong": helmValues.extraObjects[0] has a Secret in it; make the Secret a resource of its own',
    );
  });

  test("an argument for which the chart has no key", () => {
    expect(() => values1({ ...base, priorityClassName: "high" })).toThrow(
      'priorityClassName has no key in the chart of 1.6.2; leave it out, or use delivery: "manifests"',
    );
  });

  test("a chart that makes certificates of its own", () => {
    expect(() => values2({ ...base, version: "2.2.0" })).toThrow(
      'delivery is "helm", but the chart of 2.2.0 always makes certificates of its own; use version 2.2.1 or later, or delivery: "manifests"',
    );
  });
});

describe("a component delivered by Helm", () => {
  const license = { secretName: "nplus-license" };

  test("is its CRDs, its certificates and a release that waits for both", async () => {
    const run = await record(() => {
      new GatewayFabric("x", {
        ...common,
        usage: { license },
        monitoring: { prometheusOperator: true },
        registry: "registry.example.com/mirror",
      });
    });
    const [release] = run.requests.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    expect(release).toMatchObject({
      name: "x-release",
      inputs: {
        name: "nginx-gateway",
        namespace: "nginx-gateway",
        chart: "oci://registry.example.com/mirror/nginx/charts/nginx-gateway-fabric",
        version: "2.6.8",
        skipCrds: true,
      },
    });
    const names = release!.dependencies.map((urn) => urn.split("::").at(-1));
    expect(names).toEqual(expect.arrayContaining(["x-crds", "x-server-tls-secret", "x-agent-tls-secret"]));
    expect(manifests(run).map(({ kind, metadata }) => `${kind}/${metadata.name.replace(/-[0-9a-f]{8}$/, "")}`)).toEqual(
      [
        "Secret/x-agent-tls-secret",
        "Secret/x-server-tls-secret",
        "PodMonitor/x-data-plane-monitor",
        "PodMonitor/x-pod-monitor",
        "PrometheusRule/x-alerts",
      ],
    );
    const secrets = manifests(run).filter(({ kind }) => kind === "Secret");
    const { certGenerator } = chartReleases(run)[0]!.values as ChartValues;
    expect(certGenerator).toEqual({
      enable: false,
      agentTLSSecretName: secrets[0]!.metadata.name,
      serverTLSSecretName: secrets[1]!.metadata.name,
    });
    expect(hasSecret(release!.inputs)).toBe(false);
  });

  test("also of the 1.6 line", async () => {
    const run = await record(() => {
      new GatewayFabricV1("x", { ...common, usage: { license }, version: "1.6.1", crds: "existing" });
    });
    expect(manifests(run)).toEqual([]);
    expect(chartReleases(run)).toEqual([
      {
        name: "nginx-gateway",
        namespace: "nginx-gateway",
        coordinates: { chart: "oci://ghcr.io/nginx/charts/nginx-gateway-fabric", skipCrds: true, version: "1.6.1" },
        values: values1({ ...common, usage: { license } }),
      },
    ]);
  });
});
