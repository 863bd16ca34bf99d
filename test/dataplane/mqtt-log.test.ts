import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { longestWaitSeconds, until } from "../cluster/until";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { Devices, reached, renderProxy } from "./mqtt-clients";
import { accessLog } from "./mqtt-stack";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;

/** Texts that a broker may be sent, all of which try to be more than one text in the log. */
const texts = [
  ...['"forged"', 'forged"', "forged\\", 'forged\\"', "forged\\n", "forged\\u000a", "'forged'", '{"forged":true}'],
  ...[
    'forged"},{"forged":true',
    'forged","status":200,"forged":"',
    'forged"}\\n{"forged":true',
    "}forged{",
    "[forged]",
  ],
  ...["$forged", "forged $remote_addr", `forged \${mqtt_upstream}`, "$time_iso8601 forged", "forged$", "%sforged%n%x"],
  ...[
    "forged\u0080",
    "forged\u0085",
    "forged\u009f",
    "forged\u2028",
    "forged\u2029",
    "\ufefforged",
    "forged\u202eforged",
  ],
  ...["forged\uffff", "forged\u{10ffff}", "forged🦊", "förged", "forged ", " forged", "<script>forged</script>"],
  ...[`forged ${Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("")}`],
  ...[`forged ${'"'.repeat(4000)}`, `forged ${"x".repeat(15_000)}`],
];
const controls = [...Array.from({ length: 32 }, (_, code) => code), 0x7f].map((code) => String.fromCharCode(code));
const noText = [
  ...controls.map((control) => Buffer.from(`forged"}${control}{"forged":true}${control}`)),
  // What is not UTF-8: RFC 3629.
  ...["80", "ff", "c0af", "c080", "e282", "e0809f", "eda080", "edbfbf", "f4908080", "f8888080", "c328", "f0288cbc"].map(
    (hex) => Buffer.concat([Buffer.from("forged"), Buffer.from(hex, "hex"), Buffer.from("forged")]),
  ),
];

