import type { MqttProxyArgs } from "../../components";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, type BrokerStubOptions, startBrokerStub } from "./broker-stub";
import { Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";
import { logged } from "./mqtt-stack";
import { type NameServer, startNameServer } from "./name-server";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

let broker: BrokerStub;
let names: NameServer;
let stack: Loopback;
const end = () => Promise.all([stack?.stop(), broker?.stop(), names?.stop()]);

/** A proxy whose clients name their broker, all of which are one. */
async function start(stub: BrokerStubOptions, args: Partial<MqttProxyArgs>): Promise<void> {
  [broker, names] = [await startBrokerStub("named", stub), await startNameServer()];
  const objects = await renderProxy({
    upstreams: [],
    defaultRoute: {
      clientIdAsHost: {
        hosts: ["broker.example.com", "*.brokers.example.com", "*.xn--zwlf-7qa.example.com"],
        port: broker.port,
        resolvers: [`127.0.0.1:${names.port}`],
      },
    },
    ...args,
  });
  stack = await runOnLoopback(objects);
}
const reach = (clientId: string, username?: string) => reached(stack.port("nginx", "mqtt"), { clientId, username });

describeOnTheWire(title("clients name their broker"), () => {
  beforeAll(() =>
    start({}, { credentials: { username: "edge", password: "of-edge", unsafeSendToUnverifiedBrokers: true } }),
  );

  afterAll(end);

  const label = "x".repeat(63);
  test.each([
    ...["broker.example.com", "one.brokers.example.com", `${label}.brokers.example.com`, "127.brokers.example.com"],
    ...["xn--a.brokers.example.com", "x.xn--zwlf-7qa.example.com"],
  ])("%s is allowed", async (clientId) => {
    expect(await reach(clientId)).toBe("named");
    expect(lastConnect(broker)).toMatchObject({ username: "edge" });
    expect(names.asked).toContain(clientId);
  });

  const name = "broker.example.com";
  test.each([
    // Addresses, however they are written.
    ...["127.0.0.1", "127.0.0.1:1883", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "169.254.169.254"],
    ...["::1", "[::1]", "[::ffff:127.0.0.1]", "::ffff:127.0.0.1", "127.0.0.1.brokers.example.com", "fe80::1%lo"],
    // Names that no broker has, and names that a broker almost has.
    ...["localhost", "localhost.", "rogue.example.net", "example.com", "brokers.example.com", "kubernetes.default.svc"],
    ...["a.b.brokers.example.com", ".brokers.example.com", "..brokers.example.com", "*.brokers.example.com"],
    ...["-a.brokers.example.com", "a-.brokers.example.com", "_a.brokers.example.com", `${label}x.brokers.example.com`],
    ...[`x${name}`, `${name}.evil.example.net`, "a.brokers.example.com.evil.example.net", "brokerXexample.com"],
    ...["zwölf.example.com", "ａ.brokers.example.com", "broker。example.com", "brоker.example.com"],
    // Other letters, and dots behind the name.
    ...[
      "Broker.example.com",
      "BROKER.EXAMPLE.COM",
      "A.brokers.example.com",
      "a.brokers.example.COM",
      `${name}.`,
      `${name}..`,
    ],
    // Ports, other parts of a URL, and what a URL would escape.
    ...[`${name}:1`, `${name}:1883`, `${name}:`, "a.brokers.example.com:22", `edge@${name}`, `edge:of-edge@${name}`],
    ...[`${name}@127.0.0.1`, `http://${name}`, `//${name}`, `${name}/`, `${name}?`, `${name}#`, `${name}\\`],
    ...[`${name}%00`, `${name}%0a`, "broker%2eexample.com", "%62roker.example.com", "a%2fb.brokers.example.com"],
    ...["unix:/tmp/x", "unix:/var/run/x:", "unix:", `unix:${name}`],
    // What NGINX or its maps give a meaning.
    ...["default", "include", "hostnames", "volatile", "mqtt_broker", "$remote_addr", "${remote_addr}", `~^${name}`],
    ...[
      `~${name}`,
      `\\${name}`,
      "",
      " ",
      `${name} `,
      ` ${name}`,
      `"${name}"`,
      `${name};`,
      `${name},a.brokers.example.com`,
    ],
    // Control characters.
    ...[
      `${name}\n`,
      `\n${name}`,
      `${name}\0`,
      `${name}\0.evil.example.net`,
      `${name}\r\n`,
      `${name}\t`,
      `evil\n${name}`,
    ],
    ...["a\n.brokers.example.com", `${name}\u007f`, `${name}\u0085`, `${name}\u2028`, `\ufeff${name}`],
  ])("B3: an open relay it is not: %j is not looked up and reaches no broker", async (clientId) => {
    const before = [names.asked.length, broker.received.length];
    expect(await reach(clientId)).toBe("");
    expect([names.asked.length, broker.received.length]).toEqual(before);
  });

  test("a host that is allowed is no route for a user name", async () => {
    expect(await reach("stranger", name)).toBe("");
  });
});

describeOnTheWire(title("clients name their broker, which has to show that it is it"), () => {
  const authority = missing ? undefined! : new Devices();
  beforeAll(() => {
    const hosts = ["subjectAltName=DNS:one.brokers.example.com"];
    const tls = authority.issue("/CN=broker", "serverAuth", authority.authority, hosts);
    return start(
      { tls },
      {
        brokerTls: { trustedCertificatesPem: authority.authority.certificate },
        credentials: { username: "edge", password: "of-edge" },
      },
    );
  });
  afterAll(async () => {
    await end();
    authority?.remove();
  });

  test("the one that a client names is told all, under that name", async () => {
    expect(await reach("one.brokers.example.com")).toBe("named");
    expect(lastConnect(broker)).toMatchObject({ username: "edge", password: "of-edge" });
    expect(broker.peers[0]!.serverName).toBe("one.brokers.example.com");
  });

  test("one whose certificate has another name than the client said is told nothing", async () => {
    expect(await reach("two.brokers.example.com")).toBe("");
    expect(names.asked).toContain("two.brokers.example.com");
    expect(broker.received.filter(({ length }) => length > 0).length).toBe(1);
    expect(await logged(stack, ({ client_id }) => client_id === "two.brokers.example.com")).toMatchObject({
      status: 502,
    });
  });
});
