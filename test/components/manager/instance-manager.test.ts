import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { InstanceManager, type InstanceManagerArgs, InstanceManagerProxy, Namespace } from "../../../components";
import { chartReleases, hasSecret, type KubernetesObject, record, reveal } from "../../../engine";
import { danglingReferences, requestLints } from "../../lints";
import { danglingNimReferences, nimReferences } from "../../manager-references";
import { bare, elsewhere, type Installed, installed, valuesOf } from "./instance-manager-fixture";

// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind, which the API server checks in the cluster tests
type Manifest = any;

const the = (kind: string, { objects }: Installed): Manifest[] =>
  objects
    .filter((object) => object.kind === kind)
    .map(({ metadata: { name, ...metadata }, ...rest }) => ({
      name: name.replace(/-[0-9a-f]{8}$/, ""),
      metadata,
      ...rest,
    }));

/** Names without their random ends, and the values that differ between two runs. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/"[0-9a-f]{64}"/g, '"a keyed digest"')
      .replace(/\$6\$[^"]+/, "a hash")
      .replace(/-[0-9a-f]{8}"/g, '"'),
  );

/** The default one, with certificates of its own. */
let own: Installed;
beforeAll(async () => {
  own = await installed({ imagePullSecrets: ["registry"] });
});

test("its release has the chart's coordinates, and values for what it decides", () => {
  const { release, values } = own;
  expect(release).toMatchObject({ name: "nim", namespace: "nim" });
  expect(release.coordinates).toEqual({
    chart: "nim",
    version: "2.2.2",
    repositoryOpts: { repo: "https://helm.nginx.com/stable" },
  });
  expect(plain(values)).toMatchInlineSnapshot(`
{
  "adminPasswordHash": "a hash",
  "apigw": {
    "image": {
      "repository": "private-registry.nginx.com/nms/apigw",
      "tag": "2.22.2",
    },
    "tlsReload": {
      "enabled": true,
    },
    "tlsSecret": "nim-apigw-server-secret",
  },
  "core": {
    "image": {
      "repository": "private-registry.nginx.com/nms/core",
      "tag": "2.22.2",
    },
  },
  "dpm": {
    "image": {
      "repository": "private-registry.nginx.com/nms/dpm",
      "tag": "2.22.2",
    },
  },
  "externalCerts": {
    "apigw": {
      "enabled": true,
      "secretName": "nim-apigw-certificates",
    },
    "ca": {
      "enabled": true,
      "secretName": "nim-authority",
    },
    "core": {
      "enabled": true,
      "secretName": "nim-core-certificates",
    },
    "dpm": {
      "enabled": true,
      "secretName": "nim-dpm-certificates",
    },
    "ingestion": {
      "enabled": true,
      "secretName": "nim-ingestion-certificates",
    },
    "integrations": {
      "enabled": true,
      "secretName": "nim-integrations-certificates",
    },
    "secmon": {
      "enabled": true,
      "secretName": "nim-secmon-certificates",
    },
  },
  "imagePullSecrets": [
    {
      "name": "registry",
    },
  ],
  "ingestion": {
    "image": {
      "repository": "private-registry.nginx.com/nms/ingestion",
      "tag": "2.22.2",
    },
  },
  "integrations": {
    "image": {
      "repository": "private-registry.nginx.com/nms/integrations",
      "tag": "2.22.2",
    },
  },
  "networkPolicies": {
    "enabled": false,
  },
  "nmsClickhouse": {
    "auth": {
      "existingSecret": "nim-clickhouse",
      "existingSecretKey": "password",
    },
  },
  "podAnnotations": {
    "checksum/secrets": "a keyed digest",
  },
  "secmon": {
    "image": {
      "repository": "private-registry.nginx.com/nms/secmon",
      "tag": "2.22.2",
    },
  },
  "utility": {
    "image": {
      "repository": "private-registry.nginx.com/nms/utility",
      "tag": "2.22.2",
    },
  },
}
`);
});

test("E20: the chart's agent.secure stays off, whatever else is given", async () => {
  const values = await valuesOf({ helmValues: { log: { encoding: "json" } } });
  expect(values.agent).toBeUndefined();
  expect(values.log).toEqual({ encoding: "json" });
});

