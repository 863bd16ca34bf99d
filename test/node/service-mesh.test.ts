import type { KubernetesObject } from "../../engine";
import { fillTemplate } from "../cluster/spire-templates";
import { Hopeless, until } from "../cluster/until";
import { moduleMissing } from "../go";
import { clientPod } from "./client";
import { describeNode } from "./fixture";
import { memberHost, ports, redirectedWorkloads, ring } from "./mesh-workloads";
import type { NodeCluster } from "./node";
import { find, type Loose, render } from "./rendered";
import { expectNothingLost, withTraffic } from "./traffic";

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

    const podsOf = async (workload: string): Promise<Loose[]> => {
      const select = ["-n", shop, "-l", `app.kubernetes.io/name=${workload}`, "-o", "json"];
      return JSON.parse(await node().kubectl(["get", "pods", ...select])).items;
    };

    // Open: of 10,000 requests one gets 502 in about every second run, and the cause is not known.
    const rolling = process.env.NGINX_STACKS_ROLLING === "1" ? test : test.skip;
    const rollingWhy = "is not reliable yet, and runs with NGINX_STACKS_ROLLING=1: ";
    rolling(
      `${rollingWhy}none of 10,000 requests is lost while a rolling update, and then a drain, replaces the pods of two services`,
      async () => {
        const services = ["orders", "stock"].map((name) => find(objects, "Deployment", name));
        // A request takes four handshakes' work of the node, so that more at once would wait for the processor alone.
        const exchange = {
          protocol: "http",
          host: "127.0.0.1",
          port: 3000,
          path: "/",
          status: 200,
          atOnce: 16,
        } as const;
        await node().apply(services.map(budgetOf));
        const [client] = await podsOf("client");
        await expectNothingLost(node(), services, client, exchange, async () => {
          for (const name of ["orders", "stock"]) for (const pod of await podsOf(name)) await evict(node(), pod);
        });
      },
      240_000,
    );

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

    describe("workloads whose connections are redirected", () => {
      const stranger = clientPod("default", "outside");
      const exec = (pod: string, container: string, ...command: string[]) =>
        node()
          .kubectl(["exec", "-n", ring, pod, "-c", container, "--", ...command], "")
          .catch((error: Error) => error.message);
      beforeAll(async () => {
        const identity = find(await render("service-mesh/dev"), "ClusterSPIFFEID", "");
        // The agent renews a certificate at half of its life.
        for (const account of ["members", "asker"])
          await createEntry(node(), find(objects, "StatefulSet", ""), identity, { account, namespace: ring }, 40);
        const workloads = [...(await redirectedWorkloads(trustDomain)), stranger];
        const job = find(workloads, "Job", "");
        await node().apply(workloads.filter((one) => one !== job));
        await node().waitReady(
          workloads.filter(({ kind }) => kind === "StatefulSet" || kind === "Pod"),
          90,
        );
        await node().apply([job]);
      }, 180_000);

      test.each([
        [0, 1],
        [1, 0],
      ])("a pod of a StatefulSet talks to another by name: %i to %i", async (from, to) => {
        const command = ["wget", "-q", "-O", "-", `http://${memberHost(to)}:${ports.strict}/`];
        // The cluster's DNS remembers for some seconds that it did not know a name.
        await until("the name", 40, async () => {
          const answer = await exec(`members-${from}`, "members", ...command);
          if (answer === `members-${to}`) return true;
          if (/bad address|502/.test(answer)) throw new Error(answer);
          throw new Hopeless(answer);
        });
      });

      test("without a certificate a strict port answers its probe alone, and a permissive one everything", async () => {
        const { status }: Loose = await node().get("pod", "members-0", ring);
        const ask = (port: number, path: string) => {
          const command = ["wget", "-q", "-O", "-", "-T", "5", `http://${status.podIP}:${port}${path}`];
          return node()
            .kubectl(["exec", "-n", "default", "outside", "--", ...command], "")
            .catch((error: Error) => error.message);
        };
        expect(await ask(ports.strict, "/healthz")).toBe("");
        expect(await ask(ports.strict, "/")).toContain("403");
        expect(await ask(ports.permissive, "/")).toBe("members-0");
      });

      test("a Job ends, although its sidecar would go on", async () => {
        await until("the end of the Job", 60, async () => {
          const { status }: Loose = await node().get("job", "asker", ring);
          return status.succeeded === 1 || undefined;
        });
        const logs = await node().kubectl(["logs", "-n", ring, "-l", "app.kubernetes.io/name=asker", "-c", "asker"]);
        expect(logs).toContain("members-1");
      });

      test("no request is lost while certificates of both sides are renewed", async () => {
        const [from, to]: Loose[] = await Promise.all([0, 1].map((one) => node().get("pod", `members-${one}`, ring)));
        const certificates = () =>
          Promise.all(
            ["members-0", "members-1"].map((pod) => exec(pod, "mesh-proxy", "cat", "/run/mesh/identity/svid.pem")),
          );
        const before = await certificates();
        expect(before.every((text) => text.includes("BEGIN CERTIFICATE"))).toBe(true);
        const exchange = {
          protocol: "http",
          host: to.status.podIP,
          port: ports.strict,
          hostHeader: memberHost(1),
          path: "/",
          status: 200,
          rate: 100,
        } as const;
        const { done, failed, reasons } = await withTraffic(node(), from, exchange, async (traffic) => {
          await until("requests", 30, async () => traffic.report().done > 100 || undefined);
          await until("new certificates of both", 60, async () => {
            const after = await certificates();
            return after.every((text, index) => text !== before[index]) || undefined;
          });
          const renewedAt = traffic.report().done;
          await until("requests after that", 30, async () => traffic.report().done > renewedAt + 200 || undefined);
        });
        expect({ failed, reasons }).toEqual({ failed: 0, reasons: [] });
        expect(done).toBeGreaterThan(300);
      }, 120_000);
    });
  });
});

/** Creates the entry that the controller manager would create for pods of a ServiceAccount, below the agent of the node. */
async function createEntry(
  node: NodeCluster,
  { metadata: server }: Loose,
  { spec }: Loose,
  { account, namespace }: { account: string; namespace: string },
  ttlSeconds = 3600,
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
    ...["-x509SVIDTTL", String(ttlSeconds)],
    ...["-selector", `k8s:ns:${namespace}`, "-selector", `k8s:sa:${account}`],
    ...spec.dnsNameTemplates.flatMap((template: string) => ["-dns", filled(template)]),
  );
}

/** A budget that lets a drain take one pod of a Deployment at a time. */
const budgetOf = ({ metadata: { name, namespace }, spec: { selector } }: Loose): KubernetesObject => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace },
  spec: { maxUnavailable: 1, selector },
});

/** Evicts a pod as a drain does, as soon as its budget allows. */
const evict = (node: NodeCluster, { metadata: { name, namespace } }: Loose) =>
  until(`the eviction of ${name}`, 60, async () => {
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    return node.kubectl(["create", "--raw", path, "-f", "-"], JSON.stringify(eviction));
  });

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
