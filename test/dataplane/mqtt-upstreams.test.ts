import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as mqtt from "mqtt-packet";
import { brokerPassword } from "../../bench/proxy/configurations";
import { MqttProxy, type MqttServer, type MqttUpstream } from "../../components";
import { probe } from "../../components/mqtt/nginx/upstreams";
import { manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { type BrokerStub, startBrokerStub } from "./broker-stub";

const missing = missingPrograms("nginx", "mosquitto");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

describeOnTheWire(title("the servers of an upstream"), () => {
  let stack: Loopback | undefined;
  let stubs: BrokerStub[] = [];
  let clients: Socket[] = [];
  afterEach(async () => {
    for (const socket of clients) socket.destroy();
    await stack?.stop();
    await Promise.all(stubs.map((stub) => stub.stop()));
    [stack, stubs, clients] = [undefined, [], []];
  });

  /** A proxy before as many brokers as there are options for. */
  async function proxyBefore(servers: Partial<MqttServer>[], upstream: Partial<MqttUpstream> = {}): Promise<number> {
    stubs = await Promise.all(servers.map(() => startBrokerStub()));
    const run = await record(
      () =>
        void new MqttProxy("edge", {
          namespace: "mqtt",
          edition: "oss",
          upstreams: [
            {
              name: "brokers",
              servers: servers.map((server, index) => ({ host: "127.0.0.1", port: stubs[index]!.port, ...server })),
              ...upstream,
            },
          ],
          defaultRoute: { upstream: "brokers" },
        }),
    );
    stack = await runOnLoopback(manifests(run, { secrets: "show" }));
    return stack.port("nginx", "mqtt");
  }

  /** Whether a client is accepted; it stays. */
  const connect = (port: number, clientId: string) =>
    new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      clients.push(socket);
      socket.once("data", () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("close", () => resolve(false));
      socket.write(
        mqtt.generate({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clientId, clean: true, keepalive: 0 }),
      );
    });
  async function connectAll(port: number, count: number): Promise<number> {
    let admitted = 0;
    for (let index = 0; index < count; index++) if (await connect(port, `device-${index}`)) admitted++;
    return admitted;
  }
  const counts = () => stubs.map(({ clientIds }) => clientIds.length);

  test("in turn, a weight of 3 gets three clients of four", async () => {
    const port = await proxyBefore([{ weight: 3 }, {}], { balancing: "roundRobin" });
    expect(await connectAll(port, 40)).toBe(40);
    expect(counts()).toEqual([30, 10]);
  });

  test("by client id, a weight of 9 gets most clients, and each client comes back", async () => {
    const port = await proxyBefore([{ weight: 9 }, {}]);
    await connectAll(port, 200);
    const [heavy, light] = stubs.map(({ clientIds }) => [...clientIds]) as [string[], string[]];
    expect(heavy.length).toBeGreaterThan(140);
    expect(light.length).toBeGreaterThan(0);
    await connectAll(port, 200);
    expect(stubs.map(({ clientIds }) => clientIds.slice(clientIds.length / 2))).toEqual([heavy, light]);
  });

  test("the one with the fewest connections gets the next", async () => {
    const port = await proxyBefore([{}, {}], { balancing: "leastConnections" });
    await connectAll(port, 10);
    expect(counts()).toEqual([5, 5]);
    for (const clientId of stubs[0]!.clientIds) clients[Number(clientId.replace("device-", ""))]!.destroy();
    while (stubs[0]!.open() > 0) await pause(5);
    await connectAll(port, 3);
    expect(counts()).toEqual([8, 5]);
  });

  test("a backup gets clients only when no other server answers", async () => {
    const port = await proxyBefore([{}, { backup: true }], { balancing: "roundRobin" });
    await connectAll(port, 5);
    expect(counts()).toEqual([5, 0]);
    await stubs[0]!.stop();
    expect(await connectAll(port, 5)).toBe(5);
    expect(counts()).toEqual([5, 5]);
  });

  test("a server that is down gets no clients, by client id too", async () => {
    const port = await proxyBefore([{ down: true }, {}]);
    expect(await connectAll(port, 20)).toBe(20);
    expect(counts()).toEqual([0, 20]);
  });

  test("beyond its maximum of connections a server gets no clients until one leaves", async () => {
    const port = await proxyBefore([{ maximumConnections: 3 }], {});
    expect(await connectAll(port, 5)).toBe(3);
    expect(counts()).toEqual([3]);
    clients[0]!.destroy();
    while (stubs[0]!.open() > 2) await pause(5);
    expect(await connect(port, "again")).toBe(true);
  });

  test("a server that refuses connections is left alone for a while, after so many failures", async () => {
    const closed = await freePort();
    const port = await proxyBefore([{ port: closed }, {}], {
      balancing: "roundRobin",
      maximumFailures: 3,
      failTimeoutSeconds: 60,
    });
    expect(await connectAll(port, 40)).toBe(40);
    expect(counts()[1]).toBe(40);
    // The first attempts tried it, then went on to the other.
    expect(attempts(stack!.output("nginx"), closed)).toBe(3);
  });

  test("it is tried again when its time is over", async () => {
    const closed = await freePort();
    const port = await proxyBefore([{ port: closed }, {}], { balancing: "roundRobin", failTimeoutSeconds: 2 });
    const tried: number[] = [];
    while (tried.length < 2) {
      expect(await connect(port, "device")).toBe(true);
      if (attempts(stack!.output("nginx"), closed) > tried.length) tried.push(performance.now());
      await pause(50);
    }
    // NGINX counts whole seconds; without the option it waits for 10.
    expect(tried[1]! - tried[0]!).toBeGreaterThan(1000);
    expect(tried[1]! - tried[0]!).toBeLessThan(10_000);
  });

  test("without counting failures it is tried again and again", async () => {
    const closed = await freePort();
    const port = await proxyBefore([{ port: closed }, {}], { balancing: "roundRobin", maximumFailures: 0 });
    expect(await connectAll(port, 40)).toBe(40);
    expect(attempts(stack!.output("nginx"), closed)).toBeGreaterThan(15);
  });
});

