import type { KubernetesObject } from "../../engine";
import { until } from "../cluster/until";
import { clientPod, expectConnections } from "./client";
import type { NodeCluster } from "./node";
import { decoded, find, type Loose, namespacesOf } from "./rendered";
import type { Stacks } from "./stacks";
import { type Exchange, exchangeOnce, expectNothingLost, expectServesWhenReady } from "./traffic";

/** Tests of the front of `examples/instance-manager`, before a stand-in for Instance Manager. */
export function instanceManagerTests(node: () => NodeCluster, stacks: Stacks): void {
  let objects: KubernetesObject[];
  let namespace: string;
  let front: Loose;
  let browser: KubernetesObject;
  let address: string;
  const elsewhere = clientPod("default", "browser-elsewhere");
  beforeAll(async () => {
    objects = await stacks.install("instance-manager/dev");
    namespace = namespacesOf(objects)[0]!;
    front = find(objects, "Deployment", "front-nginx");
    browser = clientPod(namespace, "browser", { app: "browser" });
    await node().apply([browser, browserPolicy(namespace), elsewhere]);
    await node().waitReady([browser, elsewhere], 30);
    const service: Loose = await node().get(
      "service",
      find(objects, "Service", "front-nginx").metadata.name,
      namespace,
    );
    address = service.spec.clusterIP;
  });

  const tls = (name: string) => ({
    ca: decoded(find(objects, "Secret", "servers"))["ca.crt"]!,
    servername: `${name}.${namespace}.svc.cluster.local`,
  });
  const page = (): Omit<Exchange, "rate"> => ({
    protocol: "https",
    host: address,
    port: 443,
    tls: tls("manager"),
    path: "/ui/",
    status: 200,
  });
  const call = (certificate?: string): Omit<Exchange, "rate"> => {
    const { "tls.crt": cert, "tls.key": key } = certificate ? decoded(find(objects, "Secret", certificate)) : {};
    const path = "/f5.nginx.agent.sdk.Commander/CommandChannel";
    return { protocol: "grpc", host: address, port: 443, tls: { ...tls("agents"), cert, key }, path };
  };

  test("shows pages to browsers, and lets agents with a certificate call", async () => {
    expect(await exchangeOnce(node(), browser, page())).toBeUndefined();
    expect(await exchangeOnce(node(), browser, call("agent-client"))).toBeUndefined();
    expect(await exchangeOnce(node(), browser, call())).toMatch(/grpc-status 16/);
  });

  test("is reached from where it must be, and Instance Manager from nowhere else", async () => {
    const front = tls("manager").servername;
    const parts = { apigw: 443, dpm: 8036, ingestion: 8035 };
    const other = clientPod(namespace, "unlabelled");
    await node().apply([other]);
    await node().waitReady([other], 30);
    await expectConnections(node(), [
      { from: browser, host: front, port: 443, reached: true },
      { from: "node", host: address, port: 443, reached: true },
      { from: other, host: address, port: 443, reached: false },
      { from: elsewhere, host: address, port: 443, reached: false },
      ...Object.entries(parts).flatMap(([part, port]) =>
        [browser, other, elsewhere].map((from) => {
          const host = `${part}.${namespace}.svc.cluster.local`;
          return { from, host, port, reached: false };
        }),
      ),
    ]);
  });

  /** Runs something without a NetworkPolicy. */
  async function without(name: string, meanwhile: () => Promise<unknown>): Promise<void> {
    const policy = find(objects, "NetworkPolicy", name);
    await node().kubectl(["delete", "networkpolicy", "-n", namespace, policy.metadata.name]);
    try {
      await meanwhile();
    } finally {
      await node().apply([policy]);
    }
  }

  test("shows no page without the NetworkPolicy of the front", async () => {
    const error = () => exchangeOnce(node(), browser, page());
    await without("front-nginx", () => until("no page", 20, async () => (await error()) !== undefined || undefined));
    await until("a page", 20, async () => (await error()) === undefined || undefined);
  });

  test("reaches no part of Instance Manager without the NetworkPolicy of the parts", async () => {
    const pods: Loose[] = JSON.parse(await node().kubectl(["get", "pods", "-n", namespace, "-o", "json"])).items;
    // NGINX keeps connections, so that a page may come for a while.
    const from = pods.find(({ metadata }) => metadata.name.startsWith("front-nginx"));
    const connection = { from, host: `apigw.${namespace}.svc.cluster.local`, port: 443 };
    await without("manager-parts", () => expectConnections(node(), [{ ...connection, reached: false }]));
    await expectConnections(node(), [{ ...connection, reached: true }]);
  });

  test("loses no request of 10,000 while all its pods are replaced", async () => {
    await expectNothingLost(node(), [front], browser, page());
  });

  test("answers from the moment at which its Service has an endpoint", async () => {
    await expectServesWhenReady(node(), front, find(objects, "Service", "front-nginx"), browser, page());
  });
}

/** The namespace denies all traffic: browsers reach DNS and the ports that the front and the parts have. */
const browserPolicy = (namespace: string): KubernetesObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "browser", namespace },
  spec: {
    podSelector: { matchLabels: { app: "browser" } },
    policyTypes: ["Egress"],
    egress: [
      { ports: [{ port: 53, protocol: "UDP" }] },
      { to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "nginx" } } }], ports: [{ port: 8443 }] },
    ],
  },
});
