import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import * as mqtt from "mqtt-packet";
import type { KubernetesObject } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { data } from "../../loopback/pod";
import { freePort } from "../../loopback/ports";
import { admitted, client, logged, publish, renderMqttStack, sharedName } from "./mqtt-stack";

const missing = missingPrograms("nginx", "mosquitto", "mosquitto_pub", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

describeOnTheWire(title("one proxy, two brokers"), () => {
  let stack: Loopback;
  let port: number;
  // Each character that NGINX's configuration or its variables give a meaning.
  const password = `p$a\${ss}"w'o\\r;d{}#%é`;

  beforeAll(async () => {
    const objects = await renderMqttStack({
      brokers: ["alpha", "beta"],
      proxy: () => ({
        routes: [
          { clientId: { exact: "Gateway-1" }, upstream: "alpha" },
          { clientId: { exact: "default" }, upstream: "alpha" },
          { clientId: { prefix: "beta-" }, upstream: "beta" },
          { clientId: { prefix: "beta-but-alpha-" }, upstream: "alpha" },
          { clientId: { regex: "[a-f0-9]{4}" }, upstream: "beta" },
        ],
        defaultRoute: { refuse: true },
        credentials: { username: "edge", password },
        timeouts: { connectSeconds: 1 },
        limits: { maximumConnectKibibytes: 4 },
      }),
    });
    stack = await runOnLoopback(objects);
    port = stack.port("nginx", "mqtt");
  });
  afterAll(() => stack?.stop());

  const admittedBy = () => ({ alpha: admitted(stack.output("alpha")), beta: admitted(stack.output("beta")) });

  test.each(["mqttv311", "mqttv5"])("%s: what one client sends, another receives", async (version) => {
    const subscriber = client(
      "mosquitto_sub",
      port,
      "-V",
      version,
      "-i",
      "beta-r",
      "-t",
      `t/${version}`,
      "-C",
      "1",
      "-W",
      "10",
    );
    await client(
      "mosquitto_pub",
      port,
      "-V",
      version,
      "-i",
      "beta-w",
      "-t",
      `t/${version}`,
      "-q",
      "1",
      "-r",
      "-m",
      version,
    );
    expect(await subscriber).toEqual({ status: 0, output: `${version}\n` });
  });

  test("the broker sees the proxy's user name in place of the client's, and the password to the letter", async () => {
    expect(await publish(port, "beta-own", "-u", "someone", "-P", "else")).toEqual({ status: 0, output: "" });
    expect(stack.output("beta")).toMatch(/as beta-own \(.* u'edge'\)/);
  });

  test.each([
    ["Gateway-1", "alpha"],
    ["default", "alpha"],
    ["beta-1", "beta"],
    ["beta-but-alpha-1", "alpha"],
    ["beta-but", "beta"],
    ["00ff", "beta"],
  ] as const)("client id %s goes to %s", async (clientId, broker) => {
    expect(await publish(port, clientId)).toEqual({ status: 0, output: "" });
    expect(admittedBy()[broker].at(-1)).toBe(clientId);
  });

  test.each([
    ["an unknown one", "stranger"],
    ["an exact one in other letters", "gateway-1"],
    ["a special word of NGINX's map", "include"],
    ["a prefix in other letters", "BETA-1"],
    ["a prefix that is not at the beginning", "x-beta-1"],
    ["an expression's match with more behind it", "00ff0"],
    ["an exact one with a line feed behind it", "Gateway-1\n"],
    ["the address of a server", "127.0.0.1"],
  ])("a client id that is %s reaches no broker", async (_what, clientId) => {
    const before = admittedBy();
    expect((await publish(port, clientId)).status).not.toBe(0);
    expect(admittedBy()).toEqual(before);
  });

  /** Sends raw bytes; resolves with what came back when the proxy closes. */
  const exchange = (...parts: Buffer[]): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const received: Buffer[] = [];
      const socket = createConnection({ port, host: "127.0.0.1" });
      socket.on("data", (bytes) => received.push(bytes));
      socket.on("close", () => resolve(Buffer.concat(received)));
      socket.on("error", (error: NodeJS.ErrnoException) => error.code === "ECONNRESET" || reject(error));
      for (const bytes of parts) socket.write(bytes);
    });
  const connect = (clientId: string, payload = "") =>
    mqtt.generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId,
      clean: true,
      keepalive: 60,
      will: { topic: "will", payload: Buffer.from(payload), qos: 0, retain: false },
    });

  test("a CONNECT within the limit passes, and one beyond it is rejected", async () => {
    const disconnect = mqtt.generate({ cmd: "disconnect" });
    const connack = Buffer.from([0x20, 2, 0, 0]);
    const overhead = connect("beta-size").length;
    expect(await exchange(connect("beta-size", "x".repeat(4096 - overhead - 1)), disconnect)).toEqual(connack);
    const before = admittedBy();
    expect(await exchange(connect("beta-size", "x".repeat(4096)))).toEqual(Buffer.alloc(0));
    expect(admittedBy()).toEqual(before);
  });

  test("a client that says nothing, or half of it, is closed when its time is over", async () => {
    expect(await exchange()).toEqual(Buffer.alloc(0));
    expect(await exchange(connect("beta-half").subarray(0, 10))).toEqual(Buffer.alloc(0));
    expect(admittedBy().beta).not.toContain("beta-half");
  });

  test("the access log is JSON with the client, its id, the protocol, the bytes and the session's time", async () => {
    const clientId = 'beta-"quoted", {"injected":true}';
    await publish(port, clientId);
    expect(await logged(stack, (line) => line.client_id === clientId)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      client: "127.0.0.1",
      client_id: clientId,
      username: "",
      protocol: "TCP",
      upstream: "mqtt_beta",
      broker: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      status: 200,
      bytes_received: expect.any(Number),
      bytes_sent: expect.any(Number),
      session_time: expect.any(Number),
    });
  });

  test("the broker rejects direct connections: in the clear, without a certificate, with a stranger's, without the password", async () => {
    const broker = stack.port("beta", "mqtts");
    const authorities = stack.path("beta", "/mosquitto/certificates/ca.crt");
    const tls = ["--cafile", authorities, "--insecure"];
    const stranger = stack.path("beta", "/stranger");
    execFileSync(
      "openssl",
      [...selfSignedCertificate, "-subj", "/CN=proxy", "-keyout", `${stranger}.key`, "-out", `${stranger}.crt`],
      { stdio: "ignore" },
    );
    const known = stack.path("nginx", "/etc/nginx/mqtt-client-certificate/tls");
    const before = admittedBy();
    expect((await publish(broker, "beta-1")).status).not.toBe(0);
    expect((await publish(broker, "beta-1", ...tls)).status).not.toBe(0);
    expect(
      (await publish(broker, "beta-1", ...tls, "--cert", `${stranger}.crt`, "--key", `${stranger}.key`)).status,
    ).not.toBe(0);
    expect((await publish(broker, "beta-1", ...tls, "--cert", `${known}.crt`, "--key", `${known}.key`)).output).toMatch(
      /not authori[sz]ed/i,
    );
    expect(admittedBy()).toEqual(before);
    // The same certificate with the password is accepted: what refused the others was not something else.
    const all = [...tls, "--cert", `${known}.crt`, "--key", `${known}.key`, "-u", "edge", "-P", password];
    expect(await publish(broker, "beta-1", ...all)).toEqual({ status: 0, output: "" });
  });

  test("no password stands in a log", () => {
    const logs = ["nginx", "alpha", "beta"].map((container) => stack.output(container)).join("");
    expect(logs).not.toContain(password);
  });
});

