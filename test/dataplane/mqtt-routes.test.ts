import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import * as mqtt from "mqtt-packet";
import { MqttProxy, type MqttRoute } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { withOpenReader } from "./open-reader";

const missing = missingPrograms("nginx");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

const brokers = ["alpha", "beta", "gamma"];
let stubs: Record<string, BrokerStub>;
beforeAll(async () => {
  stubs = Object.fromEntries(await Promise.all(brokers.map(async (name) => [name, await startBrokerStub(name)])));
});
afterAll(() => Promise.all(Object.values(stubs).map((stub) => stub.stop())));

async function render(routes: MqttRoute[]): Promise<KubernetesObject[]> {
  const run = await record(
    () =>
      void new MqttProxy("edge", {
        namespace: "mqtt",
        edition: "oss",
        upstreams: brokers.map((name) => ({ name, servers: [{ host: "127.0.0.1", port: stubs[name]!.port }] })),
        routes,
        defaultRoute: { refuse: true },
      }),
  );
  return manifests(run, { secrets: "show" });
}

/** The name of the broker that a client id reaches, or undefined when the proxy closes. */
function reached(port: number, clientId: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const parser = mqtt.parser();
    parser.on("packet", (packet) => {
      if (packet.cmd !== "publish") return;
      resolve(packet.payload.toString() === clientId ? packet.topic : `${packet.topic}, as another`);
      socket.destroy();
    });
    socket.on("data", (bytes) => parser.parse(bytes));
    socket.on("error", (error: NodeJS.ErrnoException) => error.code === "ECONNRESET" || reject(error));
    socket.on("close", () => resolve(undefined));
    socket.write(
      mqtt.generate({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clientId, clean: true, keepalive: 0 }),
    );
  });
}

const device = (index: number) => `Device-${String(index).padStart(6, "0")}-Plant`;
const long = (letter: string) => letter.repeat(1024);
// Each is a route of its own, to alpha where nothing else is said.
const odd: Record<string, string> = {
  ...Object.fromEntries(
    [
      ...["default", "include", "hostnames", "volatile", "Include", "~x", "~^x$", "\\x", "\\default", "*.example.com"],
      ...["with space", 'q"uote', "semi;colon", "{brace", "}", "#hash", "a$b", "$remote_addr", `\${dollar}`, "."],
      ...["lower", "UPPER", "123", "Äöü", "mqtt_beta", "aa", "aAaA", "'", "|", "%41"],
    ].map((clientId) => [clientId, "alpha"]),
  ),
  // Equal but for case, so that one table cannot hold them.
  Gateway: "alpha",
  gateWAY: "beta",
  GATEWAY: "gamma",
  // Not equal: NGINX ignores the case of ASCII's letters alone.
  Éclair: "beta",
  éclair: "gamma",
  [long("L")]: "beta",
};
const routes = (count: number): MqttRoute[] => [
  { clientId: { regex: "Device-0000.*" }, upstream: "beta" },
  { clientId: { prefix: "Device-" }, upstream: "gamma" },
  ...Array.from({ length: count }, (_, index) => ({
    clientId: { exact: device(index) },
    upstream: brokers[index % 2]!,
  })),
  ...Object.entries(odd).map(([exact, upstream]) => ({ clientId: { exact }, upstream })),
];

