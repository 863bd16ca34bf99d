import { compare, type Metric, microseconds, missingPrograms, notMeasured, type Row } from "../report";
import { interleave, type Round, runOnce, type Sample } from "../statistics";
import { type Broker, startBroker } from "./broker";
import { idleMemory, pings, sessions, throughput, verify } from "./measures";
import { directPaths, labels, type Path, type PathName, type ProxyName, startProxies } from "./paths";

/** What is measured on each path: throughput by quality of service and size, sessions, round trips. */
const workloads: Record<string, (path: Path) => Promise<Sample>> = {
  "QoS 0, 64 B": (path) => throughput(path, 0, 64, 10_000),
  "QoS 0, 256 B": (path) => throughput(path, 0, 256, 30_000),
  "QoS 0, 1 KiB": (path) => throughput(path, 0, 1024, 10_000),
  "QoS 1, 256 B": (path) => throughput(path, 1, 256, 6_400),
  session: (path) => sessions(path, 150),
  PING: (path) => pings(path, 1000),
};

type Pair = [of: PathName, over: PathName];
const overPlainNginx: [ProxyName, ProxyName][] = [
  ["inject", "stream"],
  ["injectTls", "streamTls"],
];
const overDirect: Pair[] = [
  ["inject", "direct"],
  ["injectTls", "directTls"],
  ["injectTls", "direct"],
];
const overAll = [...overPlainNginx, ...overDirect];

const metric = (measure: string, key: string): Metric => ({ measure, key, print: microseconds });
const added = (measure: string, key: string): Metric => ({ ...metric(measure, key), difference: true });

/** Which lines the table has of them. */
const comparisons: [Metric, Pair[]][] = [
  [metric("QoS 0, 256 B: time per message", "QoS 0, 256 B wall"), overAll],
  [metric("QoS 0, 64 B: time per message", "QoS 0, 64 B wall"), overPlainNginx],
  [metric("QoS 0, 1 KiB: time per message", "QoS 0, 1 KiB wall"), overPlainNginx],
  [metric("QoS 1, 256 B: time per message", "QoS 1, 256 B wall"), overAll],
  [metric("session: time per connect and disconnect", "session wall"), overAll],
  [added("PING round trip, p50", "PING p50"), overAll],
  [added("PING round trip, p99", "PING p99"), overAll],
  [metric("QoS 0, 256 B: processor time of NGINX per message", "QoS 0, 256 B processor"), overPlainNginx],
  [metric("session: processor time of NGINX", "session processor"), overPlainNginx],
];

/** The rendered MqttProxy over an NGINX that only passes bytes on, and over no proxy at all. */
export async function measureProxy(): Promise<Row[]> {
  const missing = missingPrograms("nginx", "mosquitto");
  if (missing) return [notMeasured("MqttProxy on the wire", missing)];
  const broker = await startBroker();
  const memory = await measureMemory(broker);
  const paths: Record<PathName, Path> = { ...directPaths(broker), ...(await startProxies(broker)) };
  for (const path of Object.values(paths)) await verify(path);
  const rounds = await interleave(contestants(paths, measureWorkloads), { rounds: 8, seconds: 60 });
  const rows = comparisons.flatMap(([what, pairs]) =>
    pairs.map(([of, over]) => compare(rounds, what, labels, of, over)),
  );
  return [...rows, ...memory];
}

async function measureWorkloads(path: Path): Promise<Sample> {
  const all: Sample = {};
  for (const [workload, measure] of Object.entries(workloads))
    for (const [key, value] of Object.entries(await measure(path))) all[`${workload} ${key}`] = value;
  return all;
}

/** Memory is measured on fresh processes each time: what was freed once is taken again without growing. */
async function measureMemory(broker: Broker): Promise<Row[]> {
  const rounds: Round<ProxyName>[] = [];
  while (rounds.length < 3) {
    const proxies = await startProxies(broker);
    rounds.push(await runOnce(contestants(proxies, (path) => idleMemory(path, 400))));
    for (const { stop } of Object.values(proxies)) await stop();
  }
  const print = (kibibytes: number) => `${((kibibytes * 1000) / 1024).toFixed(0)} MiB`;
  const what = { measure: "resident memory of NGINX per 1,000 idle connections", key: "perConnection", print };
  return overPlainNginx.map(([of, over]) => compare(rounds, what, labels, of, over));
}

function contestants<Name extends string>(paths: Record<Name, Path>, measure: (path: Path) => Promise<Sample>) {
  const entries = Object.entries(paths) as [Name, Path][];
  const measured = entries.map(([name, path]) => [name, () => measure(path)]);
  return Object.fromEntries(measured) as Record<Name, () => Promise<Sample>>;
}
