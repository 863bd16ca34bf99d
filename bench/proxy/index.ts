import { compare, kibibytes, missingPrograms, notMeasured, type Pair, type Row } from "../report";
import { interleave, type Round, runOnce, type Sample } from "../statistics";
import { type Broker, startBroker } from "./broker";
import { comparisons, memoryComparisons } from "./comparisons";
import { idleMemory, pings, sessions, throughput, verify } from "./measures";
import { directPaths, labels, type Path, type ProxyName, startProxies } from "./paths";

/** What is measured on each path: throughput by quality of service and size, sessions, round trips. */
const workloads: Record<string, (path: Path) => Promise<Sample>> = {
  "QoS 0, 64 B": (path) => throughput(path, 0, 64, 10_000),
  "QoS 0, 256 B": (path) => throughput(path, 0, 256, 30_000),
  "QoS 0, 1 KiB": (path) => throughput(path, 0, 1024, 10_000),
  "QoS 1, 256 B": (path) => throughput(path, 1, 256, 6_400),
  session: (path) => sessions(path, 150),
  PING: (path) => pings(path, 1000),
};

/** The rendered MqttProxy over an NGINX that only passes bytes on, over HAProxy, and over no proxy at all. */
export async function measureProxy(): Promise<Row[]> {
  const missing = missingPrograms("nginx", "mosquitto");
  if (missing) return [notMeasured("MqttProxy on the wire", missing)];
  const broker = await startBroker();
  const memory = await measureMemory(broker);
  const paths = { ...directPaths(broker), ...(await startProxies(broker)) };
  for (const path of Object.values(paths)) await verify(path);
  const rounds = await interleave(contestants(paths, measureWorkloads), { rounds: 8, seconds: 90 });
  const absent = missingPrograms("haproxy");
  return [
    ...comparisons.flatMap(([what, pairs]) =>
      present(pairs, paths).map(([of, over, aim]) => compare(rounds, what, labels, of, over, aim)),
    ),
    ...memory,
    ...(absent ? [notMeasured("MqttProxy over HAProxy", absent)] : []),
  ];
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
    rounds.push(await runOnce(contestants<ProxyName>(proxies, (path) => idleMemory(path, 400))));
    for (const { stop } of Object.values(proxies)) await stop();
  }
  const what = { measure: "resident memory of the proxy per idle client", key: "perConnection", print: kibibytes };
  return present(memoryComparisons, rounds[0]!).map(([of, over]) => compare(rounds, what, labels, of, over));
}

/** The comparisons of contestants that both are there. */
const present = <Name extends string>(pairs: Pair<Name>[], there: Partial<Record<Name, unknown>>) =>
  pairs.filter(([of, over]) => there[of] && there[over]);

/** What is measured of each path; those that are not there have no line in the table. */
function contestants<Name extends string>(
  paths: Partial<Record<Name, Path>>,
  measure: (path: Path) => Promise<Sample>,
): Record<Name, () => Promise<Sample>> {
  const entries = Object.entries(paths) as [Name, Path][];
  const measured = entries.map(([name, path]) => [name, () => measure(path)]);
  return Object.fromEntries(measured);
}
