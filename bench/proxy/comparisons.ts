import { type Metric, microseconds, type Pair } from "../report";
import type { PathName, ProxyName } from "./paths";

/** What a message may cost with the credentials injected, and a connection, over a plain NGINX; and with TLS to the broker. */
const aims = { message: 1.1, connect: 1.5, messageOverTls: 2 };

/** A proxy of the same kind that only passes bytes on, and HAProxy. */
const others: Pair<ProxyName>[] = [
  ["preread", "stream"],
  ["inject", "stream"],
  ["inject", "haproxy"],
  ["inject", "haproxyMqtt"],
  ["injectTls", "streamTls"],
  ["injectTls", "haproxyTls"],
];
const withAims = (inject?: number, injectTls?: number): Pair<ProxyName>[] => [
  ...others.map(
    ([of, over]): Pair<ProxyName> => (of === "inject" && over === "stream" ? [of, over, inject] : [of, over]),
  ),
  ["injectTls", "stream", injectTls],
];
const direct: Pair<PathName>[] = [
  ["inject", "direct"],
  ["injectTls", "directTls"],
];
const plain: Pair<PathName>[] = [
  ["inject", "stream", aims.message],
  ["injectTls", "stream", aims.messageOverTls],
];

const metric = (measure: string, key: string): Metric => ({ measure, key, print: microseconds });
const added = (measure: string, key: string): Metric => ({ ...metric(measure, key), difference: true });
const perSecond = (microsecondsEach: number) => `${(1e6 / microsecondsEach).toFixed(0)} a second`;

/** Which lines the table has of the workloads. */
export const comparisons: [Metric, Pair<PathName>[]][] = [
  [
    metric("QoS 0, 256 B: time per message", "QoS 0, 256 B wall"),
    [...withAims(aims.message, aims.messageOverTls), ...direct],
  ],
  [metric("QoS 0, 64 B: time per message", "QoS 0, 64 B wall"), plain],
  [metric("QoS 0, 1 KiB: time per message", "QoS 0, 1 KiB wall"), plain],
  [metric("QoS 1, 256 B: time per message", "QoS 1, 256 B wall"), [...plain, ...direct]],
  [metric("QoS 0, 256 B: processor time of the proxy per message", "QoS 0, 256 B processor"), withAims()],
  [added("PING round trip, p50", "PING p50"), [...others, ...direct]],
  [added("PING round trip, p99", "PING p99"), [["inject", "stream"], ...direct]],
  [{ ...metric("connects: time per session", "session wall"), print: perSecond }, [...others, ...direct]],
  [metric("connects: processor time of the proxy per session", "session processor"), withAims(aims.connect)],
];

/** Which lines it has of the memory of idle clients. */
export const memoryComparisons: Pair<ProxyName>[] = others;
