import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";
import { type RunResult, record } from "../../engine";
import { gixyMissing } from "../gixy";
import { requestLints } from "../lints";
import { graveFindings, nginxConfigurations, rendersNginx } from "../nginx-configurations";
import { goodToken } from "./foundation/token";
import { fieldsByUrn, lostOrReplaced } from "./recorded";

type Options = pulumi.ComponentResourceOptions;

// What is random is unknown there, so two runs are alike.
const preview = { preview: true };

const mesh: library.SpireServerArgs = {
  namespace: "n",
  trustDomain: "mesh.test",
  clusterName: "test",
  storage: { unsafeEphemeral: true },
};
const operator = { prometheusOperator: true };

/** A SpireServer with all kinds of its children. */
const everySpireOption = (): library.SpireServerArgs => ({
  ...mesh,
  agentNamespace: "agents",
  replicas: 2,
  dataStore: { postgresql: { connectionString: pulumi.secret("host=database.test") } },
  upstreamAuthority: {
    disk: {
      issuer: new library.CertificateAuthority("authority", {
        subject: { commonName: "root" },
        subordinateAuthorities: 1,
      }),
    },
  },
  monitoring: operator,
});

/** Every component of the library with arguments that make all kinds of its children. */
const components: Record<string, (opts: Options) => pulumi.ComponentResource> = {
  Namespace: (opts) => new library.Namespace("x", { defaultDeny: true }, opts),
  RegistrySecret: (opts) => new library.RegistrySecret("x", { namespace: "n", jwt: goodToken() }, opts),
  LicenseSecret: (opts) => new library.LicenseSecret("x", { namespace: "n", jwt: goodToken() }, opts),
  CertificateAuthority: (opts) =>
    new library.CertificateAuthority(
      "x",
      { subject: { commonName: "root" }, intermediate: { subject: { commonName: "issuer" } } },
      opts,
    ),
  Certificate: (opts) =>
    new library.Certificate(
      "x",
      {
        namespace: "n",
        issuer: new library.CertificateAuthority("authority", { subject: { commonName: "root" } }),
        usage: "client",
        subject: { commonName: "client" },
      },
      opts,
    ),
  TrustedCertificates: (opts) =>
    new library.TrustedCertificates(
      "x",
      {
        namespace: "n",
        certificatesPem: new library.CertificateAuthority("authority", { subject: { commonName: "root" } }).bundle,
      },
      opts,
    ),
  NginxPlus: (opts) =>
    new library.NginxPlus(
      "x",
      {
        namespace: "n",
        edition: "oss",
        configuration: { stream: [{ name: "server", block: [{ name: "listen", args: ["8081"] }] }] },
        ports: [{ name: "http", port: 8081 }],
        podDisruptionBudget: {},
        autoscaling: { maxReplicas: 4 },
        monitoring: { ...operator, dashboard: true },
        networkPolicy: { metricsFrom: [] },
      },
      opts,
    ),
  Gateway: (opts) =>
    new library.Gateway(
      "x",
      { namespace: "n", gatewayClassName: "nginx", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
      opts,
    ),
  GatewayFabric: (opts) =>
    new library.GatewayFabric(
      "x",
      {
        namespace: "n",
        edition: "oss",
        openshift: true,
        watchNamespaces: ["shop"],
        monitoring: { prometheusOperator: true },
      },
      opts,
    ),
  GatewayFabricV1: (opts) =>
    new library.GatewayFabricV1(
      "x",
      { namespace: "n", edition: "oss", openshift: true, monitoring: { prometheusOperator: true } },
      opts,
    ),
  InstanceManagerCertificates: (opts) =>
    new library.InstanceManagerCertificates(
      "x",
      {
        profile: "instanceManagerV2",
        hostname: { manager: "nim.example.com", agents: "agents.nim.example.com" },
        namespace: "n",
        agents: [{ name: "nginx-1", namespace: "n" }, { name: "nginx-2" }],
      },
      opts,
    ),
  NginxAgentFleet: (opts) =>
    new library.NginxAgentFleet(
      "x",
      {
        issuer: new library.CertificateAuthority("authority", { subject: { commonName: "root" } }),
        agents: [{ host: "nginx-1" }, { host: "nginx-2", commonName: "second" }],
        v2: {
          hostname: "agents.nim.example.com",
          tls: {
            clientCertificate: { certificatePath: "/etc/nms/certs/agent.crt", keyPath: "/etc/nms/certs/agent.key" },
            trustedCertificatesPath: "/etc/nms/certs/ca.pem",
          },
        },
      },
      opts,
    ),
  NginxAgentConfiguration: (opts) =>
    new library.NginxAgentConfiguration(
      "x",
      { v2: { hostname: "nim.example.com" }, kubernetes: { namespace: "n" } },
      opts,
    ),
  InstanceManager: (opts) =>
    new library.InstanceManager(
      "x",
      {
        namespace: "n",
        issuer: new library.CertificateAuthority("authority", { subject: { commonName: "root" } }),
        internalCertificates: { keyAlgorithm: "ECDSA" },
        imagePullSecrets: ["registry"],
        service: { type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] },
        unsafeAllowAgentsWithoutCertificate: true,
      },
      opts,
    ),
  InstanceManagerHostProxy: (opts) => {
    const issuer = new library.CertificateAuthority("authority", { subject: { commonName: "root" } });
    const dnsNames = ["nim.example.com", "agents.nim.example.com"];
    const of = (usage: "server" | "client") =>
      new library.Certificate(usage, { forHosts: true, issuer, usage, subject: { commonName: usage }, dnsNames });
    return new library.InstanceManagerHostProxy(
      "x",
      {
        host: {
          name: "manager",
          license: goodToken(),
          management: { usageEndpoint: "nim.example.com", trustedCertificatesPem: issuer.bundle },
        },
        hostname: { manager: dnsNames[0]!, agents: dnsNames[1]! },
        certificate: of("server"),
        agentAuthorities: { certificatesPem: issuer.bundle },
        agents: { revocation: { deniedSerials: ["0A1B"] } },
        backends: { apigw: { host: "gateway.example.com" } },
        backendTls: { trustedCertificatesPem: issuer.bundle, clientCertificate: of("client") },
      },
      opts,
    );
  },
  InstanceManagerProxy: (opts) =>
    new library.InstanceManagerProxy(
      "x",
      {
        namespace: "n",
        edition: "oss",
        hostname: { manager: "nim.example.com", agents: "agents.nim.example.com" },
        certificate: { secretName: "server" },
        agentAuthorities: { secretName: "agents" },
        backendTls: { trustedCertificates: { secretName: "backends" }, clientCertificate: { secretName: "proxy" } },
      },
      opts,
    ),
  InstanceManagerV1Host: (opts) => {
    const authority = new library.CertificateAuthority("authority", { subject: { commonName: "root" } });
    const hostname = "nginx-manager.example.com";
    const certificate = (name: string, usage: "server" | "client", dnsNames?: string[]) =>
      new library.Certificate(name, {
        issuer: authority,
        forHosts: true,
        usage,
        subject: { commonName: name },
        dnsNames,
      });
    const server = certificate("server", "server", [hostname]);
    return new library.InstanceManagerV1Host(
      "x",
      {
        hostname,
        host: {
          name: "manager",
          user: "nginx",
          license: goodToken(),
          management: { usageEndpoint: "nim.example.com" },
        },
        manager: {
          certificate: certificate("manager", "server", [hostname]),
          ...{ logLevel: "info", logPath: "/var/log/nginx-manager", metricsPath: "/var/nginx-manager" },
        },
        front: {
          api: { redirectPort: 88 },
          agents: { revocation: { deniedSerials: ["0A1B"], keyval: {} }, corsOrigin: "https://example.com" },
          status: { write: true },
          headers: { strictTransportSeconds: 31_536_000 },
        },
        certificate: server,
        agentAuthoritiesPem: authority.bundle,
        drainSeconds: 5,
        backendTls: { trustedCertificatesPem: authority.bundle, clientCertificate: certificate("client", "client") },
        statusUsers: "ops:$6$abcdefgh$abcdefgh",
      },
      opts,
    );
  },
  SpireServer: (opts) => new library.SpireServer("x", everySpireOption(), opts),
  SpireAgent: (opts) =>
    new library.SpireAgent(
      "x",
      { mesh: new library.SpireServer("mesh", mesh), kubelet: { clusterAuthority: true }, monitoring: operator },
      opts,
    ),
  SpiffeCsiDriver: (opts) => new library.SpiffeCsiDriver("x", { namespace: "n" }, opts),
  WorkloadIdentity: (opts) =>
    new library.WorkloadIdentity(
      "x",
      { mesh: new library.SpireServer("mesh", mesh), namespaces: ["shop"], everyPod: true },
      opts,
    ),
  SidecarInjector: (opts) =>
    new library.SidecarInjector(
      "x",
      { kubernetesVersion: "1.36", edition: "oss", strictNamespaces: ["shop"], imagePullSecrets: ["registry"] },
      opts,
    ),
  ServiceMesh: (opts) =>
    new library.ServiceMesh(
      "x",
      {
        trustDomain: "mesh.test",
        clusterName: "test",
        server: { storage: { unsafeEphemeral: true } },
        agent: { kubelet: { clusterAuthority: true } },
        injection: { kubernetesVersion: "1.36", strictNamespaces: ["shop"], sidecars: { edition: "oss" } },
        monitoring: operator,
      },
      opts,
    ),
  Sidecar: (opts) =>
    new library.Sidecar(
      "x",
      {
        namespace: "n",
        mesh: new library.SpireServer("mesh", mesh),
        image: "registry.example.com/nginx-plus-njs:r37",
        license: new library.LicenseSecret("license", { namespace: "n", jwt: goodToken() }),
        redirect: { egress: "declared", excludedCidrs: ["10.0.0.0/8"] },
        ipFamilies: ["IPv4", "IPv6"],
        inbound: [{ port: 8080, protocol: "http", allow: [{ namespace: "n", serviceAccount: "web" }] }],
        outbound: [
          {
            ...{ name: "orders", host: "orders.n.svc", port: 8080, protocol: "http" },
            peer: { namespace: "n", serviceAccount: "orders" },
          },
        ],
      },
      opts,
    ),
  InstanceManagerV1Proxy: (opts) =>
    new library.InstanceManagerV1Proxy(
      "x",
      {
        namespace: "n",
        edition: "oss",
        hostname: "nginx-manager.example.com",
        manager: { host: "10.0.0.7" },
        api: { redirectPort: 80 },
        agents: { revocation: { crl: true, deniedSerials: ["0A1B"] }, corsOrigin: "https://example.com" },
        status: { allow: ["10.0.0.0/8"], tls: true },
        headers: { strictTransportSeconds: 31_536_000 },
        certificate: { secretName: "server" },
        agentCertificate: { secretName: "agents-server" },
        agentAuthorities: { secretName: "agents" },
        backendTls: { trustedCertificates: { secretName: "manager" }, clientCertificate: { secretName: "proxy" } },
        statusUsers: { secretName: "users" },
      },
      opts,
    ),
  MqttProxy: (opts) => {
    const trustedCertificatesPem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    const certificate = { secretName: "tls" };
    return new library.MqttProxy(
      "x",
      {
        namespace: "n",
        edition: "oss",
        upstreams: [
          ...["b", "one"].map((name) => ({ name, servers: [{ host: `${name}.example.com` }] })),
          {
            name: "two",
            serverName: "two.example.com",
            balancing: "leastConnections",
            maximumFailures: 2,
            failTimeoutSeconds: 30,
            resolver: { addresses: ["10.96.0.10"], validSeconds: 5, ipv6: false },
            servers: [
              { host: "two-a.example.com", port: 8884, weight: 2, maximumConnections: 100 },
              { host: "two-b.example.com", service: "mqtt", backup: true },
              { host: "two-c.example.com", down: true },
            ],
          },
        ],
        listeners: [
          {
            name: "balanced",
            port: 1883,
            proxyProtocol: { trustedSources: ["192.0.2.0/24"] },
            proxyProtocolToBrokers: true,
            limits: { connectionsPerAddress: 5, uploadBytesPerSecond: 1000, downloadBytesPerSecond: 1000 },
          },
          {
            name: "devices",
            port: 8883,
            tls: {
              certificate,
              clientCertificates: {
                trustedCertificatesPem,
                crlPem: "-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n",
                verifyDepth: 2,
                revocation: { crl: true, deniedSerials: ["0A"] },
              },
            },
          },
          {
            name: "own",
            port: 8884,
            targetPort: 18884,
            passCredentials: true,
            tls: {
              certificate,
              clientCertificates: { mode: "optional", trustedCertificates: { secretName: "authorities" } },
            },
            routes: [
              { certificate: { commonName: { exact: "a" } }, upstream: "b" },
              { certificate: { dnsName: { exact: "a.example.com" } }, upstream: "b" },
              { certificate: { uri: { prefix: "spiffe://example.com/" } }, upstream: "b" },
              { certificate: { emailAddress: { prefix: "a@" } }, upstream: "b" },
            ],
            defaultRoute: { refuse: true },
          },
          {
            name: "web",
            port: 443,
            tls: { certificate },
            passCredentials: true,
            webSocket: { upstream: "b", brokerPort: 8081, path: "/ws" },
          },
        ],
        tenants: [
          {
            name: "one",
            listeners: ["devices"],
            certificate: { organization: { exact: "One" } },
            routes: [{ clientId: { prefix: "a" }, upstream: "one" }],
            defaultRoute: { upstream: "one" },
            credentials: { usernameFromCertificate: "commonName" },
          },
          {
            name: "two",
            listeners: ["devices"],
            certificate: { organization: { prefix: "Two" } },
            defaultRoute: { upstream: "two" },
            credentials: { usernameFromCertificate: "subject", password: "planted" },
          },
        ],
        routes: [{ username: { exact: "gauge" }, upstream: "b", credentials: "gauges" }],
        // Not clientIdAsHost: gixy sees that the client chooses the host, and not that the map lets no other through.
        defaultRoute: { upstream: "b" },
        brokerTls: { trustedCertificatesPem },
        credentials: { username: "edge" },
        namedCredentials: [{ name: "gauges", credentials: { username: "gauge" } }],
        limits: { connectionsPerAddress: 100 },
      },
      opts,
    );
  },
};