/** How often NGINX could not connect to a port, from its error log. */
const attempts = (log: string, port: number) =>
  log.split("\n").filter((line) => line.includes("Connection refused") && line.includes(`127.0.0.1:${port}"`)).length;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const unescaped = (text: string) =>
  text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

describeOnTheWire(title("A4: the probe of an active health check"), () => {
  let folder: string;
  let broker: RunningProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nginx-stacks-probe-"));
  });
  afterEach(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true });
  });

  /** As NGINX reads `send`. */
  const bytes = Buffer.from(unescaped(probe.send), "latin1");
  // NGINX may read \\x itself, before the expression is compiled: both must mean the same.
  const readings = [probe.expect, unescaped(probe.expect)].map((expression) => new RegExp(expression));
  const healthy = (answer: Buffer) => {
    const [one, other] = readings.map((expression) => expression.test(answer.toString("latin1")));
    expect(one).toBe(other);
    return one;
  };

  async function startMosquitto(lines: string): Promise<number> {
    const port = await freePort();
    writeFileSync(join(folder, "conf"), `user root\npersistence false\nlistener ${port} 127.0.0.1\n${lines}`);
    broker = start("mosquitto", ["-c", join(folder, "conf")], join(folder, "log"));
    await untilListening(port, broker);
    return port;
  }

  const ask = (port: number, question: Buffer) =>
    new Promise<Buffer>((resolve, reject) => {
      const socket = createConnection({ port, host: "127.0.0.1" }, () => socket.write(question));
      let answer = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        answer = Buffer.concat([answer, chunk]);
        socket.destroy();
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
    });

  test("is a CONNECT of MQTT 3.1.1 without a client id and credentials", () => {
    const parser = mqtt.parser();
    const packets: mqtt.Packet[] = [];
    parser.on("packet", (packet) => packets.push(packet));
    parser.parse(bytes);
    expect(bytes.length).toBe(14);
    expect(packets).toEqual([
      expect.objectContaining({ cmd: "connect", protocolVersion: 4, clientId: "", clean: true, keepalive: 60 }),
    ]);
  });

  test.each([
    ["that admits everybody", () => "allow_anonymous true\n", "20020000"],
    [
      "that wants a password",
      () => {
        writeFileSync(join(folder, "passwords"), brokerPassword("someone", "a word"));
        return `allow_anonymous false\npassword_file ${join(folder, "passwords")}\n`;
      },
      "20020005",
    ],
  ])("is answered by a broker %s", async (_what, lines, answer) => {
    const given = await ask(await startMosquitto(lines()), bytes);
    expect(given.toString("hex")).toBe(answer);
    expect(healthy(given)).toBe(true);
  });

  test.each([
    ["that knows MQTT 5.0 alone", "20020001"],
    ["that wants a client id", "20020002"],
    ["that says so in MQTT 5.0", "2003008400"],
    ["with properties of MQTT 5.0", "200600002200000a"],
  ])("a broker %s is healthy", (_what, answer) => {
    expect(healthy(Buffer.from(answer, "hex"))).toBe(true);
  });

  test("a broker that wants its clients' names is healthy, as mosquitto answers", async () => {
    // What a real one says to a session that cannot be.
    const unclean = Buffer.from(bytes);
    unclean[9] = 0;
    const given = await ask(await startMosquitto("allow_anonymous true\n"), unclean);
    expect([given.toString("hex"), healthy(given)]).toEqual(["20020002", true]);
  });

  test("a server that is no MQTT broker, or says that it is unavailable, is not healthy", () => {
    for (const answer of ["", "20020003", "485454502f312e31", "0020020000", "300200", "e000"])
      expect([answer, healthy(Buffer.from(answer, "hex"))]).toEqual([answer, false]);
  });
});
