import { readFileSync, writeFileSync } from "node:fs";
import { MqttProxy } from "nginx-stacks";
import { type KubernetesObject, manifests, record } from "../engine";
import { runOnLoopback } from "../loopback";
import { atEnd } from "./clean-up";
import { execute, family, residentKibibytes, timed, within } from "./cost";
import { startBroker } from "./proxy/broker";
import { sessions } from "./proxy/measures";
import type { Path } from "./proxy/paths";
import { compare, type Metric, microseconds, missingPrograms, notMeasured, type Row, seconds } from "./report";
import { interleave, type Sample } from "./statistics";

const counts = ["10", "100", "1000", "10000", "100000"] as const;
type Count = (typeof counts)[number];
const labels = Object.fromEntries(
  counts.map((count) => [count, `${Number(count).toLocaleString("en")} routes`]),
) as Record<Count, string>;

const metrics: Metric[] = [
  { measure: "rendering exact routes, processor time", key: "render", print: seconds, difference: true },
  { measure: "`nginx -t` with exact routes", key: "start", print: seconds, difference: true },
  { measure: "session of a client that no route takes: processor time of NGINX", key: "session", print: microseconds },
  { measure: "resident memory of NGINX", key: "memory", print: (value) => `${(value / 1024).toFixed(0)} MiB` },
];

/** What many routes by exact client id cost over ten of them. */
export async function measureRoutes(): Promise<Row[]> {
  const missing = missingPrograms("nginx", "mosquitto");
  if (missing) return [notMeasured("many routes", missing)];
  const broker = await startBroker();
  const render = (count: Count) => rendered(Number(count), broker.port);
  const contestants = {} as Record<Count, () => Promise<Sample>>;
  for (const count of counts) {
    const loopback = await runOnLoopback(await render(count));
    atEnd(loopback.stop);
    const processes = () => family(Number(readFileSync(loopback.path("nginx", "/tmp/nginx.pid"), "utf8")));
    const path: Path = { name: "inject", port: loopback.port("nginx", "mqtt"), login: broker.login, processes };
    // A test of a configuration writes its process file too, and opens its logs.
    const file = loopback.path("nginx", "/etc/nginx/main/tested.conf");
    const text = readFileSync(loopback.path("nginx", "/etc/nginx/main/nginx.conf"), "utf8");
    writeFileSync(file, text.replace(/nginx\.pid/g, "tested.pid").replace(/\/dev\/stdout/g, "/dev/null"));
    const prefix = loopback.path("nginx", "/etc/nginx");
    const test = [
      "-t",
      "-q",
      "-e",
      "stderr",
      "-p",
      prefix,
      "-c",
      file,
      "-g",
      "load_module modules/ngx_stream_module.so;",
    ];
    contestants[count] = async () => ({
      render: (await timed(() => within(60, "rendering", render(count)))).processor!,
      start: (await timed(() => execute("nginx", test))).wall!,
      session: (await sessions(path, 150)).processor!,
      memory: residentKibibytes(processes()),
    });
  }
  const rounds = await interleave(contestants, { rounds: 4, seconds: 60 });
  return metrics.flatMap((metric) => counts.slice(1).map((count) => compare(rounds, metric, labels, count, counts[0])));
}

async function rendered(count: number, port: number): Promise<KubernetesObject[]> {
  const routes = Array.from({ length: count }, (_, index) => ({
    clientId: { exact: `Device-${String(index).padStart(6, "0")}` },
    upstream: "broker",
  }));
  const run = await record(
    () =>
      void new MqttProxy("edge", {
        namespace: "bench",
        edition: "oss",
        upstreams: [{ name: "broker", servers: [{ host: "127.0.0.1", port }] }],
        routes,
        defaultRoute: { upstream: "broker" },
      }),
  );
  return manifests(run, { secrets: "show" });
}
