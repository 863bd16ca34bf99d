import { createPrivateKey, X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { SpireAgent, SpireServer, type SpireServerArgs, type SpireUpstreamAuthority } from "../../../components/mesh";
import { Certificate, CertificateAuthority, TrustedCertificates } from "../../../components/pki";
import { manifests, type RunResult, record, reveal } from "../../../engine";
import { danglingPorts, danglingReferences, requestLints } from "../../lints";
import { secretTexts } from "../secret-texts";
import { files, least, serverObjects, serverRun, the } from "./server-fixture";

const conf = async (args: Partial<SpireServerArgs> = {}) =>
  files(await serverObjects(args), "spire-config")["server.conf"]!;
const managerConf = async (args: Partial<SpireServerArgs> = {}) =>
  JSON.parse(files(await serverObjects(args), "spire-config")["controller-manager.yaml"]!);
const pod = async (args: Partial<SpireServerArgs> = {}) => the("StatefulSet", await serverObjects(args)).spec.template;
/** Returns the block of a configuration that begins with this line. */
const blockOf = (text: string, head: string) => {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => line.trim() === `${head} {`);
  const indent = /^ */.exec(lines[from]!)![0];
  return lines.slice(from, lines.indexOf(`${indent}}`, from) + 1).join("\n");
};
const random = (text: string) =>
  text.replace(/-[0-9a-f]{8}\b/g, "-<random>").replace(/(?<=")[0-9a-f]{16}(?=\\?")/g, "<instance>");
const instance = expect.stringMatching(/^[0-9a-f]{16}$/);

const secret = { secretName: "login" };
const chainLength = 1;
const upstreams: Record<string, SpireUpstreamAuthority> = {
  "cert-manager": { certManager: { issuerName: "corp", issuerKind: "ClusterIssuer", chainLength } },
  "vault by Kubernetes": {
    vault: {
      address: "https://vault.test:8200",
      kubernetesLogin: { role: "spire" },
      trustedCertificates: { secretName: "vault-ca" },
      chainLength,
    },
  },
  "vault by AppRole": {
    vault: {
      address: "https://vault.test:8200",
      pkiMountPoint: "mesh",
      vaultNamespace: "team",
      appRoleLogin: { secret, mountPoint: "roles" },
      chainLength,
    },
  },
  "vault by certificate": {
    vault: {
      address: "https://vault.test:8200",
      certificateLogin: { certificate: secret, role: "spire" },
      chainLength,
    },
  },
  "vault by token": { vault: { address: "https://vault.test:8200", tokenLogin: secret, chainLength } },
  "AWS Private CA": {
    awsPrivateAuthority: {
      region: "cn-north-1",
      certificateAuthorityArn: "arn:aws-cn:acm-pca:cn-north-1:123456789012:certificate-authority/12ac02bc-d425",
      assumeRoleArn: "arn:aws-cn:iam::123456789012:role/spire",
      credentials: secret,
      chainLength: 0,
    },
  },
};

