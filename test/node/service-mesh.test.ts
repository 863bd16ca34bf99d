import type { KubernetesObject } from "../../engine";
import { fillTemplate } from "../cluster/spire-templates";
import { until } from "../cluster/until";
import { moduleMissing } from "../go";
import { clientPod } from "./client";
import { describeNode } from "./fixture";
import type { NodeCluster } from "./node";
import { find, type Loose, render } from "./rendered";

const trustDomain = "mesh.dev.example.com";
const socket = "/tmp/spire-server/private/api.sock";

const missing = moduleMissing("spire");

(missing ? describe.skip : describe)(`SPIRE${missing ? ` (${missing})` : ""}`, () => {
  describeNode("examples/service-mesh", (node) => {
    let objects: KubernetesObject[];
    let shop: string;
    beforeAll(async () => {
      const rendered = await render("service-mesh/dev");
      const identity = find(rendered, "ClusterSPIFFEID", "");
      // No controller manager runs here, so its resources have no definitions.
      objects = rendered.filter(
        ({ apiVersion }) => !/^(apiextensions\.k8s\.io|spire\.spiffe\.io)\//.test(String(apiVersion)),
      );
      shop = String(find(objects, "Namespace", "shop").metadata.name);
      const workloads = objects.filter(({ kind, metadata }) => kind === "Deployment" && metadata.namespace === shop);
      await node().apply(objects.filter((object) => !workloads.includes(object)));
      const mesh = objects.filter(({ kind }) => kind === "StatefulSet" || kind === "DaemonSet");
      await node().waitReady(mesh, 120);
      for (const account of ["client", "orders", "stock", "stranger"])
        await createEntry(node(), find(objects, "StatefulSet", ""), identity, { account, namespace: shop });
      await policiesApply(node(), shop);
      await node().apply(workloads);
      await node().waitReady(workloads, 120);
    }, 600_000);

    /** The answer to a request of a client to the port of its sidecar that leads to orders. */
    const answer = (deployment: string) => {
      const request = ["-c", "client", "--", "curl", "http://127.0.0.1:3000/"];
      return node()
        .kubectl(["exec", "-n", shop, `deployment/${deployment}`, ...request], "")
        .catch((error: Error) => error.message);
    };

    test("pods have a sidecar from the program or the API server, and a certificate of an agent that asks the kubelet", async () => {
      const pods: Loose[] = JSON.parse(await node().kubectl(["get", "pods", "-n", shop, "-o", "json"])).items;
      expect(pods.length).toBe(5);
      for (const { spec } of pods)
        expect(spec.initContainers.map(({ name }: Loose) => name)).toEqual(
          expect.arrayContaining(["mesh-identity-first", "mesh-identity", "mesh-proxy"]),
        );
    });

    test("a request passes through two services", async () => {
      expect(await answer(find(objects, "Deployment", "client").metadata.name)).toBe("12 in stock\n");
    });

    test("a workload whose certificate a service does not accept is refused by it", async () => {
      const client = find(objects, "Deployment", "client");
      const labels = { app: "stranger" };
      const { metadata, spec } = client.spec.template;
      const template = {
        metadata: { ...metadata, labels: { ...metadata.labels, ...labels, "app.kubernetes.io/name": "stranger" } },
        spec: { ...spec, serviceAccountName: "stranger" },
      };
      const stranger = {
        ...client,
        metadata: { ...client.metadata, name: "stranger" },
        spec: { ...client.spec, selector: { matchLabels: labels }, template },
      };
      const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "stranger", namespace: shop } };
      await node().apply([account, stranger]);
      await node().waitReady([stranger], 60);
      expect(await answer("stranger")).toContain("403");
    });

    test("a connection without a certificate reaches the health check alone", async () => {
      const stranger = clientPod("default", "stranger");
      await node().apply([stranger]);
      await node().waitReady([stranger], 30);
      const ask = async (path: string) => {
        const url = `http://orders.${shop}.svc.cluster.local:8080${path}`;
        const command = ["exec", "-n", "default", "stranger", "--", "wget", "-q", "-O", "-", "-T", "5", url];
        return node()
          .kubectl(command, "")
          .then(
            () => "answered",
            (error: Error) => error.message,
          );
      };
      expect(await ask("/healthz")).toBe("answered");
      expect(await ask("/")).toContain("403");
    });
  });
});

/** Creates the entry that the controller manager would create for pods of a ServiceAccount, below the agent of the node. */
async function createEntry(
  node: NodeCluster,
  { metadata: server }: Loose,
  { spec }: Loose,
  { account, namespace }: { account: string; namespace: string },
): Promise<void> {
  const cli = (...command: string[]) => {
    const container = ["exec", "-n", server.namespace, `statefulset/${server.name}`, "-c", "spire-server", "--"];
    return node.kubectl([...container, "/opt/spire/bin/spire-server", ...command, "-socketPath", socket], "");
  };
  const filled = (template: string) => fillTemplate(template, { trustDomain, namespace, serviceAccount: account });
  const agent = await until("the agent's attestation", 60, async () => {
    return /SPIFFE ID\s*: (\S+)/.exec(await cli("agent", "list"))?.[1];
  });
  await cli(
    ...["entry", "create", "-parentID", agent, "-spiffeID", filled(spec.spiffeIDTemplate)],
    ...["-selector", `k8s:ns:${namespace}`, "-selector", `k8s:sa:${account}`],
    ...spec.dnsNameTemplates.flatMap((template: string) => ["-dns", filled(template)]),
  );
}

/** Waits until the API server refuses a pod without a sidecar: its policies apply a moment after they are made. */
const policiesApply = (node: NodeCluster, namespace: string) =>
  until("the policies of the injector", 30, async () => {
    const pod = clientPod(namespace, "without-sidecar");
    try {
      await node.kubectl(["apply", "--dry-run=server", "-f", "-"], JSON.stringify(pod));
    } catch (error) {
      if (/sidecar/.test((error as Error).message)) return true;
      throw error;
    }
    return undefined;
  });
