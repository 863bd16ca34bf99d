import { randomBytes } from "node:crypto";
import type { MqttUpstream } from "../../components";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { data } from "../../loopback/pod";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";
import type { Identity } from "./openssl";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

const brokers = ["a", "b", "c", "d", "e"] as const;
const unverified = { unsafeSendToUnverifiedBrokers: true };

describeOnTheWire(title("tenants of one proxy"), () => {
  const devices = missing ? undefined! : new Devices();
  const passwords = Object.fromEntries(["a", "b"].map((name) => [name, randomBytes(12).toString("hex")]));
  let stubs: Record<(typeof brokers)[number], BrokerStub>;
  let stack: Loopback;
  let generated: string;
  let ofA: Identity;
  let ofB: Identity;

  beforeAll(async () => {
    stubs = Object.fromEntries(
      await Promise.all(brokers.map(async (name) => [name, await startBrokerStub(name)])),
    ) as typeof stubs;
    [ofA, ofB] = [
      devices.issue("/O=Example/OU=tenant-a/CN=sensor-1"),
      devices.issue("/O=Example/OU=tenant-b/CN=sensor-2"),
    ];
    const upstreams: MqttUpstream[] = brokers.map((name) => ({
      name,
      servers: [{ host: "127.0.0.1", port: stubs[name].port }],
    }));
    const objects = await renderProxy(
      {
        upstreams,
        defaultRoute: { refuse: true },
        listeners: [
          {
            name: "devices",
            port: 8883,
            tls: {
              certificate: { secretName: "server" },
              clientCertificates: { trustedCertificatesPem: devices.authority.certificate },
            },
          },
          { name: "lines", port: 1884 },
          { name: "names", port: 1885 },
        ],
        tenants: [
          {
            name: "tenant-a",
            listeners: ["devices"],
            certificate: { organizationalUnit: { exact: "tenant-a" } },
            defaultRoute: { upstream: "a" },
            credentials: { username: "user-of-a", password: passwords.a, ...unverified },
          },
          {
            name: "tenant-b",
            listeners: ["devices"],
            certificate: { organizationalUnit: { exact: "tenant-b" } },
            routes: [{ clientId: { prefix: "b-" }, upstream: "b" }],
            defaultRoute: { upstream: "b" },
            credentials: { usernameFromCertificate: "commonName", password: passwords.b, ...unverified },
          },
          {
            name: "tenant-c",
            listeners: ["lines"],
            defaultRoute: { upstream: "c" },
            credentials: { username: "user-of-c", ...unverified },
          },
          { name: "tenant-d", listeners: ["names"], username: { prefix: "d-" }, defaultRoute: { upstream: "d" } },
          { name: "tenant-e", listeners: ["names"], username: { exact: "e" }, defaultRoute: { upstream: "e" } },
        ],
      },
      { server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key } },
    );
    const secret = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name.includes("tenant-c"))!;
    generated = /password_tenant__c \{\s+default (\w+)/.exec(data(secret)["credentials.conf"]!.toString())![1]!;
    stack = await runOnLoopback(objects);
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all(Object.values(stubs ?? {}).map((stub) => stub.stop()));
    devices?.remove();
  });

  const port = (listener: string) => stack.port("nginx", listener);
  const connections = () => Object.fromEntries(brokers.map((name) => [name, stubs[name].received.length]));

  test("each device gets to its tenant's broker with its tenant's credentials", async () => {
    expect(await reached(port("devices"), { tls: ofA, username: "x" })).toBe("a");
    expect(lastConnect(stubs.a)).toEqual({ before: "", username: "user-of-a", password: passwords.a });
    expect(await reached(port("devices"), { tls: ofB })).toBe("b");
    expect(lastConnect(stubs.b)).toEqual({ before: "", username: "sensor-2", password: passwords.b });
    expect(await reached(port("lines"), {})).toBe("c");
    expect(lastConnect(stubs.c)).toEqual({ before: "", username: "user-of-c", password: generated });
  });

  test("a tenant that is told by user name has its clients' own credentials, which the broker checks", async () => {
    expect(await reached(port("names"), { username: "d-1", password: "of d" })).toBe("d");
    expect(lastConnect(stubs.d)).toEqual({ before: "", username: "d-1", password: "of d" });
    expect(await reached(port("names"), { username: "e", password: "of e" })).toBe("e");
    expect(lastConnect(stubs.e)).toEqual({ before: "", username: "e", password: "of e" });
  });

  const words = ["b", "b-1", "B-1", "b-1\n", "b-1\0", "~^b", "\\b", "include", "default", "hostnames", "volatile", ""];
  const names = [
    ...words,
    "mqtt_b",
    "tenant-b",
    "tenant_b",
    "user-of-b",
    "$mqtt_route_of_tenant_tenant__b",
    "127.0.0.1",
  ];
  test.each(names.map((name) => [JSON.stringify(name), name]))(
    "a device of A with the client id or the user name %s does not get to B",
    async (_shown, name) => {
      const before = connections();
      for (const client of [{ clientId: name }, { clientId: name, username: name }, { username: name }]) {
        const broker = await reached(port("devices"), { tls: ofA, ...client });
        // Control characters are refused at once; all else is A's.
        expect(broker).toBe(/[\0\n]/.test(name) ? "" : "a");
        if (broker === "a") expect(lastConnect(stubs.a).username).toBe("user-of-a");
      }
      expect({ ...connections(), a: 0 }).toEqual({ ...before, a: 0 });
    },
  );

  test.each([
    ["another tenant's name in its common name", "/OU=tenant-a/CN=x,OU=tenant-b", "a"],
    ["another tenant's name behind a plus sign in its common name", "/OU=tenant-a/CN=x\\+OU=tenant-b", "a"],
    ["both tenants' names, one beside the common name", "/OU=tenant-a/CN=x+OU=tenant-b", ""],
    ["another tenant's name behind an escaped comma", "/OU=tenant-a/CN=x\\\\,OU=tenant-b", "a"],
    ["another tenant's name in another field", "/OU=tenant-a/CN=tenant-b", "a"],
    ["other letters", "/OU=Tenant-B/CN=x", ""],
    ["a line feed behind the name", "/OU=tenant-b\n/CN=x", ""],
    ["a space behind the name", "/OU=tenant-b /CN=x", ""],
    ["more behind the name", "/OU=tenant-bb/CN=x", ""],
    ["more before the name", "/OU=xtenant-b/CN=x", ""],
    ["a special word", "/OU=default/CN=x", ""],
    ["an expression", "/OU=~^tenant-b/CN=x", ""],
    ["both tenants' names", "/OU=tenant-a/OU=tenant-b/CN=x", ""],
    ["both tenants' names the other way round", "/OU=tenant-b/CN=x/OU=tenant-a", ""],
    ["no unit", "/CN=x", ""],
    // The control: the same authority, and B's name alone.
    ["B's name and nothing odd", "/OU=tenant-b/CN=x", "b"],
  ])("a certificate with %s is told for what it is", async (_what, subject, broker) => {
    const before = connections();
    expect(await reached(port("devices"), { tls: devices.issue(subject) })).toBe(broker);
    const others = Object.entries(connections()).filter(([name]) => name !== broker);
    expect(others).toEqual(Object.entries(before).filter(([name]) => name !== broker));
  });

  test.each([
    ["without a common name", "/OU=tenant-b"],
    ["with two common names", "/OU=tenant-b/CN=x/CN=y"],
    ["whose common name would need an escape", "/OU=tenant-b/CN=x,y"],
  ])("a device %s has no user name, and reaches no broker", async (_what, subject) => {
    const before = connections();
    expect(await reached(port("devices"), { tls: devices.issue(subject) })).toBe("");
    expect(connections()).toEqual(before);
  });

  test("a client without a certificate, or with a stranger's with B's name, reaches no broker", async () => {
    const before = connections();
    const stranger = devices.openssl.root("devices");
    expect(await reached(port("devices"), { tls: true })).toBe("");
    expect(await reached(port("devices"), { tls: devices.issue("/OU=tenant-b/CN=x", "clientAuth", stranger) })).toBe(
      "",
    );
    expect(await reached(port("devices"), {})).toBe("");
    expect(connections()).toEqual(before);
  });

  test.each(["E", "e\n", "e\0", "D-1", "xd-1", "", "default", "include", "~^e", "mqtt_e", "ee"])(
    "the user name %j is of no tenant",
    async (username) => {
      const before = connections();
      expect(await reached(port("names"), { username, clientId: "d-1" })).toBe("");
      expect(connections()).toEqual(before);
    },
  );

  test("no password stands in a log", () => {
    for (const password of [...Object.values(passwords), generated])
      expect(stack.output("nginx")).not.toContain(password);
  });
});
