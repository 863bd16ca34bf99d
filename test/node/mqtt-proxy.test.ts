import type { KubernetesObject } from "../../engine";
import { until } from "../cluster/until";
import { clientPod, expectConnections } from "./client";
import { describeNode } from "./fixture";
import { find, type Loose, neverPulled, render } from "./rendered";

describeNode("the MQTT example", (node) => {
  let objects: KubernetesObject[];
  let namespace: string;
  beforeAll(async () => {
    objects = await render("mqtt-proxy/dev");
    namespace = String(find(objects, "Namespace", "").metadata.name);
  });
  const service = (name: string) => find(objects, "Service", name).metadata.name;
  const host = (name: string) => `${service(name)}.${namespace}.svc.cluster.local`;

  /** Waits for the event that says why a pod is not Ready. */
  const event = (where: string, message: RegExp) =>
    until(`an event ${message}`, 60, async () => {
      const events: Loose[] = JSON.parse(await node().kubectl(["get", "events", "-n", where, "-o", "json"])).items;
      return events.some((one) => message.test(one.message)) || undefined;
    });

  /** Runs the smoke test once more and returns how it ended. */
  async function smokeTest(name: string): Promise<string> {
    const job = find(objects, "Job", "smoke-test");
    await node().apply([{ ...job, metadata: { ...job.metadata, name }, spec: { ...job.spec, backoffLimit: 0 } }]);
    return until(`the end of ${name}`, 90, async () => {
      const { status }: Loose = await node().get("job", name, namespace);
      const end = status?.conditions?.find((one: Loose) => ["Complete", "Failed"].includes(one.type));
      return end?.type;
    });
  }

  test("has every pod Ready and its smoke test Complete, with its NetworkPolicies enforced", async () => {
    // As Pulumi does: the Job depends on everything else.
    const first = objects.filter(({ kind }) => kind !== "Job");
    await node().apply(first);
    await node().waitReady(first, 90);
    await node().apply(objects);
    await node().waitReady(objects, 60);
  });

  test("is reached from where it must be, and from nowhere else", async () => {
    const clientLabels = find(objects, "NetworkPolicy", "smoke-test").spec.podSelector.matchLabels;
    const client = clientPod(namespace, "labelled", clientLabels);
    const other = clientPod(namespace, "unlabelled");
    const elsewhere = clientPod("default", "elsewhere");
    await node().apply([client, other, elsewhere]);
    await node().waitReady([client, other, elsewhere], 30);
    const [proxy, broker] = [host("edge-nginx-service"), host("broker")];
    const address = ((await node().get("service", service("edge-nginx-service"), namespace)) as Loose).spec.clusterIP;
    const pods = JSON.parse(await node().kubectl(["get", "pods", "-n", namespace, "-o", "json"])).items as Loose[];
    const proxyPod = pods.find(({ metadata }) => metadata.name.startsWith("edge-nginx-deployment")).status.podIP;
    await expectConnections(node(), [
      { from: client, host: proxy, port: 1883, reached: true },
      // The brokers have the proxy for a client only, and the proxy's own port is for the kubelet.
      { from: client, host: broker, port: 8883, reached: false },
      { from: client, host: proxyPod, port: 8080, reached: false },
      // The namespace denies what no policy permits, DNS included.
      { from: other, host: proxy, port: 1883, reached: false },
      { from: other, host: address, port: 1883, reached: false },
      { from: other, host: broker, port: 8883, reached: false },
      { from: elsewhere, host: proxy, port: 1883, reached: true },
      { from: elsewhere, host: broker, port: 8883, reached: false },
      { from: elsewhere, host: proxyPod, port: 8080, reached: false },
      { from: "node", host: address, port: 1883, reached: true },
    ]);
  });

  test("fails its smoke test without the proxy's NetworkPolicy, and passes it again with it", async () => {
    const policy = find(objects, "NetworkPolicy", "edge-nginx");
    await node().kubectl(["delete", "networkpolicy", "-n", namespace, policy.metadata.name]);
    expect(await smokeTest("without-policy")).toBe("Failed");
    await node().apply([policy]);
    expect(await smokeTest("with-policy")).toBe("Complete");
  });

  test.each([
    [
      "a probe of another port",
      (deployment: Loose) => {
        deployment.spec.template.spec.containers[0].readinessProbe.httpGet.port = 8089;
      },
      /Readiness probe failed: .*:8089/,
    ],
    [
      "a Secret that is not there",
      (deployment: Loose) => {
        const secrets = deployment.spec.template.spec.volumes.filter((volume: Loose) => volume.secret);
        secrets[0].secret.secretName = "missing";
      },
      /secret "missing" not found/,
    ],
  ])("does not become Ready with %s", async (_, change, reason) => {
    const deployment = structuredClone(find(objects, "Deployment", "edge-nginx"));
    change(deployment);
    // One pod of the new kind beside those that serve.
    deployment.spec.strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    await node().apply([deployment]);
    await event(namespace, reason);
    expect(await smokeTest(`beside-${Date.now()}`)).toBe("Complete");
    const { status }: Loose = await node().get("deployment", deployment.metadata.name, namespace);
    expect(status.updatedReplicas).toBe(1);
    expect(status.unavailableReplicas).toBe(1);
    await node().apply([find(objects, "Deployment", "edge-nginx")]);
    await node().waitReady([find(objects, "Deployment", "edge-nginx")], 60);
  });

  test("with NGINX Plus becomes Ready with its licence Secret, and does not without it", async () => {
    const plus = neverPulled(await render("mqtt-proxy/prod"));
    const license = find(plus, "Secret", "license-secret");
    const deployment = find(plus, "Deployment", "edge-nginx");
    await node().apply(plus.filter((object) => object !== license));
    await event(String(license.metadata.namespace), new RegExp(`secret "${license.metadata.name}" not found`));
    expect(
      (await node().get("deployment", deployment.metadata.name, deployment.metadata.namespace)) as Loose,
    ).toMatchObject({
      status: { unavailableReplicas: deployment.spec.replicas },
    });
    await node().apply([license]);
    await node().waitReady(plus, 150);
  });
});