describe("references", () => {
  test("every Secret that the values name is there, with the keys that the chart mounts", () => {
    const { release, values, objects } = own;
    expect(danglingNimReferences([release], objects, ["Secret/registry"])).toEqual([]);
    expect(nimReferences(values)).toHaveLength(1 + 5 * 4 + 2 + 2 + 1 + 1);
  });

  test("a Secret that is missing is found, and a key, so the line above can fail", () => {
    const { release, values, objects } = own;
    const { secretName } = values.externalCerts.dpm;
    const without = objects.filter(({ metadata }) => metadata.name !== secretName);
    expect(danglingNimReferences([release], without, ["Secret/registry"])).toHaveLength(4);
    const emptied = objects.map((object) => (object.metadata.name === secretName ? { ...object, data: {} } : object));
    expect(danglingNimReferences([release], emptied as KubernetesObject[])).toContain(
      `Release/nim refers to Secret ${secretName} key dpm-server.pem`,
    );
  });

  test("an InstanceManagerProxy takes what it needs of the manager in one argument", async () => {
    const proxied = await installed({}, {}, (manager: InstanceManager) => [
      new InstanceManagerProxy("front", {
        namespace: manager.namespace,
        edition: "oss",
        hostname: { manager: "nim.example.com", agents: "agents.nim.example.com" },
        certificate: { secretName: "front" },
        agentAuthorities: { secretName: "agents" },
        backends: manager.backends,
        backendTls: manager,
      }),
    ]);
    expect(danglingReferences(proxied.objects, ["Secret/front", "Secret/agents"])).toEqual([]);
    const config = JSON.stringify(the("ConfigMap", proxied));
    for (const host of ["apigw.nim.svc:443", "dpm.nim.svc:8036", "ingestion.nim.svc:8035"])
      expect(config).toContain(`server ${host};`);
    expect(config).toContain("proxy_ssl_name apigw;");
  });
});

describe("the password of admin", () => {
  const text = (output: pulumi.Output<string>) => new Promise<string>((resolve) => output.apply(resolve));
  const hashOf = async (admin?: InstanceManagerArgs["admin"], options = {}) => {
    let password: Promise<string> | undefined;
    const one = await installed({ ...elsewhere, admin }, options, (manager) => {
      password = text(manager.adminPassword);
      return [];
    });
    return { hash: one.values.adminPasswordHash as string, password: await password!, run: one.run };
  };

  test("is generated, a secret, and hashed for the chart", async () => {
    const { hash, password, run } = await hashOf();
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(hash).toMatch(/^\$6\$[A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/);
    const component = run.requests.find(({ type }) => type === "nginx-stacks:index:InstanceManager")!;
    expect(hasSecret(component.outputs.adminPassword!)).toBe(true);
  });

  test("and its salt stay in a second run, so that nothing changes, and both change with the generation", async () => {
    const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
    const [first, second] = [await hashOf({}, { stateFolder }), await hashOf({}, { stateFolder })];
    const third = await hashOf({ passwordGeneration: "2" }, { stateFolder });
    rmSync(stateFolder, { recursive: true });
    expect([second.password, second.hash]).toEqual([first.password, first.hash]);
    const salts = [second, third].map(({ hash }) => hash.split("$")[2]);
    expect(salts[1]).not.toBe(salts[0]);
    expect(third.password).not.toBe(first.password);
  });

  test("can be one's own, or only its hash known", async () => {
    const own = await hashOf({ password: pulumi.secret("correct horse battery") });
    expect(own.password).toBe("correct horse battery");
    const given = await hashOf({ passwordHash: own.hash });
    expect([given.hash, given.password]).toEqual([own.hash, ""]);
  });

  test("a new one restarts the pods, by a keyed digest: the chart mounts the hash by subPath", async () => {
    const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
    const digests: string[] = [];
    for (const password of ["correct horse battery", "correct horse battery", "another horse battery"])
      digests.push((await bare({ admin: { password } }, { stateFolder })).values.podAnnotations["checksum/secrets"]);
    rmSync(stateFolder, { recursive: true });
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });
});

describe("nothing secret is in the open", () => {
  const secrets = { password: "correct horse battery", clickHouse: "staple of the clickhouse" };
  const both: Partial<InstanceManagerArgs> = {
    admin: { password: pulumi.secret(secrets.password) },
    clickHouse: { external: { host: "clickhouse.example.com", password: pulumi.secret(secrets.clickHouse) } },
  };

  test("in no request, by every lint", async () => {
    for (const { run } of [own, await bare(both)])
      for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(run)]).toEqual([lint, []]);
  });

  test("in no value of the release, where a hash is marked as a secret too", async () => {
    const { run } = await bare(both);
    const [release] = chartReleases(run, { secrets: "show" });
    const text = JSON.stringify(release!.values);
    for (const secret of Object.values(secrets))
      for (const encoding of ["utf8", "base64", "hex"] as const)
        expect(text).not.toContain(Buffer.from(secret).toString(encoding));
    expect(text).not.toContain("PRIVATE KEY");
    const request = run.requests.find(({ type }) => type === "kubernetes:helm.sh/v3:Release")!;
    expect(hasSecret((request.inputs.values as { adminPasswordHash: never }).adminPasswordHash)).toBe(true);
    expect(JSON.stringify(chartReleases(run)[0]!.values)).not.toContain("$6$");
  });
});

