import * as mqtt from "mqtt-packet";
import type { Case, SessionResult } from "./connect-engines";

/** Random numbers that are the same for the same seed. */
export function randomNumbers(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const oneOf = <T>(values: readonly T[]): T => values[below(values.length)]!;
  return { below, oneOf, chance: (part: number) => next() < part };
}
export type RandomNumbers = ReturnType<typeof randomNumbers>;

const alphabet = [...'abcXYZ019-_/ "\\{};$~#+é漢😀', "\u0000", "\n", "\u007f"];
const text = (random: RandomNumbers, most: number) =>
  Array.from(
    { length: random.below(most + 1) },
    () => alphabet[random.below(random.chance(0.02) ? alphabet.length : alphabet.length - 3)]!,
  ).join("");
const octets = (random: RandomNumbers, most: number) =>
  Buffer.from(Array.from({ length: random.below(most + 1) }, () => random.below(256)));

/** Returns a CONNECT of an independent library, of either version, with any of its fields. */
export function connectPacket(random: RandomNumbers): Buffer {
  const level = random.oneOf([4, 5] as const);
  const username = random.chance(0.5) ? text(random, 12) : undefined;
  const pair = () => ({ [text(random, 4)]: text(random, 4) });
  return mqtt.generate({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: level,
    clean: true,
    keepalive: random.below(65536),
    clientId: text(random, random.chance(0.05) ? 300 : 24),
    ...(username !== undefined && { username }),
    ...(username !== undefined && random.chance(0.7) && { password: octets(random, 20) }),
    ...(random.chance(0.4) && {
      will: {
        topic: `t${text(random, 10)}`,
        payload: octets(random, random.chance(0.05) ? 2000 : 30),
        qos: random.oneOf([0, 1, 2] as const),
        retain: random.chance(0.5),
        ...(level === 5 &&
          random.chance(0.5) && {
            properties: { willDelayInterval: random.below(1e6), contentType: text(random, 5), userProperties: pair() },
          }),
      },
    }),
    ...(level === 5 &&
      random.chance(0.5) && {
        properties: {
          sessionExpiryInterval: random.below(1e6),
          receiveMaximum: 1 + random.below(65535),
          requestProblemInformation: random.chance(0.5),
          userProperties: pair(),
          ...(random.chance(0.2) && { authenticationMethod: "m", authenticationData: octets(random, 5) }),
        },
      }),
  } as mqtt.IConnectPacket);
}

/** Changes of a packet: each returns other bytes. */
const changes: Record<string, (bytes: Buffer, random: RandomNumbers) => Buffer> = {
  nothing: (bytes) => bytes,
  truncated: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  "with more behind it": (bytes, random) => Buffer.concat([bytes, octets(random, 40)]),
  "with another packet behind it": (bytes, random) =>
    Buffer.concat([bytes, random.chance(0.5) ? mqtt.generate({ cmd: "pingreq" }) : connectPacket(random)]),
  "with one byte changed": (bytes, random) => changed(bytes, random, 1),
  "with several bytes changed": (bytes, random) => changed(bytes, random, 1 + random.below(8)),
  "with one bit changed": (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  },
  "with a changed head": (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[random.below(Math.min(14, copy.length))] = random.below(256);
    return copy;
  },
  "with another remaining length": (bytes, random) => {
    const { at } = remaining(bytes);
    const wrong = random.oneOf([
      0,
      1,
      2,
      10,
      127,
      128,
      16383,
      16384,
      268435455,
      bytes.length - at - 1,
      bytes.length - at + 1,
    ]);
    return Buffer.concat([bytes.subarray(0, 1), encodedLength(wrong, random.below(3)), bytes.subarray(at)]);
  },
  "with a piece cut out": (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4))]);
  },
  "with a piece put in": (bytes, random) => {
    const at = random.below(bytes.length);
    return resized(Buffer.concat([bytes.subarray(0, at), octets(random, 4), bytes.subarray(at)]));
  },
  "with a piece cut out and its length right": (bytes, random) => {
    const at = 2 + random.below(bytes.length - 2);
    return resized(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4))]));
  },
  "of random bytes": (_bytes, random) => octets(random, 60),
  "of random bytes behind a head": (_bytes, random) =>
    resized(
      Buffer.concat([
        Buffer.from([0x10, 0x00, 0, 4]),
        Buffer.from("MQTT"),
        Buffer.from([random.oneOf([4, 5])]),
        octets(random, 60),
      ]),
    ),
};

function changed(bytes: Buffer, random: RandomNumbers, count: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let done = 0; done < count; done++)
    copy[random.below(copy.length)] = random.oneOf([0, 1, 127, 128, 255, random.below(256)]);
  return copy;
}

function remaining(bytes: Buffer): { at: number } {
  let at = 1;
  while (at < bytes.length && bytes[at]! >= 0x80) at++;
  return { at: Math.min(at + 1, bytes.length) };
}

/** Returns the packet with a correct remaining length. */
const resized = (bytes: Buffer): Buffer => {
  const body = bytes.subarray(remaining(bytes).at);
  return Buffer.concat([bytes.subarray(0, 1), encodedLength(body.length, 0), body]);
};

/** Returns a variable byte integer with so many superfluous bytes. */
function encodedLength(value: number, superfluous: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    const more = rest >= 128;
    out.push((rest % 128) + (more || superfluous > 0 ? 128 : 0));
    if (!more) break;
  }
  for (let index = superfluous; index > 0; index--) out.push(index > 1 ? 128 : 0);
  return Buffer.from(out);
}

/** One case of the fuzz: bytes, and the pieces in which they arrive. */
export interface FuzzCase {
  what: string;
  bytes: Buffer;
  chunks: Buffer[];
}

