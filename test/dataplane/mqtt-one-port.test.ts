import { createConnection } from "node:net";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { type Client, Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";
import { logged } from "./mqtt-stack";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);
const unverified = { unsafeSendToUnverifiedBrokers: true };

describeOnTheWire(title("options of a proxy with one port"), () => {
  const devices = missing ? undefined! : new Devices();
  let broker: BrokerStub;
  let stack: Loopback;
  beforeAll(async () => {
    // Of an unknown authority, for another name.
    broker = await startBrokerStub("rogue", { tls: devices.server });
    stack = await runOnLoopback(
      await renderProxy(
        {
          port: 11_883,
          timeouts: { connectSeconds: 2 },
          limits: { maximumConnectKibibytes: 256 },
          upstreams: [
            {
              name: "brokers",
              serverName: "broker.example.com",
              servers: [{ host: "127.0.0.1", port: broker.port }],
            },
          ],
          defaultRoute: { upstream: "brokers" },
          brokerTls: { unsafeSkipVerification: true },
          credentials: { existing: { name: "broker" }, ...unverified },
          snippets: {
            stream: [{ name: "deny", args: ["127.0.0.3"] }],
            server: [{ name: "proxy_bind", args: ["127.0.0.9"] }],
          },
        },
        {
          broker: {
            "credentials.conf": `map $mqtt_upstream $mqtt_connect_username { default "kept"; }
              map $mqtt_upstream $mqtt_connect_password { default "of-kept"; }`,
          },
        },
      ),
    );
  });
  afterAll(async () => {
    await stack?.stop();
    await broker?.stop();
    devices?.remove();
  });
  const enter = (client: Client) => reached(stack.port("nginx", "mqtt"), client);

  test("with unsafeSkipVerification an unverified broker gets the credentials of an existing Secret", async () => {
    expect(await enter({ username: "own" })).toBe("rogue");
    expect(lastConnect(broker)).toEqual({ before: "", username: "kept", password: "of-kept" });
    expect(broker.peers[0]!.serverName).toBe("broker.example.com");
  });

  test("the largest CONNECT that may be set gets through whole, with the proxy's credentials", async () => {
    const long = (letter: string) => letter.repeat(65_000);
    const will = { topic: long("t"), payload: Buffer.from(long("p")), qos: 1 as const, retain: false };
    expect(await enter({ clientId: "large", username: long("u"), password: long("w"), will })).toBe("rogue");
    expect(lastConnect(broker)).toMatchObject({ username: "kept", password: "of-kept" });
    expect(broker.received[broker.received.length - 1]!.includes(will.payload)).toBe(true);
  });

  test("raw nodes stand in stream and in the listener's server", async () => {
    const before = broker.received.length;
    expect(await enter({ from: "127.0.0.3" })).toBe("");
    expect(broker.received.length).toBe(before);
    expect(await enter({ from: "127.0.0.4" })).toBe("rogue");
    expect(broker.peers[broker.peers.length - 1]!.address).toBe("127.0.0.9");
  });

  test("a client that sends no CONNECT is closed after connectSeconds, and not after NGINX's 30 or the default of 10", async () => {
    const closed = new Promise((resolve) =>
      createConnection({ port: stack.port("nginx", "mqtt"), host: "127.0.0.1", localAddress: "127.0.0.5" })
        .on("error", () => undefined)
        .on("close", resolve)
        .resume(),
    );
    await closed;
    const { session_time } = await logged(stack, ({ client }) => client === "127.0.0.5");
    expect(session_time).toBeGreaterThanOrEqual(2);
    expect(session_time).toBeLessThan(10);
  });
});