describeOnTheWire(`a line of the log${missing ? ` (${missing})` : ""}`, () => {
  const devices = missing ? undefined! : new Devices();
  let broker: BrokerStub;
  let stack: Loopback;
  beforeAll(async () => {
    broker = await startBrokerStub("broker");
    const { certificate: trustedCertificatesPem } = devices.authority;
    const certificate = { secretName: "server" };
    stack = await runOnLoopback(
      await renderProxy(
        {
          upstreams: [{ name: "brokers", servers: [{ host: "127.0.0.1", port: broker.port }] }],
          defaultRoute: { upstream: "brokers" },
          timeouts: { connectSeconds: 1 },
          listeners: [
            { name: "plain", port: 1883 },
            { name: "devices", port: 8883, tls: { certificate, clientCertificates: { trustedCertificatesPem } } },
            { name: "web", port: 9001, webSocket: { upstream: "brokers", brokerPort: broker.port } },
          ],
        },
        { server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key } },
      ),
    );
  });
  afterAll(async () => {
    await stack?.stop();
    await broker?.stop();
    devices?.remove();
  });

  // Each client has an address of its own, by which its lines are known whatever is in them.
  let clients = 0;
  const address = () => `127.1.${++clients >> 8}.${clients & 255}`;
  const linesOf = (client: string) =>
    until(`a line about ${client}`, longestWaitSeconds, async () => {
      const lines = accessLog(stack.output("nginx")).filter((line) => line.client === client);
      return lines.length > 0 ? lines : undefined;
    });

  const variableInteger = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...variableInteger(value >> 7)];
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  /** Sends a CONNECT with these bytes; resolves when a broker has answered or the proxy has closed. */
  function connect(from: string, clientId: Buffer, username: Buffer): Promise<boolean> {
    const body = Buffer.concat([Buffer.from("\0\x04MQTT\x04\x82\0\x3c", "latin1"), field(clientId), field(username)]);
    return new Promise((resolve) => {
      const socket = createConnection({ port: stack.port("nginx", "plain"), host: "127.0.0.1", localAddress: from });
      socket.on("data", () => {
        resolve(true);
        socket.destroy();
      });
      socket.on("error", () => undefined).on("close", () => resolve(false));
      socket.write(Buffer.concat([Buffer.from([0x10, ...variableInteger(body.length)]), body]));
    });
  }

  test.each(["client_id", "username"])("has the %s to the letter", async (name) => {
    const none = Buffer.from("none");
    for (const text of texts) {
      const from = address();
      const bytes = Buffer.from(text);
      const admitted = await (name === "client_id" ? connect(from, bytes, none) : connect(from, none, bytes));
      const lines = await linesOf(from);
      expect([text, admitted, lines.map((line) => line[name])]).toEqual([text, true, [text]]);
      expect(Object.keys(lines[0]!)).not.toContain("forged");
    }
  });

  test.each(["client_id", "username"])(
    "has none of a %s that is no text or has a control character, and its client is refused",
    async (name) => {
      const before = broker.received.length;
      const none = Buffer.from("none");
      for (const bytes of noText) {
        const from = address();
        const admitted = await (name === "client_id" ? connect(from, bytes, none) : connect(from, none, bytes));
        const lines = await linesOf(from);
        expect([bytes, admitted, lines]).toEqual([
          bytes,
          false,
          [expect.objectContaining({ client_id: "", username: "", broker: "", status: 403 })],
        ]);
      }
      expect(broker.received.length).toBe(before);
    },
  );

  test.each([
    ['x"},{"forged":true', String.raw`CN=x\"}\,{\"forged\":true`],
    ["x\n{}forged", String.raw`CN=x\0A{}forged`],
    ["x\0forged", String.raw`CN=x\00forged`],
    ["x\\u000aforged", String.raw`CN=x\\u000aforged`],
    ["förged\u2028", String.raw`CN=f\C3\B6rged\E2\80\A8`],
    ["$remote_addr forged", "CN=$remote_addr forged"],
  ])("has the subject with a common name %j as RFC 2253 writes it", async (CN, subject) => {
    const from = address();
    const tls = await devices.issueNames({ CN });
    expect(await reached(stack.port("nginx", "devices"), { tls, from })).toBe("broker");
    expect((await linesOf(from)).map((line) => line.subject)).toEqual([subject]);
  });

  test.each([
    ['GET /"},{"forged":true HTTP/1.1', 'GET /"},{"forged":true HTTP/1.1', 404],
    ["GET /%0a%22forged%22 HTTP/1.1", "GET /%0a%22forged%22 HTTP/1.1", 404],
    ["GET /\\u000aforged HTTP/1.1", "GET /\\u000aforged HTTP/1.1", 404],
    ["GET /\x01forged HTTP/1.1", "", 400],
    ["GET /\xffforged HTTP/1.1", "", 404],
    ['{"forged":true}', '{"forged":true}', 400],
  ])("has the WebSocket request %j, or nothing of it", async (request, shown, status) => {
    const from = address();
    await new Promise((resolve) => {
      const socket = createConnection({ port: stack.port("nginx", "web"), host: "127.0.0.1", localAddress: from });
      socket.on("data", () => socket.destroy());
      socket.on("error", () => undefined).on("close", resolve);
      socket.write(Buffer.from(`${request}\r\nHost: x\r\n\r\n`, "latin1"));
    });
    expect(await linesOf(from)).toEqual([expect.objectContaining({ listener: "web", request: shown, status })]);
  });

  test("is Unicode and JSON, and nothing of what clients said stands elsewhere", () => {
    const bytes = readFileSync(stack.path("nginx", "../nginx.log"));
    const lines = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n");
    expect(lines.length).toBeGreaterThan(clients);
    const [json, others] = [true, false].map((is) => lines.filter((line) => line.startsWith("{") === is));
    for (const line of json!) expect(JSON.parse(line)).not.toHaveProperty("forged");
    expect(others!.filter((line) => line.includes("forged"))).toEqual([]);
  });
});