describe("the configuration", () => {
  test("by default", async () => {
    expect(random(await conf())).toMatchInlineSnapshot(`
"server {
  bind_address = "0.0.0.0"
  bind_port = 8081
  trust_domain = "mesh.test"
  data_dir = "/run/spire/data"
  socket_path = "/tmp/spire-server/private/api.sock"
  log_level = "INFO"
  ca_key_type = "ec-p256"
  ca_ttl = "86400s"
  default_x509_svid_ttl = "3600s"
  default_jwt_svid_ttl = "300s"
}
plugins {
  DataStore "sql" {
    plugin_data {
      database_type = "sqlite3"
      connection_string = "/run/spire/data/datastore.sqlite3"
    }
  }
  NodeAttestor "k8s_psat" {
    plugin_data {
      clusters {
        test {
          service_account_allow_list = ["spire-system:spire-agent-account-<random>"]
        }
      }
    }
  }
  KeyManager "disk" {
    plugin_data {
      keys_path = "/run/spire/data/keys.json"
    }
  }
  BundlePublisher "k8s_configmap" {
    plugin_data {
      clusters {
        test {
          namespace = "spire-system"
          configmap_name = "spire-bundle-<random>"
          configmap_key = "bundle.crt"
          format = "pem"
        }
      }
    }
  }
}
health_checks {
  listener_enabled = true
  bind_address = "0.0.0.0"
  bind_port = "8080"
  live_path = "/live"
  ready_path = "/ready"
}
"
`);
  });

  test("with every option", async () => {
    const text = await conf({
      dataStore: { postgresql: { existing: { name: "database" } } },
      keyManager: "memory",
      lifetimes: { caTtlSeconds: 172_800, svidTtlSeconds: 7200 },
      caKeyType: "rsa-4096",
      caSubject: { commonName: "SPIRE $1", organizations: ["Example"], countries: ["DE"] },
      jwtSvids: { issuer: "https://spire.test", keyType: "ec-p384" },
      nodeLabelKeys: ["topology.kubernetes.io/zone"],
      logLevel: "DEBUG",
      plugins: [{ name: "CredentialComposer", labels: ["uniqueid"], block: [{ name: "plugin_data", block: [] }] }],
      monitoring: {},
    });
    expect(random(text)).toMatchInlineSnapshot(`
"server {
  bind_address = "0.0.0.0"
  bind_port = 8081
  trust_domain = "mesh.test"
  data_dir = "/run/spire/data"
  socket_path = "/tmp/spire-server/private/api.sock"
  log_level = "DEBUG"
  ca_key_type = "rsa-4096"
  ca_ttl = "172800s"
  default_x509_svid_ttl = "7200s"
  default_jwt_svid_ttl = "300s"
  jwt_issuer = "https://spire.test"
  jwt_key_type = "ec-p384"
  ca_subject {
    country = ["DE"]
    organization = ["Example"]
    common_name = "SPIRE \\u00241"
  }
}
plugins {
  DataStore "sql" {
    plugin_data {
      database_type = "postgres"
      connection_string = "\${SPIRE_DATABASE}"
    }
  }
  NodeAttestor "k8s_psat" {
    plugin_data {
      clusters {
        test {
          service_account_allow_list = ["spire-system:spire-agent-account-<random>"]
          allowed_node_label_keys = ["topology.kubernetes.io/zone"]
        }
      }
    }
  }
  KeyManager "memory" {
    plugin_data {
    }
  }
  BundlePublisher "k8s_configmap" {
    plugin_data {
      clusters {
        test {
          namespace = "spire-system"
          configmap_name = "spire-bundle-<random>"
          configmap_key = "bundle.crt"
          format = "pem"
        }
      }
    }
  }
  CredentialComposer "uniqueid" {
    plugin_data {
    }
  }
}
telemetry {
  Prometheus {
    host = "0.0.0.0"
    port = 9988
  }
}
health_checks {
  listener_enabled = true
  bind_address = "0.0.0.0"
  bind_port = "8080"
  live_path = "/live"
  ready_path = "/ready"
}
"
`);
  });

  test("without JSON Web Tokens has no lifetime for them", async () => {
    const text = await conf({ jwtSvids: { enabled: false } });
    expect(text).toContain("disable_jwt_svids = true");
    expect(text).not.toContain("jwt_svid_ttl");
  });

  test.each(Object.entries(upstreams))("of an upstream authority: %s", async (name, upstreamAuthority) => {
    const text = await conf({ upstreamAuthority });
    const plugin = /UpstreamAuthority "([^"]+)"/.exec(text)![0];
    expect({ [name]: blockOf(text, plugin) }).toMatchSnapshot();
  });

  test("of the controller manager has the names of the server", async () => {
    expect(await managerConf({ ignoredNamespaces: ["shop"], clusterDomain: "cluster.test", replicas: 1 })).toEqual({
      apiVersion: "spire.spiffe.io/v1alpha1",
      kind: "ControllerManagerConfig",
      clusterName: "test",
      clusterDomain: "cluster.test",
      trustDomain: "mesh.test",
      className: instance,
      watchClassless: false,
      ignoreNamespaces: ["^kube-system$", "^kube-public$", "^spire-server$", "^spire-system$", "^shop$"],
      spireServerSocketPath: "/tmp/spire-server/private/api.sock",
      validatingWebhookConfigurationName: expect.stringMatching(/^spire-webhook-[0-9a-f]{8}$/),
      metrics: { bindAddress: "0" },
      health: { healthProbeBindAddress: "0.0.0.0:8083" },
    });
    const many = await managerConf({
      replicas: 3,
      dataStore: { mysql: { existing: { name: "database" } } },
      validatingWebhook: false,
    });
    expect(many.validatingWebhookConfigurationName).toBeUndefined();
    expect(many.leaderElection).toEqual({
      leaderElect: true,
      resourceName: expect.stringMatching(/^spire-[0-9a-f]{16}$/),
      resourceNamespace: "spire-server",
    });
  });
});