describeOnTheWire(title("several brokers behind one upstream"), () => {
  let stack: Loopback;
  let port: number;
  beforeAll(async () => {
    const objects = await renderMqttStack({
      brokers: ["one", "two"],
      proxy: (hosts) => ({
        upstreams: [
          { name: "cluster", servers: Object.values(hosts).map((host) => ({ host })), serverName: sharedName },
        ],
        defaultRoute: { upstream: "cluster" },
      }),
    });
    stack = await runOnLoopback(objects);
    port = stack.port("nginx", "mqtt");
  });
  afterAll(() => stack?.stop());

  const admittedBy = () => ({ one: admitted(stack.output("one")), two: admitted(stack.output("two")) });

  test("a client id always comes back to the same broker", async () => {
    const clientIds = Array.from({ length: 20 }, (_, index) => `device-${index}`);
    for (const clientId of [...clientIds, ...clientIds]) await publish(port, clientId);
    const { one, two } = admittedBy();
    expect([...one, ...two].sort()).toEqual([...clientIds, ...clientIds].sort());
    expect(one.filter((clientId) => two.includes(clientId))).toEqual([]);
    expect(Math.min(one.length, two.length)).toBeGreaterThan(0);
  });

  test("clients without a client id are spread over the brokers", async () => {
    const nameless = mqtt.generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: "",
      clean: true,
      keepalive: 60,
    });
    const before = admittedBy();
    for (let count = 0; count < 20; count++)
      await new Promise<void>((resolve, reject) => {
        const socket = createConnection({ port, host: "127.0.0.1" });
        socket.once("data", () => socket.destroy());
        socket.once("close", () => resolve());
        socket.once("error", reject);
        socket.write(nameless);
      });
    const after = admittedBy();
    expect(after.one.length + after.two.length).toBe(before.one.length + before.two.length + 20);
    expect(after.one.length).toBeGreaterThan(before.one.length);
    expect(after.two.length).toBeGreaterThan(before.two.length);
  });
});

