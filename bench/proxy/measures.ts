import { processorMicroseconds, residentKibibytes, within } from "../cost";
import type { Sample } from "../statistics";
import { Exchange } from "./exchange";
import { chunkLength, type QualityOfService } from "./messages";
import { MqttConnection, PacketType, pingRequest } from "./mqtt-connection";
import { labels, type Path } from "./paths";

const limit = 20;

/** Fails unless a path delivers what it is given: every message, once, in order, unchanged. */
export async function verify(path: Path): Promise<void> {
  for (const qos of [0, 1] as const)
    await within(
      limit,
      `${labels[path.name]}: verification`,
      withExchange(path, qos, (exchange) => exchange.verify(50, 256)),
    );
}

/** Microseconds per message, from one client through the path to the broker and back through the path to another client. */
export function throughput(path: Path, qos: QualityOfService, bytes: number, messages: number): Promise<Sample> {
  const chunks = Math.ceil(messages / chunkLength);
  const work = withExchange(path, qos, (exchange) =>
    perOperation(path, chunks * chunkLength, () => exchange.send(chunks, bytes)),
  );
  return within(limit, `${labels[path.name]}: ${messages} messages`, work);
}

/** Microseconds per session: connected, accepted, disconnected, closed; eight at a time. */
export function sessions(path: Path, count: number): Promise<Sample> {
  const work = perOperation(path, count, async () => {
    await openMany(path, count, (connection) => connection.close());
  });
  return within(limit, `${labels[path.name]}: ${count} sessions`, work);
}

/** Microseconds between PINGREQ and PINGRESP, one after another. */
export function pings(path: Path, count: number): Promise<Sample> {
  const work = async () => {
    const connection = await MqttConnection.open(path, "bench-ping");
    const times: number[] = [];
    for (let ping = 0; ping < count; ping++) {
      const before = performance.now();
      await connection.request(pingRequest, PacketType.pingresp);
      times.push((performance.now() - before) * 1000);
    }
    await connection.close();
    times.sort((a, b) => a - b);
    return { p50: times[Math.floor(count * 0.5)]!, p99: times[Math.floor(count * 0.99)]! };
  };
  return within(limit, `${labels[path.name]}: pings`, work());
}

/** KiB by which a proxy's processes grow with each connection that does nothing. */
export async function idleMemory(path: Path, connections: number): Promise<Sample> {
  const before = residentKibibytes(path.processes());
  const opened = await within(
    limit,
    `${labels[path.name]}: ${connections} connections`,
    openMany(path, connections, async (connection) => connection),
  );
  const perConnection = (residentKibibytes(path.processes()) - before) / connections;
  await Promise.all(opened.map((connection) => connection.close()));
  return { perConnection };
}

async function openMany<T>(path: Path, count: number, use: (connection: MqttConnection) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let opened = 0;
  const worker = async () => {
    while (opened < count) results.push(await use(await MqttConnection.open(path, `bench-${++opened}`)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

async function withExchange<T>(path: Path, qos: QualityOfService, use: (exchange: Exchange) => Promise<T>): Promise<T> {
  const exchange = await Exchange.open(path, qos);
  const result = await use(exchange);
  await exchange.close();
  return result;
}

async function perOperation(path: Path, operations: number, work: () => Promise<void>): Promise<Sample> {
  const processorBefore = processorMicroseconds(path.processes());
  const before = performance.now();
  await work();
  return {
    wall: ((performance.now() - before) * 1000) / operations,
    processor: (processorMicroseconds(path.processes()) - processorBefore) / operations,
  };
}
