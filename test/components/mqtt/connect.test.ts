import fc from "fast-check";
import * as mqtt from "mqtt-packet";
import { nodeEngine, quickJsEngine, type Session } from "./connect-engines";

const plain = { cmd: "connect", protocolId: "MQTT", clean: true, keepalive: 60 } as const;
const connect = (packet: Partial<mqtt.IConnectPacket>) =>
  mqtt.generate({ ...plain, protocolVersion: 4, clientId: "a", ...packet } as mqtt.IConnectPacket);

/** Reads bytes with a library that is not ours. */
function read(bytes: Buffer, protocolVersion: number): mqtt.Packet[] {
  const packets: mqtt.Packet[] = [];
  const parser = mqtt.parser({ protocolVersion });
  parser.on("packet", (packet) => packets.push(packet));
  parser.on("error", (error) => {
    throw error;
  });
  parser.parse(bytes);
  return packets;
}

const sent = (result: { sent: string }) => Buffer.from(result.sent, "base64");

const engines: Record<string, Session> = {};
beforeAll(async () => {
  engines.node = nodeEngine();
  engines.QuickJS = await quickJsEngine();
});

describe.each(["node", "QuickJS"])("connect.njs on %s", (engine) => {
  const session: Session = (...args) => engines[engine]!(...args);

  test.each([4, 5] as const)(
    "level %d: credentials replace the client's own, and the rest of the packet stays the same",
    (level) => {
      const original = connect({
        protocolVersion: level,
        clientId: "sensor-Ünï-1",
        username: "someone",
        password: Buffer.from("else"),
        keepalive: 300,
        will: {
          topic: "last/words",
          payload: Buffer.from([0, 255, 10]),
          qos: 1,
          retain: true,
          ...(level === 5 && { properties: { willDelayInterval: 5, userProperties: { a: "b" } } }),
        },
        ...(level === 5 && { properties: { sessionExpiryInterval: 60, userProperties: { key: "value" } } }),
      });
      const result = session([original]);
      expect(result).toMatchObject({ decision: "allow", clientId: "sensor-Ünï-1", username: "someone" });
      const [before] = read(original, level) as mqtt.IConnectPacket[];
      const [after, ...more] = read(sent(result), level) as mqtt.IConnectPacket[];
      expect(more).toEqual([]);
      expect(after).toEqual({
        ...before,
        username: "mqttuser",
        password: Buffer.from("a word"),
        length: after!.length,
      });
    },
  );

  test("a CONNECT that comes byte by byte gives the same bytes as one that comes whole", () => {
    const bytes = connect({ username: "x", password: Buffer.from("y") });
    const whole = session([bytes]);
    expect(session([...bytes].map((octet) => Buffer.from([octet])))).toEqual(whole);
  });

  test("bytes after the CONNECT stay the same, in its segment and in the next", () => {
    const ping = mqtt.generate({ cmd: "pingreq" });
    const first = sent(session([connect({})]));
    expect(sent(session([Buffer.concat([connect({}), ping]), ping]))).toEqual(Buffer.concat([first, ping, ping]));
  });

  test("js_filter waits for the whole CONNECT too", () => {
    const bytes = Buffer.concat([
      connect({ username: "x", password: Buffer.from("y") }),
      mqtt.generate({ cmd: "pingreq" }),
    ]);
    const whole = session([bytes]);
    for (let cut = 0; cut < bytes.length; cut++) expect(session([bytes], undefined, cut)).toEqual(whole);
  });

  test("a CONNECT that is incomplete when the client ends is rejected", () => {
    const bytes = connect({ clientId: "abc" });
    for (let length = 1; length < bytes.length; length++)
      expect(session([bytes.subarray(0, length), Buffer.alloc(0)]).decision).toBe("deny");
  });

  const edited = (edit: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(connect({ clientId: "abc" }));
    edit(bytes);
    return bytes;
  };
  const level5 = (properties: Buffer) =>
    Buffer.concat([
      Buffer.from([0x10, 14 + properties.length, 0, 4]),
      Buffer.from("MQTT"),
      Buffer.from([5, 2, 0, 60, properties.length]),
      properties,
      Buffer.from([0, 1, 0x61]),
    ]);
  const connectWithWill = (topic: string) => {
    const bytes = connect({ will: { topic: "t", payload: Buffer.from("p"), qos: 0, retain: false } });
    const at = bytes.indexOf(Buffer.from([0, 1, 0x74]));
    const without = Buffer.concat([bytes.subarray(0, at), Buffer.from([0, 0]), bytes.subarray(at + 3)]);
    without[1]! -= 1;
    return topic === "" ? without : bytes;
  };
  test("a will with a topic is accepted", () => expect(session([connectWithWill("t")]).decision).toBe("allow"));
  test("a mosquitto bridge is accepted, and its packet keeps the bridge flag", () => {
    const result = session([edited((bytes) => bytes.writeUInt8(0x84, 8))]);
    expect(result.decision).toBe("allow");
    expect(sent(result)[8]).toBe(0x84);
  });
  test("properties of a CONNECT are accepted", () =>
    expect(session([level5(Buffer.from([0x22, 0, 1, 0x21, 0, 1, 0x15, 0, 1, 0x6d, 0x16, 0, 1, 9]))]).decision).toBe(
      "allow",
    ));

  test.each([
    ["another packet type", mqtt.generate({ cmd: "pingreq" })],
    ["flags in the packet type", edited((bytes) => bytes.writeUInt8(0x11, 0))],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["another protocol name", edited((bytes) => bytes.write("MQTX", 4))],
    ["MQTT 3.1", connect({ protocolId: "MQIsdp", protocolVersion: 3 })],
    ["protocol level 6", edited((bytes) => bytes.writeUInt8(6, 8))],
    ["a bridge flag at a protocol level without it", edited((bytes) => bytes.writeUInt8(0x85, 8))],
    ["the reserved flag", edited((bytes) => bytes.writeUInt8(3, 9))],
    ["a will quality of service without a will", edited((bytes) => bytes.writeUInt8(0x0a, 9))],
    ["quality of service 3", edited((bytes) => bytes.writeUInt8(0x1e, 9))],
    ["a password without a user name at level 4", edited((bytes) => bytes.writeUInt8(0x42, 9))],
    ["a client id longer than the packet", edited((bytes) => bytes.writeUInt16BE(999, 12))],
    ["bytes after the last field", edited((bytes) => bytes.writeUInt16BE(1, 12))],
    ["a length of five bytes", Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ["a length that is not in its shortest form", Buffer.from([0x10, 0x80, 0x00])],
    ["a client id that is not UTF-8", edited((bytes) => bytes.writeUInt8(0xff, 14))],
    ["half of a surrogate pair", edited((bytes) => bytes.set([0xed, 0xa0, 0x80], 14))],
    ["a letter in an overlong form", edited((bytes) => bytes.set([0xc1, 0x81], 14))],
    ["a control character beside letters that are not ASCII", edited((bytes) => bytes.set([0xc3, 0xa9, 0x1f], 14))],
    ["a will without a topic", connectWithWill("")],
    ["a repeated property", level5(Buffer.from([0x22, 0, 1, 0x22, 0, 1]))],
    ["a property of another packet", level5(Buffer.from([0x01, 0]))],
    ["a truncated property", level5(Buffer.from([0x11, 0, 0]))],
    ["a receive maximum of 0", level5(Buffer.from([0x21, 0, 0]))],
    ["authentication data without a method", level5(Buffer.from([0x16, 0, 1, 9]))],
    ["a NUL in the client id", edited((bytes) => bytes.writeUInt8(0, 14))],
    ["a newline in the client id", edited((bytes) => bytes.writeUInt8(10, 16))],
  ])("%s is rejected", (_name, bytes) => {
    expect(session([bytes])).toEqual({ decision: "deny", sent: "" });
  });

  test("missing credentials end the session instead of sending a CONNECT without them", () => {
    expect(session([connect({})], { username: "", password: "" })).toMatchObject({
      sent: "",
      error: "the configured credentials are empty or too long",
    });
  });

  test("each CONNECT of an independent library is read and rewritten", () => {
    const packet = fc.record({
      protocolVersion: fc.constantFrom(4 as const, 5 as const),
      clientId: fc
        .string({ unit: "grapheme", minLength: 1, maxLength: 80 })
        .filter((id) => !/[\u0000-\u001f\u007f]/.test(id)),
      will: fc.option(
        fc.record({
          topic: fc.constant("t"),
          payload: fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets)),
          qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
          retain: fc.boolean(),
        }),
        { nil: undefined },
      ),
      username: fc.option(fc.constant("someone"), { nil: undefined }),
      cut: fc.nat(),
    });
    fc.assert(
      fc.property(packet, ({ cut, ...fields }) => {
        const original = connect(fields);
        const at = cut % original.length;
        const result = session([original.subarray(0, at), original.subarray(at)]);
        const [after] = read(sent(result), fields.protocolVersion) as mqtt.IConnectPacket[];
        expect(result.clientId).toBe(fields.clientId);
        expect(after).toMatchObject({ clientId: fields.clientId, username: "mqttuser" });
        expect(after!.will?.payload).toEqual(fields.will?.payload);
      }),
      { numRuns: engine === "node" ? 2000 : 100 },
    );
  });
});
