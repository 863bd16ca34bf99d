import { createServer as createHttps, type Server as HttpsServer } from "node:https";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import * as mqtt from "mqtt-packet";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { Devices, reached, renderProxy } from "./mqtt-clients";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);
const name = "broker.example.com";

describeOnTheWire(title("brokers with TLS behind the listeners of a proxy"), () => {
  const authority = missing ? undefined! : new Devices();
  const sockets = new Set<Socket>();
  const connects: { header: string; username?: string; password?: string }[] = [];
  let broker: Server;
  let web: HttpsServer;
  let upgrades = 0;
  const stacks: Loopback[] = [];

  beforeAll(async () => {
    const key = authority.openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const request = authority.openssl.run(["req", "-new", "-key", authority.openssl.file(key), "-subj", "/CN=broker"]);
    const cert = authority.openssl.sign(request, authority.authority, [`subjectAltName=DNS:${name}`]);
    // Reads the PROXY header in the clear, then does TLS, then MQTT.
    broker = createServer((raw) => {
      sockets.add(raw);
      raw.on("error", () => undefined);
      let header = "";
      const readHeader = () => {
        for (let byte = raw.read(1); byte !== null; byte = raw.read(1)) {
          header += byte.toString("latin1");
          if (!header.endsWith("\r\n")) continue;
          raw.off("readable", readHeader);
          const socket = new TLSSocket(raw, { isServer: true, key, cert });
          const parser = mqtt.parser();
          parser.on("packet", (packet) => {
            if (packet.cmd !== "connect") return;
            connects.push({ header, username: packet.username, password: packet.password?.toString() });
            socket.write(
              mqtt.generate({ cmd: "publish", topic: "broker", payload: "", qos: 0, dup: false, retain: false }),
            );
          });
          socket.on("data", (bytes) => parser.parse(bytes)).on("error", () => undefined);
          return;
        }
      };
      raw.on("readable", readHeader);
    });
    web = createHttps({ key, cert });
    web.on("upgrade", (_, socket) => {
      upgrades++;
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    for (const server of [broker, web])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  });
  afterAll(async () => {
    await Promise.all(stacks.map((stack) => stack.stop()));
    for (const socket of sockets) socket.destroy();
    broker?.close();
    web?.closeAllConnections();
    web?.close();
    authority?.remove();
  });

  const portOf = (server: Server | HttpsServer) => (server.address() as { port: number }).port;
  const run = async (serverName: string) => {
    const stack = await runOnLoopback(
      await renderProxy({
        upstreams: [{ name: "brokers", servers: [{ host: "127.0.0.1", port: portOf(broker) }], serverName }],
        defaultRoute: { upstream: "brokers" },
        brokerTls: { trustedCertificatesPem: authority.authority.certificate },
        credentials: { username: "edge", password: "of-edge" },
        listeners: [
          { name: "mqtt", port: 1883, proxyProtocolToBrokers: true },
          {
            name: "web",
            port: 9001,
            passCredentials: true,
            webSocket: { upstream: "brokers", brokerPort: portOf(web) },
          },
        ],
      }),
    );
    stacks.push(stack);
    return stack;
  };
  const status = (port: number) =>
    new Promise<string>((resolve) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      socket.once("data", (bytes) => {
        resolve(bytes.toString().slice(9, 12));
        socket.destroy();
      });
      socket.write("GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    });

  test("D3: the PROXY header comes before TLS, and the credentials in the CONNECT inside it", async () => {
    const stack = await run(name);
    expect(await reached(stack.port("nginx", "mqtt"), { username: "own" })).toBe("broker");
    expect(connects).toEqual([
      { header: expect.stringMatching(/^PROXY TCP4 127\.0\.0\.1 /), username: "edge", password: "of-edge" },
    ]);
    expect(await status(stack.port("nginx", "web"))).toBe("101");
    expect(upgrades).toBe(1);
  });

  test("a broker with another name is told nothing, by neither listener", async () => {
    const stack = await run("other.example.com");
    const before = [connects.length, upgrades];
    expect(await reached(stack.port("nginx", "mqtt"), {})).toBe("");
    expect(await status(stack.port("nginx", "web"))).toBe("502");
    expect([connects.length, upgrades]).toEqual(before);
  });
});

describeOnTheWire(title("brokers whose certificates are below intermediate authorities"), () => {
  const authority = missing ? undefined! : new Devices();
  const stubs: BrokerStub[] = [];
  const stacks: Loopback[] = [];
  beforeAll(async () => {
    for (const count of [1, 2]) {
      const names = [`subjectAltName=DNS:${name}`];
      const tls = authority.below(count, `/CN=below-${count}`, "serverAuth", names);
      stubs.push(await startBrokerStub(`below-${count}`, { tls }));
    }
  });
  afterAll(async () => {
    await Promise.all([...stacks, ...stubs].map((one) => one.stop()));
    authority?.remove();
  });

  test.each([
    [1, ["below-1", ""]],
    [2, ["below-1", "below-2"]],
  ])("with a depth of %d, as many may stand between", async (verifyDepth, expected) => {
    const stack = await runOnLoopback(
      await renderProxy({
        upstreams: stubs.map(({ port }, index) => ({
          name: `below-${index + 1}`,
          serverName: name,
          servers: [{ host: "127.0.0.1", port }],
        })),
        routes: [{ clientId: { exact: "2" }, upstream: "below-2" }],
        defaultRoute: { upstream: "below-1" },
        brokerTls: { trustedCertificatesPem: authority.authority.certificate, verifyDepth },
      }),
    );
    stacks.push(stack);
    const port = stack.port("nginx", "mqtt");
    expect([await reached(port, { clientId: "1" }), await reached(port, { clientId: "2" })]).toEqual(expected);
  });
});
