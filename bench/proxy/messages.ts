import { createHash } from "node:crypto";
import * as mqtt from "mqtt-packet";

/** Messages are written in chunks of this many. */
export const chunkLength = 64;

export type QualityOfService = 0 | 1;

/** 64 PUBLISH packets with payloads that are the same in every run. */
export function encodeChunk(topic: string, qos: QualityOfService, payloads: Buffer[]): Buffer {
  return Buffer.concat(
    payloads.map((payload, index) =>
      mqtt.generate({ cmd: "publish", topic, qos, messageId: index + 1, payload, dup: false, retain: false }),
    ),
  );
}

/** Payloads as random as SHA-256 is, from a fixed seed. */
export function payloads(bytes: number, chunk = 0): Buffer[] {
  return Array.from({ length: chunkLength }, (_, index) =>
    Buffer.concat(
      Array.from({ length: Math.ceil(bytes / 32) }, (_, block) =>
        createHash("sha256").update(`${chunk} ${index} ${block}`).digest(),
      ),
    ).subarray(0, bytes),
  );
}

/** The identifier that a PUBLISH of quality of service 1 has behind its topic, and where its payload begins. */
export function publishParts(bytes: Buffer, start: number): { acknowledgement: Buffer; payload: number } {
  let at = start + 1;
  while (bytes[at]! >= 0x80) at++;
  const identifier = at + 3 + bytes.readUInt16BE(at + 1);
  if ((bytes[start]! & 0x06) === 0) return { acknowledgement: Buffer.alloc(0), payload: identifier };
  return {
    acknowledgement: Buffer.from([0x40, 2, bytes[identifier]!, bytes[identifier + 1]!]),
    payload: identifier + 2,
  };
}