describeOnTheWire(title("a server that is not the broker"), () => {
  const rogueName = "rogue.example.com";
  const selfSigned = () => {
    const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-rogue-"));
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    execFileSync(
      "openssl",
      [
        ...selfSignedCertificate,
        "-subj",
        `/CN=${rogueName}`,
        "-addext",
        `subjectAltName=DNS:${rogueName}`,
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "ignore" },
    );
    const files = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    return files;
  };
  const issuedTo = (broker: string, objects: KubernetesObject[]) => {
    const secret = objects.find(
      ({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(`${broker}-server`),
    );
    const { "tls.key": key, "tls.crt": cert } = data(secret!);
    return { key: key!, cert: cert! };
  };

  test.each([
    ["with a certificate of its own making is told nothing", rogueName, selfSigned, false],
    ["with a certificate that we issued for another name is told nothing", rogueName, issuedTo, false],
    // What the two before were refused: this one shows that it would have been seen.
    ["with the broker's own certificate is told all", sharedName, issuedTo, true],
  ])("%s", async (_what, serverName, certificate, told) => {
    const listening = await freePort();
    const password = randomBytes(16).toString("hex");
    const objects = await renderMqttStack({
      brokers: ["alpha"],
      proxy: () => ({
        upstreams: [{ name: "rogue", servers: [{ host: "127.0.0.1", port: listening }], serverName }],
        defaultRoute: { upstream: "rogue" },
        credentials: { username: "edge", password },
      }),
    });
    let heard = Buffer.alloc(0);
    const rogue = createTlsServer({ ...certificate("alpha", objects) }, (socket) => {
      socket.on("data", (bytes) => {
        heard = Buffer.concat([heard, bytes]);
        socket.destroy();
      });
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => rogue.listen(listening, "127.0.0.1", resolve));
    const stack = await runOnLoopback(objects);
    try {
      expect((await publish(stack.port("nginx", "mqtt"), "anyone")).status).not.toBe(0);
      expect(heard.includes(password)).toBe(told);
      expect(heard.length > 0).toBe(told);
      const line = await logged(stack, ({ client_id }) => client_id === "anyone");
      expect(line).toMatchObject({ status: told ? 200 : 502, upstream: "mqtt_rogue" });
    } finally {
      await stack.stop();
      await new Promise((resolve) => rogue.close(resolve));
    }
  });
});

const selfSignedCertificate = [
  "req",
  "-x509",
  "-newkey",
  "ec",
  "-pkeyopt",
  "ec_paramgen_curve:P-256",
  "-nodes",
  "-days",
  "1",
];
