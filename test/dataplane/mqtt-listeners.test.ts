import { createServer, type Server } from "node:http";
import { createConnection } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { longestWaitSeconds, until } from "../cluster/until";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { type Client, Devices, lastConnect, open, proxyHeader, reached, renderProxy } from "./mqtt-clients";
import { logged } from "./mqtt-stack";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);
const unverified = { unsafeSendToUnverifiedBrokers: true };

describeOnTheWire(title("listeners of one proxy"), () => {
  const devices = missing ? undefined! : new Devices();
  const good = missing ? undefined! : devices.issue("/O=Example/CN=good");
  const listed = missing ? undefined! : devices.issue("/O=Example/CN=listed");
  const denied = missing ? undefined! : devices.issue("/O=Example/CN=denied");
  const names = ["main", "own", "secured", "named"] as const;
  let stubs: Record<(typeof names)[number], BrokerStub>;
  let web: Server;
  const upgrades: { url?: string; headers: Record<string, unknown> }[] = [];
  let stack: Loopback;

  beforeAll(async () => {
    stubs = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await startBrokerStub(name)])),
    ) as typeof stubs;
    web = createServer((_, response) => response.end("no WebSocket"));
    web.on("upgrade", ({ url, headers }, socket) => {
      upgrades.push({ url, headers });
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello");
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const certificate = { secretName: "server" };
    const trustedCertificatesPem = devices.authority.certificate;
    const objects = await renderProxy(
      {
        upstreams: names.map((name) => ({ name, servers: [{ host: "127.0.0.1", port: stubs[name].port }] })),
        routes: [{ username: { exact: "own" }, upstream: "own" }],
        defaultRoute: { upstream: "main" },
        credentials: { username: "edge", password: "of-edge", ...unverified },
        namedCredentials: [
          { name: "gauges", credentials: { username: "gauge", password: "of-gauges", ...unverified } },
        ],
        limits: { connectionsPerAddress: 100 },
        timeouts: { connectSeconds: 1, longestKeepAliveSeconds: 2 },
        listeners: [
          { name: "plain", port: 1883 },
          { name: "tls", port: 8883, tls: { certificate } },
          {
            name: "required",
            port: 8884,
            tls: {
              certificate,
              clientCertificates: {
                trustedCertificates: { secretName: "authorities" },
                revocation: { crl: true, deniedSerials: [devices.serial(denied)] },
              },
            },
            routes: [
              { certificate: { commonName: { prefix: "go" } }, upstream: "secured" },
              { clientId: { prefix: "gauge-" }, upstream: "named", credentials: "gauges" },
            ],
            defaultRoute: { upstream: "named" },
          },
          {
            name: "optional",
            port: 8885,
            passCredentials: true,
            tls: { certificate, clientCertificates: { mode: "optional", trustedCertificatesPem } },
            routes: [{ certificate: { organization: { exact: "Example" } }, upstream: "secured" }],
            defaultRoute: { upstream: "main" },
          },
          {
            name: "balanced",
            port: 1884,
            passCredentials: true,
            proxyProtocol: { trustedSources: ["127.0.0.1/32"] },
            proxyProtocolToBrokers: true,
          },
          {
            name: "forged",
            port: 1885,
            passCredentials: true,
            proxyProtocol: { trustedSources: ["192.0.2.0/24"] },
            proxyProtocolToBrokers: true,
          },
          { name: "narrow", port: 1886, limits: { connectionsPerAddress: 1 } },
          {
            name: "web",
            port: 80,
            passCredentials: true,
            webSocket: { upstream: "main", brokerPort: (web.address() as { port: number }).port },
            limits: { connectionsPerAddress: 2 },
          },
          {
            name: "web-tls",
            port: 443,
            passCredentials: true,
            tls: {
              certificate,
              clientCertificates: {
                trustedCertificatesPem,
                crlPem: devices.openssl.revocationList(devices.authority, [listed.certificate]),
                revocation: { crl: true, deniedSerials: [devices.serial(denied)] },
              },
            },
            webSocket: { upstream: "main", brokerPort: (web.address() as { port: number }).port, path: "/ws" },
          },
        ],
      },
      {
        server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key },
        authorities: {
          "ca.crt": trustedCertificatesPem,
          "ca.crl": devices.openssl.revocationList(devices.authority, [listed.certificate]),
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

  test("one in the clear and one with TLS have the proxy's routes, by user name and the rest", async () => {
    expect(await reached(port("plain"), { username: "own" })).toBe("own");
    expect(await reached(port("plain"), { username: "Own" })).toBe("main");
    expect(lastConnect(stubs.main)).toMatchObject({ username: "edge", password: "of-edge" });
    expect(await reached(port("tls"), { tls: true, username: "own" })).toBe("own");
    expect(await reached(port("tls"), {})).toBe("");
  });

  test("TLS before 1.2 is refused", async () => {
    const version = (maxVersion: "TLSv1.1" | "TLSv1.2") =>
      new Promise<string>((resolve) => {
        const options = {
          rejectUnauthorized: false,
          minVersion: "TLSv1" as const,
          maxVersion,
          ciphers: "ALL:@SECLEVEL=0",
        };
        const socket = connectTls({ port: port("tls"), host: "127.0.0.1", ...options }, () => {
          resolve(socket.getProtocol() ?? "");
          socket.destroy();
        });
        socket.on("error", () => resolve("refused"));
      });
    expect(await version("TLSv1.1")).toBe("refused");
    expect(await version("TLSv1.2")).toBe("TLSv1.2");
  });

  test("where certificates are required, the good one gets in, by its common name or by client id; none, a listed and a denied one do not", async () => {
    expect(await reached(port("required"), { tls: good })).toBe("secured");
    expect(lastConnect(stubs.secured)).toMatchObject({ username: "edge" });
    const before = stubs.secured.received.length + stubs.named.received.length;
    for (const tls of [true as const, listed, denied]) expect(await reached(port("required"), { tls })).toBe("");
    expect(stubs.secured.received.length + stubs.named.received.length).toBe(before);
    expect(await logged(stack, ({ subject }) => `${subject}`.includes("denied"))).toMatchObject({
      listener: "required",
      upstream: "",
      status: 500,
    });
  });

  test("a route has credentials of its own", async () => {
    const other = devices.issue("/CN=other");
    expect(await reached(port("required"), { tls: other, clientId: "gauge-1" })).toBe("named");
    expect(lastConnect(stubs.named)).toMatchObject({ username: "gauge", password: "of-gauges" });
    expect(await reached(port("required"), { tls: other, clientId: "Gauge-1" })).toBe("named");
    expect(lastConnect(stubs.named)).toMatchObject({ username: "edge", password: "of-edge" });
  });

  test("where certificates are optional, none is as good as one, a stranger's is not, and the clients' own credentials go through", async () => {
    expect(await reached(port("optional"), { tls: good, username: "me", password: "mine" })).toBe("secured");
    expect(lastConnect(stubs.secured)).toMatchObject({ username: "me", password: "mine" });
    expect(await reached(port("optional"), { tls: true })).toBe("main");
    const stranger = devices.issue("/O=Example/CN=good", "clientAuth", devices.openssl.root("devices"));
    expect(await reached(port("optional"), { tls: stranger })).toBe("");
  });

  /** Sends a CONNECT, whose broker answers nothing since it reads no PROXY protocol, and waits until it is there. */
  const sent = async (listener: string, client: Client) => {
    const before = stubs.main.received.length;
    const session = open(port(listener), client);
    await until(
      "the CONNECT is there",
      longestWaitSeconds,
      async () => stubs.main.received[before]?.length || undefined,
    );
    // The proxy gives up on the silent pair.
    await session;
  };

  test("D3: the PROXY protocol brings a client's address in, to the log and to the broker", async () => {
    const before = "PROXY TCP4 198.51.100.7 198.51.100.1 1111 1883\r\n";
    await sent("balanced", { before, clientId: "from-afar" });
    expect(await logged(stack, (line) => line.client_id === "from-afar")).toMatchObject({
      client: "198.51.100.7",
    });
    expect(lastConnect(stubs.main).before).toMatch(/^PROXY TCP4 198\.51\.100\.7 /);
    expect(await reached(port("balanced"), { clientId: "without" })).toBe("");
    // As NGINX writes it where the pod has an address of IPv4.
    await sent("balanced", { before: proxyHeader("2", "TCP6", "2001:db8::7"), clientId: "from-farther" });
    expect(lastConnect(stubs.main).before).toMatch(/^PROXY TCP6 2001:db8::7 127\.0\.0\.1 /);
  });

  test("a source that is not trusted cannot say to be another", async () => {
    const before = "PROXY TCP4 198.51.100.7 198.51.100.1 1111 1883\r\n";
    await sent("forged", { before, clientId: "forged" });
    expect(lastConnect(stubs.main).before).toMatch(/^PROXY TCP4 127\.0\.0\.1 /);
  });

  test("an address has as many connections as the limit, and another address its own", async () => {
    const first = await open(port("narrow"), {});
    expect(first.broker).toBe("main");
    expect(await reached(port("narrow"), {})).toBe("");
    expect(await reached(port("narrow"), { from: "127.0.0.2" })).toBe("main");
    first.socket.destroy();
    expect(await logged(stack, ({ status }) => status === 503)).toMatchObject({
      listener: "narrow",
      client: "127.0.0.1",
    });
  });

  test("D1: a client is closed when it was silent for half as long again as the longest keep alive", async () => {
    const { socket } = await open(port("plain"), {});
    const from = Date.now();
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Date.now() - from).toBeGreaterThan(2000);
  });

  test("a client that does not finish its TLS handshake or its PROXY line is closed when its time is over", async () => {
    const silent = (name: string) =>
      new Promise((resolve) => {
        const socket = createConnection({ port: port(name), host: "127.0.0.1" });
        socket.on("error", () => undefined).on("close", resolve);
        socket.resume();
      });
    await Promise.all([silent("tls"), silent("balanced")]);
  });

  const http = (listener: string, path: string, tls: typeof good | undefined, upgrade = "websocket"): Promise<string> =>
    new Promise((resolve) => {
      const at = { port: port(listener), host: "127.0.0.1" };
      const socket = tls
        ? connectTls({ ...at, rejectUnauthorized: false, key: tls.key, cert: tls.certificate })
        : createConnection(at);
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes;
        // NGINX would keep the connection of a whole answer open for the next request.
        const [, headers, body] = /^([\s\S]*?\r\n)\r\n([\s\S]*)$/.exec(text) ?? [];
        const length = /^content-length: (\d+)\r$/im.exec(headers ?? "")?.[1];
        if (length !== undefined && body!.length >= Number(length)) socket.destroy();
      });
      socket.on("error", () => undefined).on("close", () => resolve(text));
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`,
      );
    });

  test("a WebSocket listener carries clients to its upstream, by their own path and protocol", async () => {
    expect(await http("web", "/mqtt", undefined)).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello$/);
    expect(upgrades[upgrades.length - 1]).toMatchObject({
      url: "/mqtt",
      headers: { "sec-websocket-protocol": "mqtt", upgrade: "websocket", "x-forwarded-for": "127.0.0.1" },
    });
    expect(await http("web-tls", "/ws", good, "WebSocket")).toMatch(/^HTTP\/1\.1 101 /);
  });

  test("what is no WebSocket, another path, a listed and a denied certificate get no further", async () => {
    const before = upgrades.length;
    expect(await http("web", "/mqtt", undefined, "h2c")).toMatch(/^HTTP\/1\.1 426 /);
    expect(await http("web", "/", undefined)).toMatch(/^HTTP\/1\.1 404 /);
    expect(await http("web-tls", "/ws", listed)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await http("web-tls", "/ws", denied)).toMatch(/^HTTP\/1\.1 403 /);
    expect(upgrades.length).toBe(before);
  });
});