describe("a database", () => {
  const connection = "spire:pa%24%7Bss@tcp(db.test:3306)/spire?parseTime=true";
  const args: Partial<SpireServerArgs> = {
    replicas: 2,
    keyManager: "memory",
    storage: undefined,
    dataStore: { mysql: { connectionString: connection } },
  };

  test("has its connection string in a Secret and the environment only", async () => {
    const run = await serverRun(args);
    const objects = manifests(run, { secrets: "show" });
    expect(blockOf(files(objects, "spire-config")["server.conf"]!, 'DataStore "sql"')).toContain(
      'connection_string = "${SPIRE_DATABASE}"',
    );
    const { env } = the("StatefulSet", objects).spec.template.spec.containers[0];
    const made = the("Secret", objects, "spire-database");
    expect(env).toEqual([
      {
        name: "SPIRE_DATABASE",
        valueFrom: { secretKeyRef: { name: made.metadata.name, key: "connectionString" } },
      },
    ]);
    expect(Buffer.from(made.data.connectionString, "base64").toString()).toBe(connection);
    expect(requestLints["private keys, passwords and tokens stay in their envelopes"]!(run)).toEqual([]);
    expect(JSON.stringify(objects.filter(({ kind }) => kind !== "Secret"))).not.toContain("pa%24");
  });

  test("needs no volume, and rolls the pods when the connection changes", async () => {
    const template = await pod(args);
    expect(template.spec.volumes).toContainEqual({ name: "data", emptyDir: { sizeLimit: "1Gi" } });
    expect((await serverObjects(args)).find(({ kind }) => kind === "StatefulSet")).not.toHaveProperty(
      "spec.volumeClaimTemplates",
    );
    const of = async (revision: string) => {
      const existing = { name: "database", key: "dsn", revision };
      return (await pod({ ...args, dataStore: { mysql: { existing } } })).metadata.annotations["checksum/secrets"];
    };
    expect(await of("1")).not.toBe(await of("2"));
  });
});

