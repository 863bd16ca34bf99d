import { readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { runOnLoopback } from "../loopback";
import { freePort } from "../loopback/ports";
import { start, untilListening } from "../loopback/process";
import { atEnd } from "./clean-up";
import { type Broker, startBroker } from "./proxy/broker";
import { streamConfiguration } from "./proxy/configurations";
import { sessions } from "./proxy/measures";
import { labels, type ProxyName, withoutOtherDeployments } from "./proxy/paths";
import { missingPrograms, notMeasured, type Row } from "./report";

/** How many sessions two runs have: what they differ by leaves out what NGINX does as it starts and ends. */
const [few, many] = [40, 140] as const;

/**
 * Instructions that NGINX executes for a session, as valgrind counts them: those of NGINX and njs themselves, without the kernel's.
 * They depend little on the machine, and not on what else it does.
 */
export async function measureInstructions(): Promise<Row[]> {
  const measure = "connects: instructions of NGINX per session, without the kernel's";
  const missing = missingPrograms("nginx", "mosquitto", "valgrind");
  if (missing) return [notMeasured(measure, missing)];
  const broker = await startBroker();
  const plain = streamConfiguration(broker.folder, await freePort(), broker.port, false);
  const stream = await perSession(broker, "stream", plain.replace("daemon off;", ""), "");
  const proxies = ["preread", "inject"] as const;
  const rows: Row[] = [];
  for (const name of proxies) {
    const loopback = await runOnLoopback(withoutOtherDeployments(broker.objects, name));
    atEnd(loopback.stop);
    const text = readFileSync(loopback.path("nginx", "/etc/nginx/main/nginx.conf"), "utf8");
    const count = await perSession(
      broker,
      name,
      text.replace(/nginx\.pid/g, "counted.pid").replace(/\/dev\/stdout/g, "/dev/null"),
      "load_module modules/ngx_stream_module.so;",
      loopback.path("nginx", "/etc/nginx"),
    );
    rows.push({
      measure,
      of: labels[name],
      over: labels.stream,
      ratio: (count / stream).toFixed(2),
      values: `${Math.round(count)} / ${Math.round(stream)}`,
    });
  }
  return rows;
}

async function perSession(
  broker: Broker,
  name: ProxyName,
  configuration: string,
  globals: string,
  prefix = broker.folder,
): Promise<number> {
  const count = (sessionCount: number) => instructions(broker, name, configuration, globals, prefix, sessionCount);
  return ((await count(many)) - (await count(few))) / (many - few);
}

/** The instructions of a whole run, with all in one process. */
async function instructions(
  { folder, login }: Broker,
  name: ProxyName,
  configuration: string,
  globals: string,
  prefix: string,
  sessionCount: number,
): Promise<number> {
  const [port, otherPort] = [await freePort(), await freePort()];
  const file = join(folder, `${name}-${port}.conf`);
  // In the rendered configuration health checks have a listener too, before that of `stream`.
  const last = configuration.lastIndexOf("listen");
  const at = (address: number) => (text: string) =>
    text.replace(/(listen"? "?127\.0\.0\.1:)\d+/, (_, listen) => `${listen}${address}`);
  writeFileSync(file, at(otherPort)(configuration.slice(0, last)) + at(port)(configuration.slice(last)));
  const nginx = ["nginx", "-e", "stderr", "-p", prefix, "-c", file, "-g", `daemon off; master_process off; ${globals}`];
  const valgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null", ...nginx];
  const running = start("valgrind", valgrind, join(folder, `${name}-${port}.log`));
  atEnd(running.stop);
  await untilListening(port, running);
  await sessions({ name, port, login, processes: () => [running.pid] }, sessionCount);
  const stopped = running.stop();
  // Under valgrind a signal does not end NGINX's wait for events; a connection does.
  createConnection({ port: port!, host: "127.0.0.1" }).on("error", () => undefined);
  await stopped;
  const collected = /Collected : (\d+)/.exec(running.output());
  if (!collected) throw new Error(`valgrind counted nothing; it wrote:\n${running.output()}`);
  return Number(collected[1]);
}