export function fuzzCase(random: RandomNumbers): FuzzCase {
  const what = random.oneOf(Object.keys(changes));
  const bytes = changes[what]!(connectPacket(random), random);
  return { what, bytes, chunks: random.chance(0.5) ? [bytes] : pieces(bytes, random) };
}

/** Returns cases with a packet in two parts, split at each of its bytes. */
export function everySplit(bytes: Buffer): FuzzCase[] {
  return Array.from({ length: bytes.length - 1 }, (_, index) => ({
    what: `split behind byte ${index + 1}`,
    bytes,
    chunks: [bytes.subarray(0, index + 1), bytes.subarray(index + 1)],
  }));
}

function pieces(bytes: Buffer, random: RandomNumbers): Buffer[] {
  const chunks: Buffer[] = [];
  const most = random.oneOf([1, 3, 20, 100]);
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(most);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks.length > 0 ? chunks : [bytes];
}

/** The packets that an independent library reads, until its first error. */
export function read(bytes: Buffer): { packets: mqtt.Packet[]; error?: string } {
  const packets: mqtt.Packet[] = [];
  let error: string | undefined;
  const parser = mqtt.parser();
  parser.on("packet", (packet) => packets.push(packet));
  parser.on("error", (fault: Error) => (error ??= fault.message));
  try {
    parser.parse(bytes);
  } catch (fault) {
    error ??= (fault as Error).message;
  }
  return { packets, error };
}

export const credentials = { username: "mqttuser", password: "a word" };

/** Returns the fault in the result of a session, or undefined. */
export function fault(
  { what, bytes }: FuzzCase,
  { decision, clientId, sent, error }: SessionResult,
): string | undefined {
  const out = Buffer.from(sent, "base64");
  if (error !== undefined) return `the filter threw: ${error}`;
  const [original] = read(bytes).packets;
  const valid = original?.cmd === "connect";
  if (decision !== "allow") {
    if (out.length > 0) return "bytes were sent though the session was not let in";
    return valid && what === "nothing" && !refused(original) ? "a CONNECT was turned away" : undefined;
  }
  if (!valid) return "what the library does not read as a CONNECT was let in";
  const { length: _, ...before } = original;
  if (before.clientId !== clientId) return `the client id was read as ${clientId}`;
  const end = packetEnd(bytes);
  const { packets, error: refusedAs } = read(out.subarray(0, packetEnd(out)));
  const [after] = packets;
  if (refusedAs !== undefined || packets.length !== 1 || after?.cmd !== "connect")
    return `what was sent on is not one CONNECT: ${refusedAs}`;
  if ((original.will?.qos ?? 0) > 2) return "a will of quality of service 3 was let in";
  if (!writtenAlike(original, end)) return "a CONNECT was let in that the library would not write";
  const { length: __, ...rewritten } = after;
  const expected = { ...before, username: credentials.username, password: Buffer.from(credentials.password) };
  if (JSON.stringify(sorted(rewritten)) !== JSON.stringify(sorted(expected)))
    return "something else than the credentials was changed";
  if (!out.subarray(packetEnd(out)).equals(bytes.subarray(end))) return "the bytes behind the CONNECT were changed";
  return undefined;
}

/** Returns whether the library writes as many bytes as it read: it accepts faults that it would not write. */
function writtenAlike(packet: mqtt.IConnectPacket, length: number): boolean {
  const { username, password, clientId, clean } = packet;
  // The library leaves out an empty name or password. The broker rejects an empty client id without a clean session.
  if (username === "" || password?.length === 0 || (password && username === undefined)) return true;
  if (clientId === "" && !clean) return true;
  try {
    return mqtt.generate(packet).length === length;
  } catch {
    return false;
  }
}

/** Returns whether connect.njs rejects a packet that the library accepts: for control characters, or NUL in properties. */
const refused = ({ clientId, username = "", will, properties }: mqtt.IConnectPacket) =>
  /[\u0000-\u001f\u007f]/.test(`${clientId}${username}${will?.topic ?? ""}`) ||
  JSON.stringify([properties, will?.properties]).includes("\\u0000");

const sorted = (packet: object) => Object.entries(packet).sort(([one], [other]) => (one < other ? -1 : 1));

/** Returns the position at which the first packet ends. */
export function packetEnd(bytes: Buffer): number {
  let length = 0;
  for (let at = 1; at < Math.min(5, bytes.length); at++) {
    length += (bytes[at]! & 0x7f) * 128 ** (at - 1);
    if (bytes[at]! < 0x80) return at + 1 + length;
  }
  return bytes.length;
}

/** Runs so many cases, or until there are enough faults; returns these with their bytes. */
export function fuzz(
  sessions: (cases: Case[]) => SessionResult[],
  count: number,
  seed: number,
): { faults: string[]; decisions: Record<string, number> } {
  const random = randomNumbers(seed);
  const faults: string[] = [];
  const decisions: Record<string, number> = { allow: 0, deny: 0, wait: 0 };
  for (let done = 0; done < count && faults.length < 20; ) {
    const cases =
      done % 10_000 === 0 ? everySplit(connectPacket(random)) : Array.from({ length: 500 }, () => fuzzCase(random));
    const some = cases.slice(0, count - done);
    for (const [index, result] of sessions(some.map(({ chunks }) => [chunks, credentials])).entries()) {
      decisions[result.decision]!++;
      const wrong = fault(some[index]!, result);
      if (wrong) faults.push(`${wrong}: ${some[index]!.what}: ${some[index]!.bytes.toString("hex")}`);
    }
    done += some.length;
  }
  return { faults, decisions };
}