test("a database has TrustedCertificates and a client certificate", async () => {
  const trustedCertificates = { secretName: "database-ca", revision: "1" };
  const clientCertificate = { secretName: "database-client" };
  const certificates = { trustedCertificates, clientCertificate };
  const mysql = { existing: { name: "database" }, ...certificates };
  const objects = await serverObjects({ dataStore: { mysql } });
  expect(blockOf(files(objects, "spire-config")["server.conf"]!, 'DataStore "sql"')).toMatchInlineSnapshot(`
"  DataStore "sql" {
    plugin_data {
      database_type = "mysql"
      connection_string = "\${SPIRE_DATABASE}"
      root_ca_path = "/run/spire/database/authorities/ca.crt"
      client_cert_path = "/run/spire/database/certificate/tls.crt"
      client_key_path = "/run/spire/database/certificate/tls.key"
    }
  }"
`);
  const { containers, volumes } = the("StatefulSet", objects).spec.template.spec;
  const mounts = containers[0].volumeMounts.filter(({ name }: { name: string }) => name.startsWith("database"));
  expect({ mounts, volumes: volumes.slice(-2) }).toMatchSnapshot();
  expect(danglingReferences(objects, ["Secret/database", "Secret/database-ca", "Secret/database-client"])).toEqual([]);
  const place = "/run/spire/database";
  const connectionString = `sslrootcert=${place}/authorities/ca.crt sslcert=${place}/certificate/tls.crt sslkey=${place}/certificate/tls.key`;
  const postgresql = { connectionString, ...certificates };
  expect(await conf({ dataStore: { postgresql } })).not.toContain("root_ca_path");
});

describe("an upstream authority on disk", () => {
  const issuerOf = (args: object) =>
    new CertificateAuthority("authority", { subject: { commonName: "Root" }, subordinateAuthorities: 1, ...args });
  const intermediate = { subject: { commonName: "Issuing" } };

  async function authority(args: object): Promise<{ run: RunResult; data: Record<string, string>; depth: number }> {
    let depth = 0;
    const run = await record(() => {
      const upstreamAuthority = { disk: { issuer: issuerOf(args) } };
      depth = new SpireServer("spire", { ...least, upstreamAuthority }).verifyDepth;
    });
    return { run, data: secretTexts(the("Secret", manifests(run, { secrets: "show" }), "spire-authority")), depth };
  }

  test("#5828: has the chain, its key and the roots, with any number of intermediates", async () => {
    for (const [args, length] of [
      [{ intermediate }, 1],
      [{}, 1],
    ] as const) {
      const { data } = await authority(args);
      expect(Object.keys(data).sort()).toEqual(["bundle.crt", "tls.crt", "tls.key"]);
      const chain = data["tls.crt"]!.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!;
      expect(chain).toHaveLength(length);
      const [signing, root] = [new X509Certificate(chain[0]!), new X509Certificate(data["bundle.crt"]!)];
      expect(signing.checkPrivateKey(createPrivateKey(data["tls.key"]!))).toBe(true);
      expect(signing.verify(root.publicKey)).toBe(true);
    }
  });

  test("increases the verification depth by its distance to the root", async () => {
    expect((await authority({ intermediate })).depth).toBe(2);
    expect((await authority({})).depth).toBe(1);
  });

  test("is mounted as a folder, so that SPIRE reads changes", async () => {
    const { run } = await authority({ intermediate });
    const objects = manifests(run, { secrets: "show" });
    const template = the("StatefulSet", objects).spec.template;
    expect(template.spec.containers[0].volumeMounts).toContainEqual({
      name: "upstream-authority",
      mountPath: "/run/spire/upstream/authority",
      readOnly: true,
    });
    expect(blockOf(files(objects, "spire-config")["server.conf"]!, 'UpstreamAuthority "disk"')).toMatchInlineSnapshot(`
"  UpstreamAuthority "disk" {
    plugin_data {
      cert_file_path = "/run/spire/upstream/authority/tls.crt"
      key_file_path = "/run/spire/upstream/authority/tls.key"
      bundle_file_path = "/run/spire/upstream/authority/bundle.crt"
    }
  }"
`);
    expect(Object.keys(template.metadata.annotations)).toEqual(["checksum/config"]);
    expect(danglingReferences(objects)).toEqual([]);
  });

  test("with a chain of another length is refused once it is known", async () => {
    const run = record(() => {
      const { chainLength, ...issuer } = issuerOf({ intermediate });
      new SpireServer("spire", { ...least, upstreamAuthority: { disk: { issuer: issuer as never, chainLength: 2 } } });
    });
    await expect(run).rejects.toThrow(
      'SpireServer "spire": upstreamAuthority.disk.chainLength is 2, but the issuer\'s chain has 1; write 1: with a wrong number NGINX would not verify deep enough',
    );
  });

  test("with a key of an unsupported kind is refused once it is known", async () => {
    const run = record(() => {
      const upstreamAuthority = { disk: { issuer: issuerOf({ keyAlgorithm: "ED25519" }) } };
      new SpireServer("spire", { ...least, upstreamAuthority });
    });
    await expect(run).rejects.toThrow(
      'SpireServer "spire": upstreamAuthority.disk.issuer has a private key that SPIRE cannot use; make the authority with an ECDSA or RSA key',
    );
  });
});