describe("variants", () => {
  const difference = async (args: Partial<InstanceManagerArgs>) => {
    const own: Record<string, unknown> = await valuesOf(args);
    const others: Record<string, unknown> = await valuesOf();
    const keys = [...new Set([...Object.keys(own), ...Object.keys(others)])];
    return Object.fromEntries(
      keys.filter((key) => JSON.stringify(own[key]) !== JSON.stringify(others[key])).map((key) => [key, own[key]]),
    );
  };

  test("a ClickHouse elsewhere, by its address and a Secret with the password", async () => {
    const external = { host: "192.0.2.7", port: 9440, username: "nim", password: "staple of the clickhouse" };
    const one = await bare({ clickHouse: { external } });
    expect(one.values).toMatchObject({
      nmsClickhouse: { mode: "external" },
      externalClickhouse: { address: "192.0.2.7:9440", auth: { username: "nim", existingSecretKey: "password" } },
    });
    expect(one.texts(one.values.externalClickhouse.auth.existingSecret)).toEqual({ password: external.password });
    expect(JSON.stringify(the("NetworkPolicy", one))).toContain('{"port":9440,"protocol":"TCP"}');
  });

  test("no ClickHouse, which the log says has its price", async () => {
    const one = await bare({ clickHouse: { disabled: true } });
    expect(one.values.nmsClickhouse).toEqual({ mode: "disabled" });
    expect(one.run.log.map(({ message }) => message).join()).toContain("agents have to be 2.41.1 or later");
  });

  test("the password of the chart's ClickHouse in a Secret of another's", async () => {
    const existing = { name: "vault-clickhouse", key: "pw" };
    const { values } = await bare({ clickHouse: { internal: { existing, size: "20Gi" } } });
    expect(values.nmsClickhouse).toEqual({
      auth: { existingSecret: "vault-clickhouse", existingSecretKey: "pw" },
      persistence: { size: "20Gi" },
    });
  });

  test("volumes one by one: the chart's other claims stay in the list", async () => {
    const claims = { coreDatabase: { size: "2Gi" }, dpmStreaming: { existingClaim: "streaming" } };
    expect(await difference({ persistence: { storageClass: "fast", claims } })).toMatchObject({
      core: {
        persistence: {
          storageClass: "fast",
          claims: [
            { name: "dqlite", size: "2Gi", accessMode: "ReadWriteOnce" },
            { name: "secrets", size: "128Mi", accessMode: "ReadWriteOnce" },
          ],
        },
      },
      dpm: {
        persistence: {
          claims: [
            { name: "dqlite", size: "1Gi", accessMode: "ReadWriteOnce" },
            { name: "nats-streaming", size: "1Gi", accessMode: "ReadWriteOnce", existingClaim: "streaming" },
          ],
        },
      },
      integrations: { persistence: { storageClass: "fast" } },
      nmsClickhouse: { persistence: { storageClass: "fast" } },
    });
  });

  test("no volumes at all", async () => {
    const values = await valuesOf({ persistence: { unsafeEphemeral: true } });
    for (const part of ["core", "dpm", "integrations", "nmsClickhouse"])
      expect([part, values[part].persistence]).toEqual([part, { enabled: false }]);
  });

  test("disconnected, through a proxy, on OpenShift, with tolerations and a log level", async () => {
    expect(await difference({ mode: "disconnected" })).toMatchObject({
      integrations: { container: { modeOfOperation: "disconnected" } },
    });
    expect(await difference({ outboundProxy: { host: "proxy.example.com", port: 8080, protocol: "https" } })).toEqual({
      proxyConfig: { proxyEnable: true, proxyHost: "proxy.example.com", proxyPort: 8080, proxyProtocol: "https" },
    });
    expect(await difference({ openshift: true, logLevel: "debug" })).toEqual({
      openshift: { enabled: true },
      log: { level: "debug" },
    });
    const tolerations = [{ key: "nim", operator: "Exists" }];
    const values = await valuesOf({ tolerations });
    for (const part of ["apigw", "core", "dpm", "ingestion", "integrations", "secmon", "utility", "nmsClickhouse"])
      expect([part, values[part].tolerations]).toEqual([part, tolerations]);
  });

  test("a mirror, given once, has the images and the chart", async () => {
    const { values, release } = await bare({ registry: "registry.example.com/mirror" });
    expect(release.coordinates).toEqual({
      chart: "oci://registry.example.com/mirror/nginx/charts/nim",
      version: "2.2.2",
      repositoryOpts: {},
    });
    expect(values.dpm.image.repository).toBe("registry.example.com/mirror/nms/dpm");
    expect(values.nmsClickhouse.image).toEqual({
      repository: "registry.example.com/mirror/clickhouse/clickhouse-server",
    });
    const elsewhere = await bare({ chartRepository: "https://charts.example.com/nginx" });
    expect(elsewhere.release.coordinates).toMatchObject({
      chart: "nim",
      repositoryOpts: { repo: "https://charts.example.com/nginx" },
    });
  });

  test.each([
    ["2.22.0", "2.2.0"],
    ["2.22.1", "2.2.1"],
    ["2.22.2", "2.2.2"],
  ])("version %s comes with chart %s", async (version, chartVersion) => {
    const { values, release } = await bare({ version });
    expect([release.coordinates.version, values.apigw.image.tag]).toEqual([chartVersion, version]);
  });

  test("a version that is not known", async () => {
    const customVersion = { version: "2.23.0", chartVersion: "2.3.0", imageTag: "2.23.0-1" };
    const { values, release } = await bare({ customVersion });
    expect([release.coordinates.version, values.core.image.tag]).toEqual(["2.3.0", "2.23.0-1"]);
  });

  test("an HTTPS certificate of another authority, which a proxy then trusts as well", async () => {
    const proxied = await installed(
      (authority) => ({
        certificate: { secretName: "public" },
        certificateAuthoritiesPem: authority.rootCertificatePem,
        hostnames: ["nim.example.com", "nim.example.net"],
      }),
      {},
      ({ backends }) => {
        expect(backends.apigw!.serverName).toBe("nim.example.com");
        return [];
      },
    );
    expect(proxied.values.apigw).toMatchObject({
      tlsSecret: "public",
      tlsReload: { enabled: true },
      serverName: "nim.example.com nim.example.net",
    });
    const { "ca.pem": internal, "ca.crt": all } = proxied.texts(proxied.values.externalCerts.ca.secretName);
    expect(all).toBe(`${internal}${internal}`);
  });

  test("certificates that something else keeps: nothing is issued, and a new revision restarts the parts", async () => {
    const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
    const digests: string[] = [];
    for (const revision of ["1", "1", "2"]) {
      const existing = Object.entries(elsewhere.existingCertificates).map(([part, { secretName }]) => [
        part,
        { secretName, revision },
      ]);
      const args = { existingCertificates: Object.fromEntries(existing) };
      const { run, values } = await bare(args, { stateFolder });
      expect(run.requests.filter(({ type, name }) => type.includes("Cert") && name.startsWith("nim"))).toEqual([]);
      expect(values.externalCerts).toMatchObject({
        ca: { enabled: true, secretName: "vault-authority" },
        apigw: { enabled: true, secretName: "vault-apigw" },
      });
      digests.push(values.podAnnotations["checksum/secrets"]);
    }
    rmSync(stateFolder, { recursive: true });
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });
});

