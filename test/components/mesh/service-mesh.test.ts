import { ServiceMesh, type ServiceMeshArgs, Sidecar } from "../../../components/mesh";
import { type KubernetesObject, manifests, type RunResult, record } from "../../../engine";
import { requestLints } from "../../lints";
import { web } from "./sidecar-fixture";

const least: ServiceMeshArgs = {
  trustDomain: "mesh.test",
  clusterName: "test",
  server: { storage: { volume: { size: "1Gi" } } },
  agent: { kubelet: { clusterAuthority: true } },
};
const injection = { kubernetesVersion: "1.36", sidecars: { edition: "oss" as const } };

/** A mesh, and a Sidecar of it. */
const run = (args: Partial<ServiceMeshArgs> = {}): Promise<RunResult> =>
  record(() => {
    const mesh = new ServiceMesh("mesh", { ...least, ...args });
    new Sidecar("shop", {
      namespace: "shop",
      mesh,
      edition: "oss",
      redirect: {},
      inbound: [{ port: 8080, protocol: "http", allow: [web] }],
    });
  });
const objectsOf = async (args?: Partial<ServiceMeshArgs>) => manifests(await run(args), { secrets: "show" });
// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
const all = (kind: string, objects: KubernetesObject[]): any[] => objects.filter((object) => object.kind === kind);

test("4: server and agents have separate Namespaces, each with its strictest Pod Security", async () => {
  const objects = await objectsOf();
  const level = Object.fromEntries(
    all("Namespace", objects).map(({ metadata }) => [
      metadata.name,
      metadata.labels["pod-security.kubernetes.io/enforce"],
    ]),
  );
  const of = (kind: string) => all(kind, objects).map(({ metadata }) => level[metadata.namespace]);
  expect(of("StatefulSet")).toEqual(["restricted"]);
  expect(of("DaemonSet")).toEqual(["privileged", "privileged"]);
});

test("19: every configuration has the same trust domain and cluster name", async () => {
  const text = JSON.stringify((await objectsOf()).filter(({ kind }) => kind === "ConfigMap"));
  expect([...new Set(text.match(/(?<=trust_domain = \\+")[^"\\]+/g))]).toEqual(["mesh.test"]);
  expect(text).toContain('trustDomain\\": \\"mesh.test');
  expect(text).toMatch(/spiffe:\/\/mesh\\+\.test\/ns/);
  expect(text).toContain('clusterName\\": \\"test');
  expect(text).toMatch(/cluster = \\"test/);
});

test("2, 5, 7: server before agents, agents before the driver, and all before workloads", async () => {
  const { requests } = await run({ injection });
  const one = (name: string) => requests.find((request) => request.name === name && request.custom)!;
  /** Returns the resources created before a resource. */
  const before = (urn: string, seen = new Set<string>()): Set<string> => {
    for (const dependency of requests.find((request) => request.urn === urn)?.dependencies ?? [])
      if (!seen.has(dependency)) before(dependency, seen.add(dependency));
    return seen;
  };
  const order = ["mesh-server-server", "mesh-agent-agent", "mesh-csi-driver-node", "shop-config"];
  for (const [index, name] of order.slice(1).entries())
    expect([name, before(one(name).urn).has(one(order[index]!).urn)]).toEqual([name, true]);
  for (const name of ["mesh-injector-policy", "mesh-injector-binding", "mesh-sidecars-identity"])
    expect([name, before(one("shop-config").urn).has(one(name).urn)]).toEqual([name, true]);
  expect(before(one("mesh-server-server").urn).has(one("mesh-agent-agent").urn)).toBe(false);
});

test("4: every pod with a sidecar has an identity, unless sidecarIdentity is false", async () => {
  const [{ spec }] = all("ClusterSPIFFEID", await objectsOf());
  expect(spec.podSelector).toEqual({ matchExpressions: [{ key: "nginx-stacks/sidecar", operator: "Exists" }] });
  expect(spec.namespaceSelector).toBeUndefined();
  expect(all("ClusterSPIFFEID", await objectsOf({ sidecarIdentity: false }))).toEqual([]);
});

test("an injector is optional, and existing Namespaces stay unchanged", async () => {
  expect(all("MutatingAdmissionPolicy", await objectsOf())).toEqual([]);
  const objects = await objectsOf({ injection, serverNamespace: "spire-server", systemNamespace: "spire-system" });
  expect(all("MutatingAdmissionPolicy", objects)).toHaveLength(1);
  expect(all("Namespace", objects)).toEqual([]);
  expect(all("StatefulSet", objects)[0].metadata.namespace).toBe("spire-server");
  expect(all("DaemonSet", objects).map(({ metadata }) => metadata.namespace)).toEqual(["spire-system", "spire-system"]);
});

test("server, agents, driver and injected containers use one mirror", async () => {
  const objects = await objectsOf({ injection, images: { registry: "registry.example.com/mirror" } });
  const spire = objects.filter(({ kind }) => ["StatefulSet", "DaemonSet", "MutatingAdmissionPolicy"].includes(kind!));
  const text = JSON.stringify(spire);
  expect(text).not.toMatch(/ghcr\.io|registry\.k8s\.io/);
  expect(text.match(/registry\.example\.com\/mirror\//g)!.length).toBeGreaterThanOrEqual(6);
});

test("a mesh with every option passes the lints of requests", async () => {
  const result = await run({ injection, monitoring: { prometheusOperator: true } });
  for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(result)]).toEqual([lint, []]);
});
