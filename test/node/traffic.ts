import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KubernetesObject } from "../../engine";
import { Hopeless, until } from "../cluster/until";
import type { NodeCluster } from "./node";
import type { Loose } from "./rendered";

/** Exchange of each connection with its server. */
export interface Exchange {
  protocol: "mqtt" | "http" | "https" | "grpc";
  /** Address. */
  host: string;
  port: number;
  tls?: { ca: string; servername?: string; cert?: string; key?: string; rejectUnauthorized?: boolean };
  /** Beginning of the client id of a CONNECT; a number is its end. */
  clientId?: string;
  /** Header Host of a request in plaintext. @default the address */
  hostHeader?: string;
  /** Path of a request. */
  path?: string;
  /** Status of the answer to a request. */
  status?: number;
  /** Connections per second, a multiple of 100, or 0 for none but those that are asked for one by one. */
  rate: number;
  /** Number of connections that are open at once. @default 100 */
  atOnce?: number;
  /** Whether failures before the first success do not count. */
  waits?: boolean;
}

/** Results of the connections so far. */
export interface TrafficReport {
  done: number;
  failed: number;
  /** Reasons of the first failures. */
  reasons: string[];
  /** Time at which the first that succeeded was begun. */
  firstAt: number | undefined;
}

/** Connections that a process in a pod's network makes until it is stopped. */
export interface Traffic {
  report(): TrafficReport;
  /** Makes one more connection at once, to an address of its own, and returns its error. */
  once(host: string, port: number): Promise<string | undefined>;
}

/** Runs something while connections are made from the network of a pod, and returns what became of those. */
export async function withTraffic(
  node: NodeCluster,
  from: KubernetesObject,
  exchange: Exchange,
  meanwhile: (traffic: Traffic) => Promise<void>,
): Promise<TrafficReport> {
  const { name, namespace } = from.metadata;
  const { status }: Loose = await node.get("pod", String(name), String(namespace));
  // A process that enters a namespace of mounts begins in its root folder.
  const program = ["env", `--chdir=${join(__dirname, "../..")}`, process.execPath, "--import", "tsx"];
  const client = [join(__dirname, "traffic-client.ts"), JSON.stringify(exchange)];
  const [command, ...args] = [...node.inPod(status.podIP), ...program, ...client];
  const child = spawn(command!, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let report: TrafficReport | undefined;
  const answers = new Map<string, string | undefined>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line);
    if ("host" in said) answers.set(said.host, said.error);
    else report = said;
  });
  try {
    await until("the client's first report", 30, async () => {
      if (child.exitCode !== null) throw new Hopeless("the client ended");
      return report;
    });
    await meanwhile({
      report: () => report!,
      async once(host, port) {
        child.stdin.write(`${JSON.stringify({ host, port })}\n`);
        await until(`an answer of ${host}`, 30, async () => answers.has(host) || undefined);
        return answers.get(host);
      },
    });
  } finally {
    // The client ends with its input.
    child.stdin.end();
    await ended;
  }
  return report!;
}

/** Makes one connection and returns its error. */
export async function exchangeOnce(node: NodeCluster, from: KubernetesObject, exchange: Omit<Exchange, "rate">) {
  let error: string | undefined;
  await withTraffic(node, from, { ...exchange, rate: 0 }, async (traffic) => {
    error = await traffic.once(exchange.host, exchange.port);
  });
  return error;
}

/** Restarts Deployments as `kubectl rollout restart` does, under connections through their Services, and then does what comes after, and expects that none of 10,000 is lost. */
export async function expectNothingLost(
  node: NodeCluster,
  deployments: Loose[],
  from: KubernetesObject,
  exchange: Omit<Exchange, "rate">,
  after: () => Promise<void> = async () => undefined,
): Promise<void> {
  const podsOf = async ({ metadata: { namespace }, spec }: Loose) => {
    const labels = Object.entries(spec.selector.matchLabels).map((pair) => pair.join("="));
    const list = await node.kubectl(["get", "pods", "-n", namespace, "-l", labels.join(","), "-o", "name"]);
    return list.trim().split("\n");
  };
  const pods = async () => (await Promise.all(deployments.map(podsOf))).flat();
  const replicas = deployments.reduce((sum, { spec }) => sum + spec.replicas, 0);
  const before = await pods();
  const { failed, reasons } = await withTraffic(node, from, { ...exchange, rate: 400 }, async (traffic) => {
    await until("connections", 30, async () => traffic.report().done > 200 || undefined);
    for (const { metadata } of deployments)
      await node.kubectl(["rollout", "restart", "-n", metadata.namespace, `deployment/${metadata.name}`]);
    await until("new pods alone", 120, async () => {
      const now = await pods();
      if (now.length === replicas && !now.some((pod) => before.includes(pod))) return true;
      throw new Error(JSON.stringify({ before, now, ...traffic.report() }));
    });
    await after();
    await until("10,000 connections", 120, async () => traffic.report().done >= 10_000 || undefined);
  });
  expect({ failed, reasons }).toEqual({ failed: 0, reasons: [] });
}

/**
 * Scales a Deployment from nothing, under connections through its Service, and expects that its pod answers at the moment at which the Service
 * has it as an endpoint, and that no connection fails after the first that did not.
 */
export async function expectServesWhenReady(
  node: NodeCluster,
  deployment: Loose,
  { metadata: { name: service }, spec }: Loose,
  from: KubernetesObject,
  exchange: Omit<Exchange, "rate">,
): Promise<void> {
  const { name, namespace } = deployment.metadata;
  const { ports } = deployment.spec.template.spec.containers[0];
  const podPort = ports.find((port: Loose) => port.name === spec.ports[0].targetPort).containerPort;
  const scale = (replicas: number) =>
    node.kubectl(["scale", "-n", namespace, `deployment/${name}`, `--replicas=${replicas}`]);
  const endpoints = async (): Promise<Loose[]> => {
    const args = ["-n", namespace, "-l", `kubernetes.io/service-name=${service}`, "-o", "json"];
    const slices: Loose[] = JSON.parse(await node.kubectl(["get", "endpointslices", ...args])).items;
    return slices.flatMap((slice) => slice.endpoints ?? []);
  };
  await scale(0);
  // Pods that end serve until no other is left.
  await until("no endpoint", 120, async () => (await endpoints()).length === 0 || undefined);
  let endpointAt = 0;
  const { failed, reasons, firstAt } = await withTraffic(
    node,
    from,
    { ...exchange, rate: 100, waits: true },
    async (traffic) => {
      expect(traffic.report().done).toBe(0);
      await scale(1);
      const address = await until("an endpoint", 60, async () => {
        const ready = (await endpoints()).find(({ conditions }) => conditions.ready);
        return ready?.addresses[0] as string | undefined;
      });
      endpointAt = Date.now();
      expect(await traffic.once(address, podPort)).toBeUndefined();
      await until("connections", 30, async () => traffic.report().done > 300 || undefined);
    },
  );
  expect({ failed, reasons }).toEqual({ failed: 0, reasons: [] });
  // kube-proxy writes its rules once a second.
  expect(firstAt! - endpointAt).toBeLessThan(3000);
  await node.apply([deployment]);
  await node.waitReady([deployment], 60);
}