describe("the objects", () => {
  test("of a server, its controller manager and their roles", async () => {
    const objects = await serverObjects();
    expect(
      objects.map(({ kind, metadata }) => `${kind} ${random(`${metadata.namespace}/${metadata.name}`)}`).sort(),
    ).toMatchInlineSnapshot(`
[
  "ClusterRole undefined/spire-cluster-role-<random>",
  "ClusterRoleBinding undefined/spire-cluster-binding-<random>",
  "ConfigMap spire-server/spire-config-<random>",
  "ConfigMap spire-system/spire-bundle-<random>",
  "Role spire-system/spire-bundle-role-<random>",
  "RoleBinding spire-system/spire-bundle-binding-<random>",
  "Service spire-server/spire-service-<random>",
  "Service spire-server/spire-webhook-service-<random>",
  "ServiceAccount spire-server/spire-account-<random>",
  "ServiceAccount spire-system/spire-agent-account-<random>",
  "StatefulSet spire-server/spire-server-<random>",
  "ValidatingWebhookConfiguration undefined/spire-webhook-<random>",
]
`);
    expect(random(JSON.stringify(await pod(), null, 1)).replace(/[0-9a-f]{64}/, "<digest>")).toMatchSnapshot();
  });

  test("every reference leads to an object and its key", async () => {
    for (const upstreamAuthority of [undefined, ...Object.values(upstreams)]) {
      const objects = await serverObjects({ upstreamAuthority, imagePullSecrets: ["pull"], monitoring: {} });
      expect(danglingReferences(objects, ["Secret/login", "Secret/vault-ca", "Secret/pull"])).toEqual([]);
      expect(danglingPorts(objects)).toEqual([]);
    }
    const [nothing] = danglingReferences(await serverObjects({ upstreamAuthority: upstreams["vault by token"] }));
    expect(nothing).toMatch(/refers to Secret login key token/);
  });

  test("rules are those of SPIRE's sources, for objects of this server", async () => {
    const objects = await serverObjects();
    const webhook = the("ValidatingWebhookConfiguration", objects).metadata.name;
    const bundle = the("ConfigMap", objects, "spire-bundle").metadata.name;
    const rules = (kind: string, prefix: string) =>
      the(kind, objects, prefix).rules.map(
        ({ apiGroups, resources, verbs, resourceNames = [] }: Record<string, string[]>) =>
          `${apiGroups} ${resources} ${verbs} ${resourceNames}`.trim(),
      );
    expect(rules("Role", "spire-bundle-role")).toEqual([`configmaps patch ${bundle}`]);
    expect(rules("ClusterRole", "spire-cluster-role")).toEqual([
      "authentication.k8s.io tokenreviews create",
      "pods,nodes get",
      "namespaces,nodes,pods,endpoints list,watch",
      "spire.spiffe.io clusterspiffeids,clusterstaticentries,clusterfederatedtrustdomains list,watch",
      "spire.spiffe.io clusterspiffeids/status,clusterstaticentries/status update",
      "admissionregistration.k8s.io validatingwebhookconfigurations list,watch",
      `admissionregistration.k8s.io validatingwebhookconfigurations get,patch ${webhook}`,
    ]);
    const without = JSON.stringify(await serverObjects({ validatingWebhook: false }));
    expect(without).not.toContain("validatingwebhookconfigurations");
    expect(without).toContain('{"name":"ENABLE_WEBHOOKS","value":"false"}');
  });

  test("replicas and cert-manager need further rules", async () => {
    const many = await serverObjects({ replicas: 2, dataStore: { mysql: { existing: { name: "database" } } } });
    const lease = JSON.parse(files(many, "spire-config")["controller-manager.yaml"]!).leaderElection.resourceName;
    expect(the("Role", many, "spire-leader-role").rules).toEqual([
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
      {
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        verbs: ["get", "update"],
        resourceNames: [lease],
      },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    ]);
    const requests = await serverObjects({
      upstreamAuthority: { certManager: { issuerName: "corp", namespace: "pki", chainLength } },
    });
    expect(the("Role", requests, "spire-requests-role")).toMatchObject({
      metadata: { namespace: "pki" },
      rules: [{ resources: ["certificaterequests"], verbs: ["create", "get", "list", "delete"] }],
    });
    expect((await serverObjects()).filter(({ kind }) => kind === "Role")).toHaveLength(1);
  });

  test("data that SPIRE writes is ignored by Pulumi", async () => {
    const { requests } = await serverRun();
    const ignored = Object.fromEntries(
      requests
        .filter(({ ignoreChanges }) => ignoreChanges?.length)
        .map(({ name, ignoreChanges }) => [name, ignoreChanges]),
    );
    expect(ignored).toEqual({
      "spire-bundle": ["data"],
      "spire-webhook": ["webhooks[*].clientConfig.caBundle"],
    });
    expect(requests.find(({ name }) => name === "spire-bundle")!.inputs).not.toHaveProperty("data");
  });

  test("SCM#177: CRDs of the controller manager's version are installed first and stay", async () => {
    const { requests } = await serverRun();
    const crds = requests.find(({ name }) => name === "spire-crds")!;
    expect(crds).toMatchObject({
      retainOnDelete: true,
      inputs: {
        files: ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"].map(
          (kind) =>
            `https://raw.githubusercontent.com/spiffe/spire-controller-manager/v0.6.6/config/crd/bases/spire.spiffe.io_${kind}.yaml`,
        ),
      },
    });
    expect(requests.find(({ name }) => name === "spire-server")!.dependencies).toContain(crds.urn);
    const { requests: without } = await serverRun({ crds: "existing" });
    expect(without.some(({ name }) => name === "spire-crds")).toBe(false);
    const other = await serverRun({ crds: "install", crdSource: "https://mirror.test/crds/", deleteCrds: true });
    expect(other.requests.find(({ name }) => name === "spire-crds")).toMatchObject({
      retainOnDelete: false,
      inputs: { files: ["https://mirror.test/crds/spire-controller-manager-0.6.6.yaml"] },
    });
  });

  test("a change of the configuration rolls the pods", async () => {
    const digest = async (args: Partial<SpireServerArgs>) => (await pod(args)).metadata.annotations["checksum/config"];
    expect(await digest({ logLevel: "DEBUG" })).not.toBe(await digest({}));
  });

  test("two servers in one namespace share no object and no class", async () => {
    const run = await record(() => {
      for (const name of ["one", "two"]) new SpireServer(name, { ...least, monitoring: { prometheusOperator: true } });
    });
    const objects = manifests(run, { secrets: "show" });
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const classes = objects
      .filter(({ kind, metadata }) => kind === "ConfigMap" && /-config-/.test(`${metadata.name}`))
      // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
      .map((object: any) => JSON.parse(object.data["controller-manager.yaml"]).className);
    expect(new Set(classes).size).toBe(2);
    const conditions = objects
      .filter(({ kind }) => kind === "ValidatingWebhookConfiguration")
      // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
      .flatMap((object: any) => object.webhooks.map(({ matchConditions }: any) => matchConditions[0].expression));
    expect(new Set(conditions)).toEqual(
      new Set(classes.map((one) => `has(object.spec.className) && object.spec.className == "${one}"`)),
    );
    for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(run)]).toEqual([lint, []]);
  });

  test("images come from one mirror", async () => {
    const template = await pod({ images: { registry: "registry.test/mirror" } });
    expect(template.spec.containers.map(({ image }: { image: string }) => image)).toEqual([
      "registry.test/mirror/spiffe/spire-server:1.15.3",
      "registry.test/mirror/spiffe/spire-controller-manager:0.7.0",
    ]);
  });

  test("monitors use declared ports, and OpenShift assigns the user", async () => {
    const objects = await serverObjects({
      monitoring: { prometheusOperator: true, labels: { release: "x" } },
      openshift: true,
    });
    expect(the("PodMonitor", objects)).toMatchObject({
      metadata: { labels: { release: "x" } },
      spec: { podMetricsEndpoints: [{ port: "metrics" }, { port: "manager-metrics" }] },
    });
    const rule = JSON.parse(random(JSON.stringify(the("PrometheusRule", objects)))) as object;
    expect(rule).toMatchSnapshot({ metadata: { name: expect.anything() } });
    const { securityContext } = the("StatefulSet", objects).spec.template.spec;
    expect(securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  });

  test("a Certificate can be the login to Vault", async () => {
    const objects = manifests(
      await record(() => {
        const issuer = new CertificateAuthority("authority", { subject: { commonName: "Root" } });
        const namespace = "spire-server";
        new SpireServer("spire", {
          ...least,
          upstreamAuthority: {
            vault: {
              address: "https://vault.test",
              trustedCertificates: new TrustedCertificates("vault", { namespace, certificatesPem: issuer.bundle }),
              certificateLogin: {
                certificate: new Certificate("login", {
                  namespace,
                  issuer,
                  usage: "client",
                  subject: { commonName: "s" },
                }),
              },
              chainLength,
            },
          },
        });
      }),
      { secrets: "show" },
    );
    expect(danglingReferences(objects)).toEqual([]);
  });
});

