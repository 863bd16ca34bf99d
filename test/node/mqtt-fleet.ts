import type { KubernetesObject } from "../../engine";
import { until } from "../cluster/until";
import { clientPod, expectConnections } from "./client";
import type { NodeCluster } from "./node";
import { decoded, find, type Loose, namespacesOf } from "./rendered";
import type { Stacks } from "./stacks";
import { type Exchange, exchangeOnce } from "./traffic";

/** Tests of `examples/mqtt-fleet`. */
export function mqttFleetTests(node: () => NodeCluster, stacks: Stacks): void {
  let objects: KubernetesObject[];
  let namespace: string;
  const device = clientPod("default", "device");
  beforeAll(async () => {
    objects = await stacks.install("mqtt-fleet/dev");
    namespace = namespacesOf(objects)[0]!;
    await node().apply([device]);
    await node().waitReady([device], 30);
  });

  const host = (name: string) => `${find(objects, "Service", name).metadata.name}.${namespace}.svc.cluster.local`;
  const address = async (name: string): Promise<string> => {
    const service: Loose = await node().get("service", find(objects, "Service", name).metadata.name, namespace);
    return service.spec.clusterIP;
  };

  /** Error of a device's CONNECT, with the certificate of a tenant or another. */
  async function connect(secret: string, from: KubernetesObject = device): Promise<string | undefined> {
    const certificate = decoded(find(objects, "Secret", secret));
    const ca = decoded(find(objects, "Secret", "gateway-server"))["ca.crt"]!;
    const tls = { ca, cert: certificate["tls.crt"], key: certificate["tls.key"], servername: "gateway.example.com" };
    const exchange: Omit<Exchange, "rate"> = {
      protocol: "mqtt",
      host: await address("gateway-nginx"),
      port: 8883,
      tls,
      clientId: "d-1",
    };
    return exchangeOnce(node(), from, exchange);
  }

  test("admits the devices of both tenants, and no other certificate", async () => {
    expect(await Promise.all(["north-device", "south-device"].map((secret) => connect(secret)))).toEqual([
      undefined,
      undefined,
    ]);
    expect(await connect("gateway-client")).toMatch(/alert|closed|reset/i);
  });

  test("is reached from where it must be, and its brokers from nowhere else", async () => {
    const other = clientPod(namespace, "unlabelled");
    await node().apply([other]);
    await node().waitReady([other], 30);
    const brokers = ["north-1", "south-2"].map(host);
    await expectConnections(node(), [
      { from: device, host: host("gateway-nginx"), port: 8883, reached: true },
      { from: "node", host: await address("gateway-nginx"), port: 8883, reached: true },
      { from: other, host: host("gateway-nginx"), port: 8883, reached: false },
      ...[device, other].flatMap((from) =>
        brokers.map((broker) => ({ from, host: broker, port: 8883, reached: false })),
      ),
    ]);
  });

  test.each([
    ["the proxy", ["gateway-nginx"]],
    ["the brokers of its tenant", ["north-1", "north-2"]],
  ])("admits no device without the NetworkPolicy of %s", async (_, names) => {
    const policies = names.map((name) => find(objects, "NetworkPolicy", name));
    const remove = ["delete", "networkpolicy", "-n", namespace, ...policies.map(({ metadata }) => metadata.name)];
    await node().kubectl(remove);
    await until("refused devices", 20, async () => (await connect("north-device")) !== undefined || undefined);
    await node().apply(policies);
    await until("admitted devices", 20, async () => (await connect("north-device")) === undefined || undefined);
  });
}
