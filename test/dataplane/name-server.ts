import { createSocket } from "node:dgram";

/** A broker in SRV records. */
export interface ServiceRecord {
  target: string;
  port: number;
  weight: number;
}

/** Records by name: addresses of IPv4, or services. A name without records does not exist. */
export type Records = Record<string, string[] | ServiceRecord[]>;

/** A name server on loopback. */
export interface NameServer {
  readonly port: number;
  /** Names that it was asked for. */
  readonly asked: string[];
  /** Records from now on; without any, every name is on loopback, but for those with a label `missing`: what refuses another name is not the server. */
  records?: Records;
  stop(): void;
}

/** Starts a name server that answers by these records, in another order each time as CoreDNS does, with a time to live of a second. */
export async function startNameServer(records?: Records): Promise<NameServer> {
  const socket = createSocket("udp4");
  const server: NameServer = { port: 0, asked: [], records, stop: () => void socket.close() };
  socket.on("message", (query, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (; query[at]! > 0; at += query[at]! + 1) labels.push(query.toString("utf8", at + 1, at + 1 + query[at]!));
    const name = labels.join(".");
    server.asked.push(name);
    const found = server.records ? server.records[name] : labels.includes("missing") ? undefined : ["127.0.0.1"];
    const ordered = (found ?? []).map(recordData).filter(({ type }) => type === query.readUInt16BE(at + 1));
    const first = server.asked.length % Math.max(ordered.length, 1);
    const answers = [...ordered.slice(first), ...ordered.slice(0, first)];
    const code = found === undefined ? nameDoesNotExist : 0;
    const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80 | code, 0, 1, 0, answers.length, 0, 0, 0, 0]);
    const written = answers.map(({ type, data }) =>
      Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, data.length]), data]),
    );
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...written]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return Object.assign(server, { port: socket.address().port });
}

const nameDoesNotExist = 3;

/** A record's type and data: A, or SRV. */
function recordData(record: string | ServiceRecord): { type: number; data: Buffer } {
  if (typeof record === "string") return { type: 1, data: Buffer.from(record.split(".").map(Number)) };
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(record.weight, 2);
  numbers.writeUInt16BE(record.port, 4);
  const labels = record.target.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return { type: 33, data: Buffer.concat([numbers, ...labels, Buffer.from([0])]) };
}
