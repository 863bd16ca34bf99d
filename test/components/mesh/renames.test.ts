import { ServiceMesh, Sidecar } from "../../../components/mesh";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { web } from "./sidecar-fixture";

/** Every object of a mesh that selects pods, in a project and a stack. */
const made = async (name: string, run: object = {}) =>
  manifests(
    await record(() => {
      const mesh = new ServiceMesh(name, {
        trustDomain: "mesh.test",
        clusterName: "test",
        server: {
          storage: { volume: { size: "1Gi" } },
          replicas: 2,
          dataStore: { mysql: { existing: { name: "database" } } },
        },
        agent: { kubelet: { clusterAuthority: true } },
        monitoring: { prometheusOperator: true },
        injection: { kubernetesVersion: "1.36", sidecars: { edition: "oss" } },
      });
      new Sidecar(`${name}-web`, {
        ...{ namespace: "shop", mesh, edition: "oss", redirect: {} },
        inbound: [{ port: 8080, protocol: "http", allow: [web] }],
      });
    }, run),
    { secrets: "show" },
  );
const of = (kind: string, objects: KubernetesObject[]) =>
  // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
  objects.filter((object) => object.kind === kind) as any[];

test("K16: selectors and classes do not depend on the names of project, stack and component", async () => {
  const objects = await made("quite-a-name", { project: "a-project", stack: "a-stack" });
  const selecting = [
    ...of("StatefulSet", objects).flatMap(({ spec }) => [spec.selector, spec.template.metadata.labels]),
    ...of("DaemonSet", objects).flatMap(({ spec }) => [spec.selector, spec.template.metadata.labels]),
    ...of("Service", objects).map(({ spec }) => spec.selector),
    ...of("PodMonitor", objects).map(({ spec }) => spec.selector),
    ...of("PrometheusRule", objects).map(({ spec }) => spec),
    ...of("ClusterSPIFFEID", objects).map(({ spec }) => spec.className),
    ...of("StatefulSet", objects).map(({ spec }) => spec.volumeClaimTemplates),
    ...of("ValidatingWebhookConfiguration", objects).flatMap(({ webhooks }) =>
      webhooks.map((webhook: { matchConditions: unknown }) => webhook.matchConditions),
    ),
  ];
  expect(selecting.length).toBeGreaterThan(15);
  expect(JSON.stringify(selecting)).not.toMatch(/quite-a-name|a-project|a-stack/);
});

test("K16: server, agents and driver each have an instance label, which their Services and monitors select", async () => {
  const objects = await made("mesh");
  const instance = (selector: Record<string, string>) => selector["app.kubernetes.io/instance"];
  const [server] = of("StatefulSet", objects);
  const own = instance(server.spec.selector.matchLabels)!;
  expect(own).toMatch(/^[0-9a-f]{16}$/);
  for (const { metadata, spec } of of("Service", objects))
    expect([metadata.name, instance(spec.selector)]).toEqual([metadata.name, own]);
  const nodes = of("DaemonSet", objects).map(({ spec }) => instance(spec.selector.matchLabels));
  expect(new Set([own, ...nodes]).size).toBe(3);
  expect(of("PodMonitor", objects).map(({ spec }) => instance(spec.selector.matchLabels))).toEqual(
    expect.arrayContaining([own]),
  );
  for (const { webhooks } of of("ValidatingWebhookConfiguration", objects))
    for (const { matchConditions } of webhooks)
      expect(matchConditions[0].expression).toBe(`has(object.spec.className) && object.spec.className == "${own}"`);
  const lease = of("Role", objects).flatMap(({ rules }) =>
    rules.flatMap((rule: { resourceNames?: string[] }) => rule.resourceNames ?? []),
  );
  expect(lease).toContain(`spire-${own}`);
});
