import { Namespace, SpiffeCsiDriver, SpireAgent, SpireServer, WorkloadIdentity } from "../../components";
import { CertificateAuthority } from "../../components/pki";
import { type KubernetesObject, manifests, type RunResult, record } from "../../engine";
import { applyFiles, crdSource } from "./crds";
import { describeOwnCluster } from "./fixture";
import { type Account, allowed, type Deed, deed, rightsOf, spoken } from "./spire-rights";

/** Two meshes in one cluster: one with defaults below an authority of the program, one with all rights. */
function twoMeshes(): void {
  const privileged = new Namespace("system", { name: "spire-system", podSecurity: "privileged" }).name;
  const first = new SpireServer("first", {
    namespace: new Namespace("server", { name: "spire-server", podSecurity: "restricted" }).name,
    agentNamespace: privileged,
    trustDomain: "first.test",
    clusterName: "test",
    storage: { volume: { size: "1Gi" } },
    upstreamAuthority: {
      disk: {
        issuer: new CertificateAuthority("authority", { subject: { commonName: "Root" }, subordinateAuthorities: 1 }),
      },
    },
    crdSource,
  });
  const agent = new SpireAgent("first-agent", { mesh: first, kubelet: { clusterAuthority: true } });
  new SpiffeCsiDriver("csi", { namespace: privileged }, { dependsOn: agent });
  new WorkloadIdentity("first-web", {
    mesh: first,
    namespaces: ["shop"],
    podSelector: { matchLabels: { app: "web" } },
  });

  const second = new SpireServer("second", {
    namespace: new Namespace("other-server", { name: "other-server", podSecurity: "restricted" }).name,
    agentNamespace: new Namespace("other-system", { name: "other-system", podSecurity: "privileged" }).name,
    trustDomain: "second.test",
    clusterName: "test",
    replicas: 3,
    keyManager: "memory",
    dataStore: { postgresql: { existing: { name: "database" } } },
    upstreamAuthority: { certManager: { issuerName: "corp", namespace: "requests", chainLength: 1 } },
    validatingWebhook: false,
    crds: "existing",
    monitoring: {},
  });
  new SpireAgent("second-agent", {
    mesh: second,
    kubelet: { unsafeSkipVerification: true, unsafeNodesProxy: true, address: "loopback" },
    monitoring: {},
    maxUnavailable: "1",
  });
  new SpiffeCsiDriver("other-csi", { namespace: "other-system", name: "other.csi.spiffe.io" });
  new WorkloadIdentity("second-web", {
    mesh: second,
    namespaceSelector: { matchLabels: { mesh: "second" } },
    podSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] },
    dnsNameTemplates: [
      "{{ .PodMeta.Name }}.{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.svc.cluster.local",
    ],
    serviceNames: true,
    containerName: "web",
    ttlSeconds: 600,
    jwtTtlSeconds: 60,
    hint: "web",
    fallback: true,
  });
}

const isIdentity = ({ kind }: KubernetesObject) => kind === "ClusterSPIFFEID";
const classOf = ({ spec }: KubernetesObject) => `${(spec as { className: string }).className}`;

