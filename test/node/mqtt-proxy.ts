import type { KubernetesObject } from "../../engine";
import { until } from "../cluster/until";
import { clientPod, expectConnections } from "./client";
import { expectNotReady, mutations } from "./mutations";
import type { NodeCluster } from "./node";
import { find, type Loose } from "./rendered";
import type { Stacks } from "./stacks";
import { type Exchange, expectNothingLost, expectServesWhenReady } from "./traffic";

/** Tests of `examples/mqtt-proxy`. */
export function mqttProxyTests(node: () => NodeCluster, stacks: Stacks): void {
  let objects: KubernetesObject[];
  let namespace: string;
  beforeAll(async () => {
    objects = await stacks.install("mqtt-proxy/dev");
    namespace = String(find(objects, "Namespace", "").metadata.name);
  });
  const service = (name: string) => find(objects, "Service", name).metadata.name;
  const host = (name: string) => `${service(name)}.${namespace}.svc.cluster.local`;

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

  test.each(mutations)("does not become Ready with $name", async (mutation) => {
    await expectNotReady(node(), find(objects, "Deployment", "edge-nginx"), mutation, async () => {
      expect(await smokeTest(`beside-${Date.now()}`)).toBe("Complete");
    });
  });

  /** A client's CONNECT, to the proxy's Service. */
  async function clientConnect(): Promise<[KubernetesObject, Omit<Exchange, "rate">]> {
    const client = clientPod(
      namespace,
      "traffic",
      find(objects, "NetworkPolicy", "smoke-test").spec.podSelector.matchLabels,
    );
    await node().apply([client]);
    await node().waitReady([client], 30);
    const { spec }: Loose = await node().get("service", service("edge-nginx-service"), namespace);
    return [client, { protocol: "mqtt", host: spec.clusterIP, port: 1883, clientId: "sensor-1" }];
  }

  test("loses no connect of 10,000 while all its pods are replaced", async () => {
    await expectNothingLost(node(), [find(objects, "Deployment", "edge-nginx")], ...(await clientConnect()));
  });

  test("answers from the moment at which its Service has an endpoint", async () => {
    const deployment = find(objects, "Deployment", "edge-nginx");
    await expectServesWhenReady(
      node(),
      deployment,
      find(objects, "Service", "edge-nginx-service"),
      ...(await clientConnect()),
    );
  });
}
