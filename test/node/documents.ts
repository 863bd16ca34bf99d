import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ModuleKind, transpileModule } from "typescript";
import * as library from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { clientPod, expectConnections } from "./client";
import { outsideBrokerAddress } from "./cluster-dns";
import { managerStandIn } from "./manager-stand-in";
import type { NodeCluster } from "./node";
import { decoded, find, forNode, type Loose, namespacesOf } from "./rendered";
import { exchangeOnce } from "./traffic";

const root = join(__dirname, "../..");

/** Programs of a page that import what they use; the others are parts of a program. */
const programsOf = (page: string): string[] =>
  [...readFileSync(join(root, page), "utf8").matchAll(/```ts\n(import [\s\S]*?)```/g)].map(([, text]) => text!);

/** Renders a program of a page, with lines of the test's own after it. */
async function render(program: string, after = ""): Promise<KubernetesObject[]> {
  const { outputText } = transpileModule(program + after, { compilerOptions: { module: ModuleKind.CommonJS } });
  const run = () => new Function("require", "exports", outputText)(() => library, {});
  return forNode(manifests(await record(run), { secrets: "show" }));
}

/** Tests of the whole programs of README and docs. */
export function documentTests(node: () => NodeCluster): void {
  const client = clientPod("default", "reader");
  beforeAll(async () => {
    await node().apply([client]);
    await node().waitReady([client], 30);
  });
  const address = async (service: Loose): Promise<string> => {
    const { spec }: Loose = await node().get("service", service.metadata.name, service.metadata.namespace);
    return spec.clusterIP;
  };

  test("README's example: a client reaches a broker through it, and nothing else of its namespace", async () => {
    const [program = ""] = programsOf("README.md");
    const objects = await render(program, brokersCertificate);
    const deployment = find(objects, "Deployment", "edge-nginx");
    const namespace = namespacesOf(objects)[0]!;
    const broker = brokerStandIn(find(objects, "Secret", "broker-"));
    await node().apply(broker);
    await node().waitReady(broker, 60);
    await node().apply(objects);
    await node().waitReady([deployment], 60);

    const host = await address(find(objects, "Service", "edge-nginx"));
    const exchange = { protocol: "mqtt", host, port: 1883 } as const;
    expect(await exchangeOnce(node(), client, { ...exchange, clientId: "sensor-1" })).toBeUndefined();
    expect(await exchangeOnce(node(), client, { ...exchange, clientId: "stranger" })).toBeDefined();
    const pods: Loose[] = JSON.parse(await node().kubectl(["get", "pods", "-n", namespace, "-o", "json"])).items;
    await expectConnections(node(), [
      { from: client, host, port: 1883, reached: true },
      ...pods.map(({ status }) => ({ from: client, host: status.podIP, port: 8080, reached: false })),
    ]);

    const policy = find(objects, "NetworkPolicy", "edge-nginx");
    await node().kubectl(["delete", "networkpolicy", "-n", namespace, policy.metadata.name]);
    await expectConnections(node(), [{ from: client, host, port: 1883, reached: false }]);
  });

  test("docs/instance-manager.md: a browser reaches Instance Manager through it, and no part of it directly", async () => {
    const [program = ""] = programsOf("docs/instance-manager.md");
    const objects = await render(program);
    const front = find(objects, "Deployment", "front-nginx");
    const namespace = namespacesOf(objects)[0]!;
    const edge = { apiVersion: "v1", kind: "Namespace", metadata: { name: "edge" } };
    const standIn = managerStandIn(objects);
    await node().apply([edge, ...objects, ...standIn]);
    await node().waitReady([front, ...standIn], 90);

    const host = await address(find(objects, "Service", "front-nginx"));
    const ca = decoded(find(objects, "Secret", "front-"))["ca.crt"]!;
    const tls = { ca, servername: "nim.example.com" };
    const page = { protocol: "https", host, port: 443, tls, path: "/ui/", status: 200 } as const;
    expect(await exchangeOnce(node(), client, page)).toBeUndefined();
    await expectConnections(
      node(),
      Object.entries({ apigw: 443, dpm: 8036, ingestion: 8035 }).map(([part, port]) => ({
        from: client,
        host: `${part}.${namespace}.svc.cluster.local`,
        port,
        reached: false,
      })),
    );

    const policy = find(objects, "NetworkPolicy", "front-nginx");
    await node().kubectl(["delete", "networkpolicy", "-n", namespace, policy.metadata.name]);
    await expectConnections(node(), [{ from: client, host, port: 443, reached: false }]);
  });

  test("no other page has a whole program for a cluster", () => {
    const pages = ["README.md", ...pagesOfDocs()].map((page) => [page, programsOf(page).length]);
    // The second of docs/instance-manager.md is for machines.
    expect(pages.filter(([, count]) => count !== 0)).toEqual([
      ["README.md", 1],
      ["docs/instance-manager.md", 2],
    ]);
  });
}

const pagesOfDocs = () =>
  readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`);

const brokersCertificate = `
new Certificate("broker", {
  namespace: "outside",
  issuer: authority,
  usage: "server",
  subject: { commonName: "broker" },
  dnsNames: ["broker.example.com"],
});`;

const brokerConfiguration = `
listener 8883
cafile /certificate/ca.crt
certfile /certificate/tls.crt
keyfile /certificate/tls.key
require_certificate true
allow_anonymous true
`;

/** A stand-in for the brokers outside the cluster: one mosquitto with TLS, in a namespace that denies nothing. */
function brokerStandIn(certificate: Loose): KubernetesObject[] {
  const namespace = "outside";
  const metadata = { name: "broker", namespace, labels: { app: "broker" } };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    certificate,
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "mosquitto.conf": brokerConfiguration },
    } as KubernetesObject,
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { clusterIP: outsideBrokerAddress, selector: metadata.labels, ports: [{ port: 8883 }] },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        securityContext: { fsGroup: 1883 },
        containers: [
          {
            name: "broker",
            image: "docker.io/library/eclipse-mosquitto:2.0.22",
            imagePullPolicy: "Never",
            command: ["mosquitto", "-c", "/configuration/mosquitto.conf"],
            readinessProbe: { tcpSocket: { port: 8883 }, periodSeconds: 1 },
            volumeMounts: [
              { name: "configuration", mountPath: "/configuration" },
              { name: "certificate", mountPath: "/certificate" },
            ],
          },
        ],
        volumes: [
          { name: "configuration", configMap: { name: "broker" } },
          { name: "certificate", secret: { secretName: certificate.metadata.name } },
        ],
      },
    },
  ];
}