describe("a server as mesh", () => {
  test("#2608, SCM#389: has the outputs for agents and identities, known once the server is ready", async () => {
    const outputs = await record(() => {
      const server = new SpireServer("spire", least);
      const { serverPort, bundleKey, verifyDepth, caTtlSeconds, clusterName } = server;
      const { trustDomain, className, serverHost, bundleConfigMapName, agentServiceAccountName } = server;
      return {
        plain: { serverPort, bundleKey, verifyDepth, caTtlSeconds, clusterName },
        later: { trustDomain, className, serverHost, bundleConfigMapName, agentServiceAccountName },
      };
    });
    expect(reveal(outputs.outputs.plain!)).toEqual({
      ...{ serverPort: 8081, bundleKey: "bundle.crt", verifyDepth: 1, caTtlSeconds: 86_400, clusterName: "test" },
    });
    expect(reveal(outputs.outputs.later!)).toEqual({
      trustDomain: "mesh.test",
      className: instance,
      serverHost: expect.stringMatching(/^spire-service-[0-9a-f]{8}\.spire-server\.svc$/),
      bundleConfigMapName: expect.stringMatching(/^spire-bundle-/),
      agentServiceAccountName: expect.stringMatching(/^spire-agent-account-/),
    });
  });

  test("its outputs wait for the StatefulSet", async () => {
    const { requests } = await record(() => {
      const mesh = new SpireServer("spire", least);
      new SpireAgent("agent", { mesh, kubelet: { clusterAuthority: true } });
      new pulumi.ComponentResource("test:index:After", "after", { class: mesh.className });
    });
    const server = requests.find(({ name }) => name === "spire-server")!;
    const agent = requests.find(({ name }) => name === "agent-agent")!;
    expect(agent.dependencies).toContain(server.urn);
  });
});
