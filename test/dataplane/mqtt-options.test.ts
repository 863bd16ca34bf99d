import { createServer, type Server } from "node:http";
import { createConnection } from "node:net";
import type { MqttListener } from "../../components";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { arrived, Devices, lastConnect, open, proxyHeader, reached, renderProxy } from "./mqtt-clients";
import { logged } from "./mqtt-stack";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);
const unverified = { unsafeSendToUnverifiedBrokers: true };
const rate = 20_000;
const flood = Buffer.alloc(400_000, "x");

describeOnTheWire(title("options of a proxy with listeners"), () => {
  const devices = missing ? undefined! : new Devices();
  const names = ["main", "six", "kept", "named"] as const;
  let stubs: Record<(typeof names)[number], BrokerStub>;
  let web: Server;
  const upgraded: unknown[] = [];
  let stack: Loopback;

  beforeAll(async () => {
    const more = (clientId: string) => (clientId === "flooded" ? flood : Buffer.alloc(0));
    stubs = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [
          name,
          await startBrokerStub(name, { more, ...(name === "six" && { host: "::1" }) }),
        ]),
      ),
    ) as typeof stubs;
    web = createServer().on("upgrade", ({ headers }, socket) => {
      upgraded.push(headers["x-forwarded-for"]);
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const certificate = { secretName: "server" };
    const trustedCertificatesPem = devices.authority.certificate;
    const secured = (name: string, port: number, verifyDepth: number): MqttListener => ({
      name,
      port,
      limits: {},
      tls: { certificate, clientCertificates: { trustedCertificatesPem, verifyDepth } },
    });
    const trusted = { trustedSources: ["127.0.0.1/32"] };
    const objects = await renderProxy(
      {
        upstreams: names.map((name) => ({
          name,
          servers: [{ host: name === "six" ? "::1" : "127.0.0.1", port: stubs[name].port }],
        })),
        routes: [{ username: { exact: "six" }, upstream: "six" }],
        defaultRoute: { upstream: "main" },
        limits: { connectionsPerAddress: 2 },
        listeners: [
          { name: "few", port: 1883, targetPort: 18_830 },
          { name: "plain", port: 1884, limits: {} },
          { name: "slow", port: 1885, limits: { downloadBytesPerSecond: rate, uploadBytesPerSecond: rate } },
          { name: "balanced", port: 1886, proxyProtocol: trusted, limits: { connectionsPerAddress: 1 } },
          { name: "forged", port: 1887, proxyProtocol: { trustedSources: ["192.0.2.0/24"] }, limits: {} },
          secured("shallow", 8883, 1),
          secured("deep", 8884, 2),
          secured("subjects", 8885, 1),
          { name: "kept", port: 1888, limits: {} },
          {
            name: "web",
            port: 80,
            limits: {},
            proxyProtocol: trusted,
            webSocket: { upstream: "main", brokerPort: (web.address() as { port: number }).port },
          },
        ],
        tenants: [
          {
            name: "named",
            listeners: ["subjects"],
            defaultRoute: { upstream: "named" },
            credentials: { usernameFromCertificate: "subject", password: "of-named", ...unverified },
          },
          {
            name: "kept",
            listeners: ["kept"],
            defaultRoute: { upstream: "kept" },
            credentials: { existing: { name: "broker", key: "kept.conf", revision: "1" }, ...unverified },
          },
        ],
      },
      {
        server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key },
        broker: {
          "kept.conf": `map $mqtt_upstream $mqtt_connect_username_kept { default "ke\${dollar}pt"; }
            map $mqtt_upstream $mqtt_connect_password_kept { default "p\${dollar}1\\"; }"; }`,
        },
      },
    );
    stack = await runOnLoopback(objects);
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all(Object.values(stubs ?? {}).map((stub) => stub.stop()));
    web?.closeAllConnections();
    web?.close();
    devices?.remove();
  });
  const port = (listener: string) => stack.port("nginx", listener);
  const connections = () => names.map((name) => stubs[name].received.length);

  // The second shows that more would have come.
  const limited = [
    ["slow", 4 * rate, rate],
    ["plain", flood.length, undefined],
  ] as const;
  test("a connection is sent no more than its rate, and one without a limit all at once", async () => {
    for (const [listener, enough, limit] of limited) {
      const from = performance.now();
      const { socket } = await open(port(listener), { clientId: "flooded" });
      await arrived(enough, () => socket.bytesRead, from, limit);
      socket.destroy();
    }
  });

  test("a connection sends no more than its rate, and one without a limit all at once", async () => {
    for (const [listener, enough, limit] of limited) {
      const from = performance.now();
      const { socket } = await open(port(listener), {});
      const index = stubs.main.received.length - 1;
      socket.write(flood);
      await arrived(enough, () => stubs.main.received[index]!.length, from, limit);
      socket.destroy();
    }
  });

  test("a broker has an address of IPv6", async () => {
    expect(await reached(port("plain"), { username: "six" })).toBe("six");
    expect(stubs.six.peers[0]!.address).toBe("::1");
  });

  test.each([
    ["1", "TCP4", "198.51.100.7", "198.51.100.7"],
    ["1", "TCP6", "2001:db8::7", "2001:db8::7"],
    ["2", "TCP4", "198.51.100.8", "198.51.100.8"],
    ["2", "TCP6", "2001:db8::8", "2001:db8::8"],
    // The load balancer's own connections, which check whether somebody is there.
    ["2", "LOCAL", "198.51.100.9", "127.0.0.1"],
  ] as const)(
    "D3: the PROXY protocol's version %s brings in a client over %s, %s",
    async (version, family, address, seen) => {
      const clientId = `by-${version}-${family}`;
      const client = { clientId, before: proxyHeader(version, family, address) };
      const first = await open(port("balanced"), client);
      expect(first.broker).toBe("main");
      // The limit is by that address.
      const other = {
        clientId: "other",
        before: proxyHeader(version, family, family === "TCP6" ? "2001:db8::99" : "198.51.100.99"),
      };
      expect(await reached(port("balanced"), client)).toBe("");
      expect(await reached(port("balanced"), other)).toBe(family === "LOCAL" ? "" : "main");
      first.socket.destroy();
      const line = await logged(stack, ({ client_id, status }) => client_id === clientId && status === 200);
      expect(line).toMatchObject({ listener: "balanced", client: seen });
    },
  );

  test("a PROXY header of version 2 from a source that is not trusted is read and not believed", async () => {
    const before = proxyHeader("2", "TCP6", "2001:db8::7");
    expect(await reached(port("forged"), { clientId: "forged-2", before })).toBe("main");
    expect(await logged(stack, ({ client_id }) => client_id === "forged-2")).toMatchObject({ client: "127.0.0.1" });
  });

  test("half a PROXY header, one of an unknown version, and none are rejected", async () => {
    const before = connections();
    const header = proxyHeader("2", "TCP4", "198.51.100.7") as Buffer;
    const unknown = Buffer.from(header);
    unknown[12] = 0x31;
    for (const one of [unknown, header.subarray(0, 20), Buffer.alloc(0), Buffer.from("PROXY TCP4 x\r\n")])
      expect(await reached(port("balanced"), { before: one })).toBe("");
    expect(connections()).toEqual(before);
  });

  test("a listener without limits of its own has the proxy's", async () => {
    const clients = [await open(port("few"), {}), await open(port("few"), {})];
    expect(clients.map(({ broker }) => broker)).toEqual(["main", "main"]);
    expect(await reached(port("few"), {})).toBe("");
    expect(await reached(port("few"), { from: "127.0.0.2" })).toBe("main");
    for (const { socket } of clients) socket.destroy();
  });

  test("as many intermediate certificates as the depth says may stand above a client's", async () => {
    const [one, two] = [1, 2].map((count) => devices.below(count, `/CN=below-${count}`));
    expect(await reached(port("shallow"), { tls: one })).toBe("main");
    expect(await reached(port("shallow"), { tls: two })).toBe("");
    expect(await reached(port("deep"), { tls: two })).toBe("main");
  });

  test.each([
    ["several fields", "/O=Example/OU=north/CN=sensor-1", "CN=sensor-1,OU=north,O=Example"],
    ["what would begin another field", "/O=Example/CN=x,O=Other", "CN=x\\,O=Other,O=Example"],
    ["letters beyond ASCII", "/CN=Zwölf", "CN=Zw\\C3\\B6lf"],
    ["a line feed", "/CN=a\nb", "CN=a\\0Ab"],
  ])("the user name is the whole subject, with %s", async (_what, subject, username) => {
    expect(await reached(port("subjects"), { tls: devices.issue(subject), username: "own" })).toBe("named");
    expect(lastConnect(stubs.named)).toEqual({ before: "", username, password: "of-named" });
  });

  test("a client without a subject has no user name and reaches no broker", async () => {
    const before = connections();
    expect(await reached(port("subjects"), { tls: devices.issue("/") })).toBe("");
    expect(connections()).toEqual(before);
  });

  test("a tenant's credentials are those of a Secret that something else keeps", async () => {
    expect(await reached(port("kept"), { username: "own" })).toBe("kept");
    expect(lastConnect(stubs.kept)).toEqual({ before: "", username: "ke$pt", password: 'p$1"; }' });
  });

  test("the address that the PROXY protocol brings to a WebSocket listener is handed on and logged", async () => {
    const request = "GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const answer = await new Promise<string>((resolve) => {
      const socket = createConnection({ port: port("web"), host: "127.0.0.1" });
      socket.once("data", (bytes) => {
        resolve(bytes.toString());
        socket.destroy();
      });
      socket.write(Buffer.concat([Buffer.from(proxyHeader("2", "TCP6", "2001:db8::9")), Buffer.from(request)]));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(upgraded).toEqual(["2001:db8::9"]);
    expect(await logged(stack, ({ protocol }) => protocol === "WebSocket")).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      listener: "web",
      client: "2001:db8::9",
      subject: "",
      request: "GET /mqtt HTTP/1.1",
      protocol: "WebSocket",
      upstream: "mqtt_main",
      broker: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      status: 101,
      bytes_received: expect.any(Number),
      bytes_sent: expect.any(Number),
      session_time: expect.any(Number),
    });
  });
});