describeOwnCluster("the objects of a mesh", (cluster) => {
  let run: RunResult;
  let objects: KubernetesObject[];
  const the = (kind: string, prefix: string) => {
    const found = objects.filter((one) => one.kind === kind && `${one.metadata.name}`.startsWith(prefix));
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  const account = (prefix: string): Account => {
    const { namespace, name } = the("ServiceAccount", prefix).metadata;
    return { namespace: `${namespace}`, name: `${name}` };
  };
  const nameOf = (kind: string, prefix: string) => `${the(kind, prefix).metadata.name}`;

  beforeAll(async () => {
    run = await record(twoMeshes);
    objects = manifests(run, { secrets: "show" });
    await applyFiles(cluster(), run);
    const namespaces = ["requests", "shop"].map((name) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    }));
    await cluster().apply(namespaces as KubernetesObject[]);
    await cluster().apply(objects.filter((one) => !isIdentity(one)));
  });

  test("become Ready: a server under restricted Pod Security, agents and drivers on every node", async () => {
    const others = objects.filter((one) => !isIdentity(one));
    await cluster().waitReady(others);
    for (const prefix of ["first-agent", "second-agent", "csi", "other-csi"]) {
      const { status } = await cluster().get(
        "daemonset",
        nameOf("DaemonSet", prefix),
        `${the("DaemonSet", prefix).metadata.namespace}`,
      );
      expect((status as { numberReady: number }).numberReady).toBe(3);
    }
    const replicas = async (prefix: string) => {
      const { name, namespace } = the("StatefulSet", prefix).metadata;
      return ((await cluster().get("statefulset", `${name}`, `${namespace}`)).status as { readyReplicas: number })
        .readyReplicas;
    };
    expect([await replicas("first-server"), await replicas("second-server")]).toEqual([1, 3]);
  });

  test("SCM#450, helm-charts#72: without its controller manager an identity is rejected, but not one of another mesh", async () => {
    const [first, second] = [the("ClusterSPIFFEID", "first-web"), the("ClusterSPIFFEID", "second-web")];
    expect(classOf(first)).not.toBe(classOf(second));
    // No controller manager runs here; pods of kwok do not answer.
    await expect(cluster().apply([first])).rejects.toThrow('failed calling webhook "vclusterspiffeid.kb.io"');
    await cluster().apply([second]);
    // The answer of the controller manager is not known here, but the schema accepts the object.
    await cluster().kubectl([
      "delete",
      "validatingwebhookconfiguration",
      nameOf("ValidatingWebhookConfiguration", "first-webhook"),
    ]);
    await cluster().apply([first]);
    const { spec } = await cluster().get("clusterspiffeid", `${first.metadata.name}`);
    expect(spec).toEqual(first.spec);
  });

  test("a misspelt identity is rejected by the schema", async () => {
    const second = the("ClusterSPIFFEID", "second-web");
    const wrong = { ...second, spec: { ...(second.spec as object), dnsNames: ["x"] } };
    await expect(cluster().apply([wrong])).rejects.toThrow(".spec.dnsNames: field not declared in schema");
  });

  /** Needed by both servers: attestation, and the controller manager's watches. */
  const everyServer: Deed[] = [
    deed("create", "tokenreviews.authentication.k8s.io"),
    ...["pods", "nodes"].map((resource) => deed("get", resource)),
    ...["namespaces", "nodes", "pods", "endpoints"].flatMap((resource) => [
      deed("list", resource),
      deed("watch", resource),
    ]),
    ...["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"].flatMap((resource) => [
      deed("list", `${resource}.spire.spiffe.io`),
      deed("watch", `${resource}.spire.spiffe.io`),
    ]),
    deed("update", "clusterspiffeids.spire.spiffe.io/status"),
    deed("update", "clusterstaticentries.spire.spiffe.io/status"),
  ];
  const webhook = "validatingwebhookconfigurations.admissionregistration.k8s.io";

  /** ServiceAccounts with their rights in the cluster and in namespaces. */
  const needs: [string, string, () => Deed[], () => Deed[]][] = [
    [
      "a server below an authority on disk",
      "first-account",
      () => {
        const name = nameOf("ValidatingWebhookConfiguration", "first-webhook");
        return [
          ...everyServer,
          ...["list", "watch"].map((verb) => deed(verb, webhook)),
          ...["get", "patch"].map((verb) => deed(verb, webhook, undefined, name)),
        ];
      },
      () => [deed("patch", "configmaps", "spire-system", nameOf("ConfigMap", "first-bundle"))],
    ],
    [
      "three servers that ask cert-manager, without webhook",
      "second-account",
      () => everyServer,
      () => [
        deed("patch", "configmaps", "other-system", nameOf("ConfigMap", "second-bundle")),
        ...["create", "get", "list", "delete"].map((verb) =>
          deed(verb, "certificaterequests.cert-manager.io", "requests"),
        ),
        deed("create", "leases.coordination.k8s.io", "other-server"),
        ...["get", "update"].map((verb) => deed(verb, "leases.coordination.k8s.io", "other-server", leaseName())),
        ...["create", "patch"].map((verb) => deed(verb, "events", "other-server")),
      ],
    ],
    ["an agent", "first-agent-account", () => [deed("get", "nodes/pods")], () => []],
    ["an agent before Kubernetes 1.33", "second-agent-account", () => [deed("get", "nodes/proxy")], () => []],
    ["a CSI driver", "csi-account", () => [], () => []],
  ];

  const leaseName = () =>
    JSON.parse((the("ConfigMap", "second-config").data as Record<string, string>)["controller-manager.yaml"]!)
      .leaderElection.resourceName as string;

  /** Rights that none of them has. */
  const forbidden = (): Deed[] => [
    ...["get", "list", "watch"].flatMap((verb) => [
      deed(verb, "secrets", "spire-server"),
      deed(verb, "secrets", "kube-system"),
    ]),
    ...["create", "update", "patch", "delete"].flatMap((verb) => [deed(verb, "pods", "shop"), deed(verb, "nodes")]),
    deed("create", "pods/exec", "shop"),
    deed("create", "nodes/proxy"),
    deed("create", "serviceaccounts/token", "spire-system"),
    deed("impersonate", "serviceaccounts", "spire-system"),
    deed("create", "configmaps", "spire-system"),
    deed("get", "configmaps", "spire-system", nameOf("ConfigMap", "first-bundle")),
    deed("patch", "configmaps", "spire-system", "kube-root-ca.crt"),
    deed("patch", "configmaps", "kube-system", nameOf("ConfigMap", "first-bundle")),
    ...["create", "update", "delete"].flatMap((verb) => [
      deed(verb, "clusterspiffeids.spire.spiffe.io"),
      deed(verb, webhook),
    ]),
    deed("patch", webhook, undefined, "others"),
    deed("get", "leases.coordination.k8s.io", "kube-system", "kube-scheduler"),
    deed("create", "clusterroles.rbac.authorization.k8s.io"),
    deed("escalate", "clusterroles.rbac.authorization.k8s.io"),
    deed("create", "certificatesigningrequests.certificates.k8s.io"),
    deed("create", "certificaterequests.cert-manager.io", "kube-system"),
  ];

  test.each(needs)("%s has the rights that it needs, and no others", async (_, prefix, everywhere, here) => {
    const who = account(prefix);
    const needed = [...everywhere(), ...here()];
    expect((await allowed(cluster(), who, needed)).map(spoken)).toEqual(needed.map(spoken));
    expect((await allowed(cluster(), who, forbidden())).map(spoken)).toEqual([]);
    // The API server's list of its rights has no others.
    const local = here();
    for (const namespace of [
      "default",
      "kube-system",
      "requests",
      ...["server", "system"].flatMap((one) => [`spire-${one}`, `other-${one}`]),
    ]) {
      const there = local.filter((one) => one.namespace === namespace).map(({ namespace: _, ...one }) => one);
      expect({ [namespace]: await rightsOf(cluster(), who, namespace) }).toEqual({
        [namespace]: [...everywhere(), ...there].map(spoken).sort(),
      });
    }
  });

  test("the test finds other rights", async () => {
    const who = account("first-agent-account");
    await cluster().kubectl([
      "create",
      "clusterrolebinding",
      "too-much",
      "--clusterrole=view",
      `--serviceaccount=${who.namespace}:${who.name}`,
    ]);
    try {
      expect((await allowed(cluster(), who, [deed("list", "pods", "shop")])).map(spoken)).toEqual([
        "list pods in shop",
      ]);
      expect(await rightsOf(cluster(), who, "default")).toContain("list pods");
    } finally {
      await cluster().kubectl(["delete", "clusterrolebinding", "too-much"]);
    }
  });
});