/** A component and all that is below it. */
function below({ requests }: RunResult, type: string) {
  const family = requests.filter((request) => request.type === `nginx-stacks:index:${type}`);
  for (const member of family) family.push(...requests.filter(({ parent }) => parent === member.urn));
  return family;
}

const withoutGixy = gixyMissing();

test("no component is left out here", () => {
  const classes = Object.entries(library).filter(([, value]) => typeof value === "function" && "isInstance" in value);
  expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(components).sort());
});

describe.each(Object.keys(components))("%s", (type) => {
  const make = components[type]!;

  test("its children have its provider, its protection and its name", async () => {
    const run = await record(() => {
      const provider = new kubernetes.Provider("elsewhere", { context: "elsewhere" });
      make({ provider, protect: true });
    });
    const family = below(run, type);
    // One that is there for the files of a host has no children.
    const files = family.flatMap(({ outputs }) => (outputs.hostFiles ?? []) as unknown[]);
    expect(family.length + files.length).toBeGreaterThan(1);
    const [provider] = run.requests.filter(({ type }) => type === "pulumi:providers:kubernetes");
    for (const request of family.filter(({ custom }) => custom)) {
      const expected = request.type.startsWith("kubernetes:") ? [`${provider!.urn}::${provider!.id}`] : [""];
      expect([request.urn, request.provider]).toEqual([request.urn, expected[0]]);
    }
    expect(family.filter(({ protect }) => protect !== true).map(({ urn }) => urn)).toEqual([]);
    for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(run)]).toEqual([lint, []]);
  });

  test("a rename with an alias keeps it and its children", async () => {
    const former = await record(() => void make({}), preview);
    const renamed = await record(() => void make({ aliases: [{ name: "former" }] }), preview);
    const asFormer = (urn: string) => urn.replace(/(::|-)x(?=-|$)/, "$1former");
    const recorded = fieldsByUrn(below(former, type).map((request) => ({ ...request, urn: asFormer(request.urn) })));
    expect(lostOrReplaced(recorded, renamed.requests)).toEqual([]);
    const forgotten = await record(() => void make({}), preview);
    expect(lostOrReplaced(recorded, forgotten.requests).length).toBe(Object.keys(recorded).length);
  });

  const judged = `gixy-ng finds nothing grave in its NGINX configurations${withoutGixy ? ` (${withoutGixy})` : ""}`;
  (withoutGixy ? test.skip : test)(judged, async () => {
    const run = await record(() => void make({}));
    const configurations = nginxConfigurations(run);
    expect(configurations.length > 0).toBe(rendersNginx(run));
    expect(graveFindings(configurations)).toEqual([]);
  });

  test("a preview of it, where nothing computed is known, succeeds", async () => {
    const { requests } = await record(() => void make({}), preview);
    expect(requests.some((request) => request.type === `nginx-stacks:index:${type}`)).toBe(true);
  });
});
