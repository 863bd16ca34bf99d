import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { LicenseSecret, Namespace, RegistrySecret } from "../../../components/foundation";
import { GatewayFabric } from "../../../components/gateway/gateway-fabric";
import type { GatewayFabricArgs } from "../../../components/gateway/gateway-fabric-args";
import { CertificateAuthority } from "../../../components/pki";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { danglingPorts, danglingReferences } from "../../lints";
import { goodToken } from "../foundation/token";
import { namesKnownFault } from "../known-faults";
import { differences } from "./upstream";
import { certificates, flags, plus, recorded, rendered, the } from "./v2-fixture";

const oss: Partial<GatewayFabricArgs> = { edition: "oss", ...certificates };
const pod = (objects: KubernetesObject[]) => the("Deployment", objects).spec.template.spec;
const changes = async (args: Partial<GatewayFabricArgs>) =>
  differences(await rendered({ ...oss, ...args }), await rendered(oss)).sort((one, other) =>
    one.path < other.path ? -1 : 1,
  );
const flag = (index: number) => `Deployment/nginx-gateway.spec.template.spec.containers[nginx-gateway].args[${index}]`;

describe("certificates between control plane and data plane", () => {
  const texts = (objects: KubernetesObject[], name: RegExp) => {
    const { data } = objects.find(({ kind, metadata }) => kind === "Secret" && name.test(metadata.name ?? "")) as {
      data?: Record<string, string>;
    };
    return Object.fromEntries(
      Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]),
    );
  };
  const read = async (program: () => void) => {
    const objects = manifests(await record(program), { secrets: "show" });
    return { server: texts(objects, /server-tls/), agent: texts(objects, /agent-tls/) };
  };
  const days = (certificate: X509Certificate) =>
    Math.round((Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / (24 * 60 * 60 * 1000));

  test("have the names that upstream's have, are of one authority, and last as long", async () => {
    const { server, agent } = await read(() => {
      const { name } = new Namespace("own", { name: "gateways" });
      new GatewayFabric("gateway", { namespace: name, edition: "oss", clusterDomain: "cluster.example" });
    });
    const [serverCertificate, agentCertificate, authority] = [
      server["tls.crt"],
      agent["tls.crt"],
      server["ca.crt"],
    ].map((pem) => new X509Certificate(pem!)) as [X509Certificate, X509Certificate, X509Certificate];
    expect(agent["ca.crt"]).toBe(server["ca.crt"]);
    expect([serverCertificate, agentCertificate].map((one) => one.checkIssued(authority))).toEqual([true, true]);
    expect([serverCertificate, agentCertificate].map((one) => one.verify(authority.publicKey))).toEqual([true, true]);
    expect(serverCertificate.subjectAltName).toBe("DNS:nginx-gateway.gateways.svc");
    expect(agentCertificate.subjectAltName).toBe("DNS:*.cluster.example");
    expect(serverCertificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(agentCertificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect([serverCertificate, agentCertificate, authority].map(days)).toEqual([1095, 1095, 3650]);
    expect([serverCertificate.ca, agentCertificate.ca, authority.ca]).toEqual([false, false, true]);
    expect(server["tls.key"]).not.toBe(agent["tls.key"]);
  });

  test("are issued by an authority that is given, for as long as it allows", async () => {
    let bundle = "";
    const { server } = await read(() => {
      const issuer = new CertificateAuthority("company", {
        subject: { commonName: "company" },
        renewalWindowHours: 240,
      });
      issuer.bundle.apply((pem) => {
        bundle = pem;
      });
      new GatewayFabric("gateway", { namespace: "gateways", edition: "oss", issuer });
    });
    expect(server["ca.crt"]).toBe(bundle);
    expect(days(new X509Certificate(server["tls.crt"]!))).toBe(10);
  });

  test("are those of another system where they are given, and nothing is issued", async () => {
    const { requests } = await recorded(oss);
    expect(requests.filter(({ type }) => /^tls:|Secret$|nginx-stacks:index:Cert/.test(type))).toEqual([]);
  });
});

describe("references", () => {
  const everything: Partial<GatewayFabricArgs> = {
    ...plus,
    openshift: true,
    monitoring: { prometheusOperator: true },
    controlPlanePullSecrets: ["mirror"],
  };

  test("lead to objects, ports and keys of the same render", async () => {
    const objects = await rendered(everything);
    const existing = [
      "Secret/mirror/.dockerconfigjson",
      "Secret/nginx-plus-registry-secret/.dockerconfigjson",
      "Secret/nplus-license/license.jwt",
    ];
    expect(danglingReferences(objects, existing)).toEqual([]);
    expect(danglingPorts(objects)).toEqual([]);
  });

  test("in arguments and custom resources do so too", async () => {
    const objects = await rendered(everything);
    const value = (name: string) =>
      flags(objects)
        .find((one) => one.startsWith(`--${name}=`))!
        .split("=")[1]!;
    the("Secret", objects, value("agent-tls-secret"));
    the("NginxGateway", objects, value("config"));
    the("Service", objects, value("service"));
    the("SecurityContextConstraints", objects, value("nginx-scc"));
    const { controllerName, parametersRef } = the("GatewayClass", objects, value("gatewayclass")).spec;
    expect(controllerName).toBe(value("gateway-ctlr-name"));
    expect(the("NginxProxy", objects, parametersRef.name).metadata.namespace).toBe(parametersRef.namespace);
    for (const kind of ["ClusterRole", "ServiceAccount"]) the(kind, objects, "nginx-gateway");
    const binding = the("ClusterRoleBinding", objects);
    expect([binding.roleRef, binding.subjects]).toEqual([
      { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "nginx-gateway" },
      [{ kind: "ServiceAccount", name: "nginx-gateway", namespace: "nginx-gateway" }],
    ]);
  });

  test("to Secrets of our own carry the made-up names", async () => {
    const run = await record(() => {
      const { name: namespace } = new Namespace("own", { name: "gateways" });
      const jwt = goodToken();
      new GatewayFabric("gateway", {
        namespace,
        usage: { license: new LicenseSecret("license", { namespace, jwt }) },
        imagePullSecrets: [new RegistrySecret("registry", { namespace, jwt }).secretName],
      });
    });
    const objects = manifests(run, { secrets: "show" });
    const named = flags(objects).filter((one) => /usage-report-secret|docker-secret/.test(one));
    expect(named.map((one) => one.replace(/-[0-9a-f]{8}$/, "-…"))).toEqual([
      "--nginx-docker-secret=registry-secret-…",
      "--usage-report-secret=license-secret-…",
    ]);
    for (const one of named) the("Secret", objects, one.split("=")[1]);
  });
});

describe("order", () => {
  test("the control plane waits for its rights, its settings, its certificate and what the component waits for", async () => {
    const { requests } = await record(() => {
      const first = new pulumi.ComponentResource("test:index:First", "first");
      new LicenseSecret("other", { namespace: "n", jwt: goodToken() }, { parent: first });
      new GatewayFabric(
        "gateway",
        { namespace: "n", edition: "oss" },
        { dependsOn: new LicenseSecret("before", { namespace: "n", jwt: goodToken() }) },
      );
    });
    const urnOf = (name: string) => requests.find((request) => request.name === name)!.urn;
    const waits = (name: string): string[] => {
      const found = new Set<string>();
      const visit = (urn: string) => {
        const request = requests.find((one) => one.urn === urn);
        for (const next of request?.dependencies ?? [])
          if (!found.has(next)) {
            found.add(next);
            visit(next);
          }
      };
      visit(urnOf(name));
      return [...found];
    };
    expect(waits("gateway-deployment")).toEqual(
      expect.arrayContaining(
        ["gateway-account", "gateway-cluster-role-binding", "gateway-config", "gateway-proxy-config"].map(urnOf),
      ),
    );
    expect(waits("gateway-deployment")).toEqual(
      expect.arrayContaining([urnOf("gateway-server-tls-secret"), urnOf("gateway-agent-tls-secret")]),
    );
    expect(waits("gateway-deployment")).toContain(urnOf("before-secret"));
    expect(waits("gateway-class")).toContain(urnOf("gateway-crds"));
  });
});

describe("a renewed licence", () => {
  test("changes no object but its Secret", async () => {
    const withLicense = (revision: string) => ({
      ...plus,
      ...certificates,
      usage: { license: { secretName: "nplus-license", revision: pulumi.secret(revision) } },
    });
    expect(await rendered(withLicense("second"))).toEqual(await rendered(withLicense("first")));
  });
});

describe("registries", () => {
  test("a mirror stands in for all; each pull secret goes where its image is pulled", async () => {
    const objects = await rendered({
      ...plus,
      ...certificates,
      registry: "registry.example.com/mirror",
      imagePullSecrets: ["mirror-1", "mirror-2"],
      controlPlanePullSecrets: ["control-1", "control-2"],
      dataPlaneImage: { tag: "2.6.7-ubi", pullPolicy: "Always" },
    });
    const [container] = pod(objects).containers;
    expect(container.image).toBe("registry.example.com/mirror/nginx/nginx-gateway-fabric:2.6.8");
    expect(container.env[4]).toEqual({ name: "IMAGE_NAME", value: container.image });
    expect(the("NginxProxy", objects).spec.kubernetes.deployment.container.image).toEqual({
      repository: "registry.example.com/mirror/nginx-gateway-fabric/nginx-plus",
      tag: "2.6.7-ubi",
      pullPolicy: "Always",
    });
    expect(container.args.slice(6, 9)).toEqual([
      "--nginx-docker-secret=mirror-1",
      "--nginx-docker-secret=mirror-2",
      "--nginx-plus",
    ]);
    // Beside the metadata, where Kubernetes looks for it, and not in it.
    const account = the("ServiceAccount", objects);
    expect(account.imagePullSecrets).toEqual([{ name: "control-1" }, { name: "control-2" }]);
    expect(Object.keys(account.metadata).sort()).toEqual(["labels", "name", "namespace"]);
  });

  test("an image of one's own is taken as it is", async () => {
    const objects = await rendered({
      ...oss,
      controlPlaneImage: { repository: "registry.example.com/control", tag: "1" },
    });
    expect(pod(objects).containers[0].image).toBe("registry.example.com/control:1");
  });

  test("F5's registry without a pull secret, and an endpoint that anyone may be, are remarked upon", async () => {
    const usage = { ...plus.usage!, unsafeSkipVerification: true };
    const { log } = await recorded({ usage, ...certificates });
    const warnings = log.filter(({ severity }) => severity === "warning").map(({ message }) => message);
    expect(warnings.filter((message) => !namesKnownFault(message))).toEqual([
      `GatewayFabric "gateway": imagePullSecrets: F5's registry gives no image without credentials; name a RegistrySecret's secretName, unless the nodes have them`,
      'GatewayFabric "gateway": usage.unsafeSkipVerification: any server that answers at the endpoint of usage reports learns the licence',
    ]);
  });
});

describe("options change what they are about, and nothing else", () => {
  test("switches of the control plane", async () => {
    const objects = await rendered({
      ...oss,
      logLevel: "debug",
      leaderElection: false,
      productTelemetry: false,
      monitoring: { port: 9114, secure: true },
      healthPort: 8082,
      gatewayClassName: "edge",
      gatewayControllerName: "gateway.nginx.org/edge",
    });
    expect(flags(objects)).toEqual([
      "controller",
      "--gateway-ctlr-name=gateway.nginx.org/edge",
      "--gatewayclass=edge",
      "--config=nginx-gateway-config",
      "--service=nginx-gateway",
      "--agent-tls-secret=agent-tls",
      "--metrics-port=9114",
      "--metrics-secure-serving",
      "--health-port=8082",
      "--leader-election-disable",
      "--product-telemetry-disable",
    ]);
    expect(the("Deployment", objects).spec.template.metadata.annotations).toEqual({
      "prometheus.io/port": "9114",
      "prometheus.io/scheme": "https",
      "prometheus.io/scrape": "true",
    });
    expect(the("NginxGateway", objects).spec).toEqual({ logging: { level: "debug" } });
    expect(danglingPorts(objects)).toEqual([]);
    // Neither the number of nodes nor a lease is its business then.
    const resources = the("ClusterRole", objects).rules.flatMap((rule: { resources: string[] }) => rule.resources);
    expect(resources).not.toEqual(expect.arrayContaining(["nodes"]));
    expect(resources).not.toEqual(expect.arrayContaining(["leases"]));
  });

  test("no metrics", async () => {
    const template = "Deployment/nginx-gateway.spec.template";
    expect(await changes({ monitoring: { enabled: false } })).toEqual([
      {
        path: `${template}.metadata.annotations`,
        ours: undefined,
        upstream: { "prometheus.io/port": "9113", "prometheus.io/scrape": "true" },
      },
      { path: flag(6), ours: "--metrics-disable", upstream: "--metrics-port=9113" },
      {
        path: `${template}.spec.containers[nginx-gateway].ports[metrics]`,
        ours: undefined,
        upstream: { name: "metrics", containerPort: 9113 },
      },
    ]);
  });

  test("where the control plane runs, and on what", async () => {
    const args: Partial<GatewayFabricArgs> = {
      nodeSelector: { pool: "edge" },
      tolerations: [{ key: "edge", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      priorityClassName: "high",
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
      ],
    };
    const resources = { limits: { memory: "256Mi" } };
    const template = "Deployment/nginx-gateway.spec.template.spec";
    expect(await changes({ ...args, resources, replicas: 2 })).toEqual([
      { path: "Deployment/nginx-gateway.spec.replicas", ours: 2, upstream: 1 },
      { path: `${template}.affinity`, ours: args.affinity, upstream: undefined },
      { path: `${template}.containers[nginx-gateway].resources`, ours: resources, upstream: undefined },
      ...["nodeSelector", "priorityClassName", "tolerations", "topologySpreadConstraints"].map((field) => ({
        path: `${template}.${field}`,
        ours: args[field as keyof GatewayFabricArgs],
        upstream: undefined,
      })),
    ]);
  });

  test("the pods of NGINX", async () => {
    const placement = { nodeSelector: { pool: "edge" }, tolerations: [{ key: "edge" }] };
    const resources = { requests: { cpu: "1" } };
    const dataPlane: GatewayFabricArgs["dataPlane"] = {
      ...placement,
      resources,
      replicas: 3,
      service: { type: "NodePort", externalTrafficPolicy: "Cluster" },
      config: { ipFamily: "ipv4" },
    };
    const spec = "NginxProxy/nginx-gateway-proxy-config.spec";
    expect(await changes({ dataPlane })).toEqual([
      { path: `${spec}.ipFamily`, ours: "ipv4", upstream: undefined },
      { path: `${spec}.kubernetes.deployment.container.resources`, ours: resources, upstream: undefined },
      { path: `${spec}.kubernetes.deployment.pod`, ours: placement, upstream: undefined },
      { path: `${spec}.kubernetes.deployment.replicas`, ours: 3, upstream: 1 },
      { path: `${spec}.kubernetes.service.externalTrafficPolicy`, ours: "Cluster", upstream: "Local" },
      { path: `${spec}.kubernetes.service.type`, ours: "NodePort", upstream: "LoadBalancer" },
    ]);
  });

  test("the Service of every Gateway, also from a variable", async () => {
    const service = {
      type: "LoadBalancer" as const,
      loadBalancerIP: "192.0.2.1",
      loadBalancerSourceRanges: ["203.0.113.0/24"],
    };
    const spec = "NginxProxy/nginx-gateway-proxy-config.spec.kubernetes.service";
    expect(await changes({ dataPlane: { service } })).toEqual([
      { path: `${spec}.loadBalancerIP`, ours: "192.0.2.1", upstream: undefined },
      { path: `${spec}.loadBalancerSourceRanges`, ours: ["203.0.113.0/24"], upstream: undefined },
    ]);
  });

  test("namespaces to watch: rights in them, and in the control plane's own, in place of the whole cluster", async () => {
    const everywhere = the("ClusterRole", await rendered(oss)).rules;
    const objects = await rendered({ ...oss, watchNamespaces: ["shop", "blog"] });
    expect(flags(objects)[6]).toBe("--watch-namespaces=shop,blog");
    const roles = objects.filter(({ kind }) => kind === "Role");
    expect(roles.map(({ metadata }) => metadata.namespace).sort()).toEqual(["blog", "nginx-gateway", "shop"]);
    const clusterRules = the("ClusterRole", objects).rules;
    expect(clusterRules.flatMap((rule: { resources: string[] }) => rule.resources)).toEqual([
      "namespaces",
      "nodes",
      "tokenreviews",
      "customresourcedefinitions",
      "gatewayclasses",
      "gatewayclasses/status",
    ]);
    for (const role of roles) expect([...clusterRules, ...(role.rules as object[])]).toEqual(everywhere);
    const bindings = objects.filter(({ kind }) => kind === "RoleBinding") as {
      roleRef?: object;
      subjects?: object[];
    }[];
    expect(bindings).toHaveLength(3);
    for (const { roleRef, subjects } of bindings) {
      expect(roleRef).toEqual({ apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "nginx-gateway" });
      expect(subjects).toEqual([{ kind: "ServiceAccount", name: "nginx-gateway", namespace: "nginx-gateway" }]);
    }
  });

  test("another release shares no name with the first", async () => {
    const first = await rendered(oss);
    const second = await rendered({ ...oss, name: "edge", gatewayClassName: "edge" });
    const names = (objects: KubernetesObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names(second).filter((name) => names(first).includes(name))).toEqual([]);
    expect(flags(second).slice(3, 5)).toEqual(["--config=edge-config", "--service=edge"]);
    expect(flags(second)).toContain("--leader-election-lock-name=edge-leader-election");
  });

  test("a version that is not known has the names that are given, and the shape of the one that it is like", async () => {
    const objects = await rendered({
      ...oss,
      customVersion: {
        version: "2.3.9",
        chartVersion: "2.3.9",
        imageTag: "2.3.9-own",
        gatewayApiVersion: "1.4.1",
        plusRelease: "R36",
        kubernetes: "1.25",
        secretNameLimit: 52,
        behavesLike: "2.3.0",
      },
    });
    expect(pod(objects).containers[0].image).toBe("ghcr.io/nginx/nginx-gateway-fabric:2.3.9-own");
    expect(the("Service", objects).metadata.labels["app.kubernetes.io/version"]).toBe("2.3.9");
    const like = await rendered({ ...oss, version: "2.3.0" });
    expect(the("ClusterRole", objects).rules).toEqual(the("ClusterRole", like).rules);
  });

  test("monitoring: both planes are scraped, and alerts are about this release alone", async () => {
    const objects = await rendered({
      ...oss,
      name: "edge",
      monitoring: { secure: true, prometheusOperator: true, labels: { release: "prometheus" } },
    });
    const monitors = objects.filter(({ kind }) => kind === "PodMonitor");
    const [controlPlane, dataPlane] = ["pod-monitor", "data-plane-monitor"].map((part) =>
      monitors.find(({ metadata }) => metadata.name?.startsWith(`gateway-${part}-`)),
    );
    const [rules] = objects.filter(({ kind }) => kind === "PrometheusRule");
    const labels = {
      "app.kubernetes.io/instance": "edge",
      "app.kubernetes.io/name": "edge",
      "app.kubernetes.io/version": "2.6.8",
      release: "prometheus",
    };
    for (const object of [controlPlane, dataPlane, rules]) expect(object!.metadata.labels).toEqual(labels);
    expect(controlPlane!.spec).toEqual({
      jobLabel: "app.kubernetes.io/instance",
      selector: { matchLabels: { "app.kubernetes.io/instance": "edge", "app.kubernetes.io/name": "edge" } },
      podMetricsEndpoints: [{ port: "metrics", scheme: "https", tlsConfig: { insecureSkipVerify: true } }],
    });
    expect(dataPlane!.spec).toEqual({
      jobLabel: "app.kubernetes.io/managed-by",
      selector: { matchLabels: { "app.kubernetes.io/managed-by": "edge-nginx" } },
      namespaceSelector: { any: true },
      podMetricsEndpoints: [{ port: "metrics" }],
    });
    const { groups } = rules!.spec as { groups: { rules: { alert: string; expr: string }[] }[] };
    expect(Object.fromEntries(groups[0]!.rules.map(({ alert, expr }) => [alert, expr]))).toEqual({
      GatewayFabricDown: 'absent(up{job="edge",namespace="nginx-gateway"} == 1)',
      GatewayFabricReconcileErrors:
        'increase(controller_runtime_reconcile_errors_total{job="edge",namespace="nginx-gateway"}[15m]) > 0',
      GatewayFabricDataPlaneDown: 'up{job="edge-nginx"} == 0',
      GatewayFabricWithoutLeader: 'sum(leader_election_master_status{job="edge",namespace="nginx-gateway"}) == 0',
    });
  });
});
