import type { KubernetesObject } from "../../engine";
import { clientPod, expectConnections } from "./client";
import type { NodeCluster } from "./node";
import { find, type Loose } from "./rendered";
import type { Stacks } from "./stacks";

/** Tests of `examples/platform`, without its mesh, and of the websites behind the Gateway of `examples/gateway-fabric`. */
export function platformTests(node: () => NodeCluster, stacks: Stacks): void {
  const elsewhere = clientPod("default", "visitor");
  beforeAll(async () => {
    await node().apply([elsewhere]);
    await node().waitReady([elsewhere], 30);
  });
  const host = ({ metadata }: Loose) => `${metadata.name}.${metadata.namespace}.svc.cluster.local`;

  test("platform: proxy and front are reached from elsewhere, brokers are not, and nothing is without the NetworkPolicies", async () => {
    const objects = await stacks.install("platform/services-dev");
    const fronts = { "mqtt-nginx-service": 8883, "manager-nginx-service": 443 };
    const proxy = find(objects, "Service", "mqtt-nginx-service");
    const brokers = ["north", "south"].map((name) => host(find(objects, "Service", name)));
    const inside = clientPod(proxy.metadata.namespace, "unlabelled");
    await node().apply([inside]);
    await node().waitReady([inside], 30);
    const services = Object.entries(fronts).map(([name, port]) => ({
      host: host(find(objects, "Service", name)),
      port,
    }));
    await expectConnections(node(), [
      ...services.map((service) => ({ from: elsewhere, ...service, reached: true })),
      ...brokers.map((broker) => ({ from: elsewhere, host: broker, port: 8883, reached: false })),
      ...[host(proxy), ...brokers].map((denied) => ({ from: inside, host: denied, port: 8883, reached: false })),
    ]);

    const policies = ["mqtt-nginx-network-policy", "manager-nginx-network-policy"].map((name) =>
      find(objects, "NetworkPolicy", name),
    );
    for (const { metadata } of policies)
      await node().kubectl(["delete", "networkpolicy", "-n", metadata.namespace, metadata.name]);
    await expectConnections(
      node(),
      services.map((service) => ({ from: elsewhere, ...service, reached: false })),
    );
    await node().apply(policies);
    await expectConnections(
      node(),
      services.map((service) => ({ from: elsewhere, ...service, reached: true })),
    );
  });

  test("gateway-fabric: the websites are reached in their namespace, and from elsewhere, since it denies nothing", async () => {
    const objects = await stacks.install("gateway-fabric/dev");
    const sites: KubernetesObject[] = ["shop-service", "shop-next-service", "blog-service"].map((name) =>
      find(objects, "Service", name),
    );
    const inside = clientPod(String(sites[0]!.metadata.namespace), "reader");
    await node().apply([inside]);
    await node().waitReady([inside], 30);
    await expectConnections(
      node(),
      [inside, elsewhere].flatMap((from) =>
        sites.map((site) => ({ from, host: host(site), port: 8081, reached: true })),
      ),
    );
  });
}