// Below and above the number from which a table is used.
describeOnTheWire.each([20, 100_000])(title("%d routes by exact client id"), (count) => {
  let objects: KubernetesObject[];
  let stack: Loopback;
  let port: number;
  beforeAll(async () => {
    objects = await render(routes(count));
    stack = await runOnLoopback(objects);
    port = stack.port("nginx", "mqtt");
  });
  afterAll(() => stack?.stop());

  test("each goes to its own broker", async () => {
    for (const index of [0, 1, 2, count - 2, count - 1])
      expect(await reached(port, device(index))).toBe(brokers[index % 2]);
    for (const [clientId, broker] of Object.entries(odd))
      expect([clientId, await reached(port, clientId)]).toEqual([clientId, broker]);
  });

  test("an exact match goes before the prefix, that before the expression", async () => {
    expect(await reached(port, device(1))).toBe("beta");
    expect(await reached(port, `${device(1)}x`)).toBe("gamma");
    expect(await reached(port, "Device-0000")).toBe("gamma");
  });

  test.each([
    ["a device in small letters", device(1).toLowerCase()],
    ["a device in capitals", device(1).toUpperCase()],
    ["one letter in another case", "uPPER"],
    ["small letters in capitals", "LOWER"],
    ["a third spelling of two that are equal but for case", "gateway"],
    ["a word of NGINX's map in another case", "DEFAULT"],
    ["a long one in another case", long("l")],
    ["a long one with one more", `${long("L")}L`],
    ["another case beyond ASCII", "äÖÜ"],
    ["a square that is no route", "abab"],
    ["the beginning of one", "UPPE"],
    ["one twice", "UPPERUPPER"],
    ["one with the number of its broker", "UPPER0"],
    ["an expression for an escaped one", "x"],
  ])("%s is not a route", async (_what, clientId) => {
    const before = brokers.map((name) => stubs[name]!.received.length);
    expect(await reached(port, clientId)).toBeUndefined();
    expect(brokers.map((name) => stubs[name]!.received.length)).toEqual(before);
  });

  test("NGINX finds its tables at once: it warns of nothing", () => {
    expect(stack.output("nginx")).not.toMatch(/map_hash|\[(?:warn|emerg|alert|crit)\]/);
  });

  test("no ConfigMap is larger than Kubernetes takes", () => {
    const sizes = objects
      .filter(({ kind }) => kind === "ConfigMap")
      .map(({ data }) =>
        Object.values(data as Record<string, string>).reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(sizes.length).toBe(count === 20 ? 1 : 5);
  });
});

describeOnTheWire(
  title("all client ids of at most four letters from a, A, b, 1 and -, some of which are routes"),
  () => {
    const alphabet = ["a", "A", "b", "1", "-"];
    const texts = (length: number): string[] =>
      length === 0 ? [""] : texts(length - 1).flatMap((text) => alphabet.map((letter) => text + letter));
    const all = [1, 2, 3, 4].flatMap(texts);
    // Each seventh is none, so that spellings of the same letters are routes and others not.
    const chosen = all.filter((_, index) => index % 7 !== 0);
    const brokerOf = (clientId: string) => brokers[(all.indexOf(clientId) * 5) % 3]!;
    let stack: Loopback;
    beforeAll(async () => {
      stack = await runOnLoopback(
        await render([
          ...chosen.map((exact) => ({ clientId: { exact }, upstream: brokerOf(exact) })),
          { clientId: { prefix: "aA" }, upstream: "gamma" },
        ]),
      );
    });
    afterAll(() => stack?.stop());

    test("each goes where the model says", async () => {
      const port = stack.port("nginx", "mqtt");
      const routed = new Set(chosen);
      const seen: Record<string, string | undefined> = {};
      const expected: Record<string, string | undefined> = {};
      for (const clientId of all) {
        seen[clientId] = await reached(port, clientId);
        expected[clientId] = routed.has(clientId)
          ? brokerOf(clientId)
          : clientId.startsWith("aA")
            ? "gamma"
            : undefined;
      }
      expect(seen).toEqual(expected);
    });

    test("by tables and by expressions", () => {
      const table = readFileSync(stack.path("nginx", "/etc/nginx/mqtt-routes/0.conf"), "utf8");
      expect(table.split("\n").length).toBeGreaterThan(100);
      const same = chosen.filter((clientId) => clientId.toLowerCase() === "aa1a");
      expect(same.length).toBeGreaterThan(2);
      const text = readFileSync(stack.path("nginx", "/etc/nginx/main/nginx.conf"), "utf8");
      for (const clientId of same) expect(text).toContain(`~^${clientId}\\\\z`);
    });
  },
);

describeOnTheWire(title("control characters, where the reader of CONNECT lets them through"), () => {
  let stack: Loopback;
  beforeAll(async () => {
    const objects = withOpenReader(await render(routes(200)));
    stack = await runOnLoopback(objects);
  });
  afterAll(() => stack?.stop());

  test.each([
    ["a line feed behind", "UPPER\n", undefined],
    ["a line feed before", "\nUPPER", undefined],
    ["a NUL behind", "UPPER\0", undefined],
    ["what the table's expression compares", "UPPER\nUPPER\n0", undefined],
    ["the same with another id", "x\nx\n1", undefined],
    ["line feeds alone", "\n\n", undefined],
    // So that the others are known to be read at all.
    ["a control character behind a prefix", "Device-x\u0001", "gamma"],
    ["none", "UPPER", "alpha"],
  ])("%s", async (_what, clientId, broker) => {
    expect(await reached(stack.port("nginx", "mqtt"), clientId)).toBe(broker);
  });

  test("the table was used", () => {
    expect(readFileSync(stack.path("nginx", "/etc/nginx/main/nginx.conf"), "utf8")).toContain("mqtt-routes/0.conf");
  });
});
