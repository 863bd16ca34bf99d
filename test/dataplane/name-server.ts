import { createSocket } from "node:dgram";

/** A name server for which every name is on loopback, but for those with a label `missing`: what refuses another name is not it. */
export interface NameServer {
  readonly port: number;
  /** Names that it was asked for. */
  readonly asked: string[];
  stop(): void;
}

export async function startNameServer(): Promise<NameServer> {
  const server = createSocket("udp4");
  const asked: string[] = [];
  server.on("message", (query, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (; query[at]! > 0; at += query[at]! + 1) labels.push(query.toString("utf8", at + 1, at + 1 + query[at]!));
    asked.push(labels.join("."));
    const ipv4 = query.readUInt16BE(at + 1) === 1;
    const missing = labels.includes("missing");
    const answers = ipv4 && !missing;
    const code = missing ? 0x83 : 0x80;
    const header = Buffer.from([...query.subarray(0, 2), 0x81, code, 0, 1, 0, answers ? 1 : 0, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    server.send(Buffer.concat([header, query.subarray(12, at + 5), ...(answers ? [answer] : [])]), port, address);
  });
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  return { port: server.address().port, asked, stop: () => void server.close() };
}