describe("reachability", () => {
  test("not from outside: policies of the component, and none of the chart's", async () => {
    const one = own;
    expect(one.values.networkPolicies).toEqual({ enabled: false });
    expect(the("Service", one)).toEqual([]);
    expect(the("NetworkPolicy", one).map(({ name, spec }) => ({ name, spec }))).toMatchInlineSnapshot(`
[
  {
    "name": "nim-parts",
    "spec": {
      "egress": [
        {
          "ports": [
            {
              "port": 53,
              "protocol": "UDP",
            },
            {
              "port": 53,
              "protocol": "TCP",
            },
          ],
          "to": [
            {
              "namespaceSelector": {
                "matchLabels": {
                  "kubernetes.io/metadata.name": "kube-system",
                },
              },
              "podSelector": {
                "matchLabels": {
                  "k8s-app": "kube-dns",
                },
              },
            },
          ],
        },
        {
          "to": [
            {
              "podSelector": {},
            },
          ],
        },
      ],
      "ingress": [
        {
          "from": [
            {
              "podSelector": {},
            },
          ],
        },
      ],
      "podSelector": {
        "matchExpressions": [
          {
            "key": "app.kubernetes.io/name",
            "operator": "In",
            "values": [
              "apigw",
              "core",
              "dpm",
              "ingestion",
              "integrations",
              "secmon",
              "clickhouse",
              "utility",
            ],
          },
        ],
      },
      "policyTypes": [
        "Ingress",
        "Egress",
      ],
    },
  },
  {
    "name": "nim-updates",
    "spec": {
      "egress": [
        {},
      ],
      "podSelector": {
        "matchLabels": {
          "app.kubernetes.io/name": "integrations",
        },
      },
      "policyTypes": [
        "Egress",
      ],
    },
  },
]
`);
  });

  test("name servers are the cluster's, OpenShift's, or those of the argument", async () => {
    const rules = async (args: Partial<InstanceManagerArgs>) =>
      the("NetworkPolicy", await bare(args))[0].spec.egress[0];
    expect(await rules({ openshift: true })).toMatchObject({
      ports: [
        { port: 53, protocol: "UDP" },
        { port: 53, protocol: "TCP" },
        { port: 5353, protocol: "UDP" },
        { port: 5353, protocol: "TCP" },
      ],
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } } }],
    });
    expect(await rules({ dns: [{ cidr: "169.254.20.10/32" }] })).toMatchObject({
      to: [{ ipBlock: { cidr: "169.254.20.10/32" } }],
    });
  });

  test("K5: a Namespace that denies by default has a policy for each part: to and from its pods, to name servers, and to F5", async () => {
    const { requests } = await record(() => {
      const namespace = new Namespace("nim", { name: "nim", defaultDeny: true }).name;
      new InstanceManager("manager", { namespace, imagePullSecrets: ["registry"], ...elsewhere });
    });
    const policies = requests.filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy");
    // biome-ignore lint/suspicious/noExplicitAny: a NetworkPolicy, as the provider gets it
    const specs = policies.map(({ inputs }) => reveal(inputs) as any);
    expect(specs.map(({ metadata }) => metadata.namespace)).toEqual(["nim", "nim", "nim"]);
    const { podSelector, ingress, egress } = specs.find(({ spec }) => spec.podSelector.matchExpressions).spec;
    expect(podSelector.matchExpressions[0].values).toEqual(
      expect.arrayContaining(["apigw", "dpm", "ingestion", "clickhouse"]),
    );
    expect(ingress).toEqual([{ from: [{ podSelector: {} }] }]);
    expect(egress).toEqual([
      { ports: expect.arrayContaining([{ port: 53, protocol: "UDP" }]), to: [expect.anything()] },
      { to: [{ podSelector: {} }] },
    ]);
    expect(specs.map(({ spec }) => spec)).toContainEqual({
      podSelector: { matchLabels: { "app.kubernetes.io/name": "integrations" } },
      policyTypes: ["Egress"],
      egress: [{}],
    });
  });

  test("disconnected, not even integrations gets out", async () => {
    expect(the("NetworkPolicy", await bare({ mode: "disconnected" })).map(({ name }) => name)).toEqual(["nim-parts"]);
    expect(the("NetworkPolicy", await bare({ networkPolicies: false }))).toEqual([]);
  });

  test("by a Service of our own, with the ranges and the class that the chart's cannot have", async () => {
    const service = {
      type: "LoadBalancer" as const,
      loadBalancerClass: "internal.example.com/lb",
      loadBalancerSourceRanges: ["192.0.2.0/24"],
    };
    const one = await bare({ service, unsafeAllowAgentsWithoutCertificate: true });
    expect(the("Service", one)[0]).toMatchObject({
      spec: {
        ...service,
        selector: { "app.kubernetes.io/name": "apigw" },
        ports: [{ port: 443, targetPort: "https" }],
      },
    });
    const [clients] = the("NetworkPolicy", one).filter(({ name }) => name === "nim-clients");
    expect(clients.spec.ingress).toEqual([{ ports: [{ port: 8443, protocol: "TCP" }] }]);
  });

  test("from pods of another namespace, where that is said", async () => {
    const clients = [{ namespaceLabels: { "kubernetes.io/metadata.name": "ci" } }];
    const one = await bare({ clients, unsafeAllowAgentsWithoutCertificate: true });
    const [policy] = the("NetworkPolicy", one).filter(({ name }) => name === "nim-clients");
    expect(policy.spec.ingress[0].from).toEqual([
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ci" } } },
    ]);
  });
});
