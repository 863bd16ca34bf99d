import type { MqttClientIdMatch, MqttProxyArgs, MqttRoute } from "../../components";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { type Client, Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";
import { withOpenReader } from "./open-reader";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);
const unverified = { unsafeSendToUnverifiedBrokers: true };

/** What NGINX's maps give a meaning. */
const words = ["include", "default", "hostnames", "volatile"];
// In capitals and small letters, and with what NGINX gives a meaning, for what a text may not be taken for.
const matches: Record<"clientId" | "username", MqttClientIdMatch[]> = {
  clientId: [
    ...["Vault-1", "~Vault-2", "\\Vault-3", "*.vault.example.com", ...words].map((exact) => ({ exact })),
    { prefix: "Vault-pre-" },
    { prefix: "~^v" },
    { regex: "vault-[0-9]{4}" },
  ],
  username: [
    ...["Vault-User", "~User", "include", "hostnames"].map((exact) => ({ exact })),
    { prefix: "User-pre-" },
    { regex: "user-[a-f]{2}" },
  ],
};
const bases = {
  clientId: [
    "Vault-1",
    "~Vault-2",
    "\\Vault-3",
    "x.vault.example.com",
    "Vault-pre-x",
    "~^vx",
    "vault-0001",
    "Filler-0",
  ],
  username: ["Vault-User", "~User", "User-pre-x", "user-af", "Filler-0"],
  tenant: ["Tenant-C", "include", "~e-1", "default"],
};

/** What an attacker makes of a text that is somebody's. */
const variants = (texts: string[]) => [
  ...new Set([
    ...texts.flatMap((text) => [
      ...[text, text.toLowerCase(), text.toUpperCase(), text.slice(0, -1), `${text}x`, text + text],
      ...[`${text}\n`, `\n${text}`, `${text}\0`, `\0${text}`, `${text}\r\n`, `${text}\n${text}\n0`, `${text}\0x`],
      ...[`~${text}`, `~^${text}`, `~*${text}`, `\\${text}`, ` ${text}`, `${text} `, `"${text}"`, `$${text}`],
    ]),
    ...words.flatMap((word) => [word, word.toUpperCase(), `${word}\n`, `${word}\0`, `~${word}`, `\\${word}`]),
  ]),
];

const isControl = (text: string) => [...text].some((letter) => letter < " " || letter === "\x7f");
/** What the documentation says, in another language than NGINX's. */
const takes = ({ exact, prefix, regex }: MqttClientIdMatch, text: string) =>
  exact === text ||
  (prefix !== undefined && text.startsWith(prefix)) ||
  (regex !== undefined && new RegExp(`^(?:${regex})(?![^])`).test(text));

const brokers = ["a", "b", "safe", "lines", "vault", "c", "d", "e", "f"] as const;

describeOnTheWire(title("tenants"), () => {
  const devices = missing ? undefined! : new Devices();
  let stubs: Record<(typeof brokers)[number], BrokerStub>;
  beforeAll(async () => {
    stubs = Object.fromEntries(
      await Promise.all(brokers.map(async (name) => [name, await startBrokerStub(name)])),
    ) as typeof stubs;
  });
  afterAll(async () => {
    await Promise.all(Object.values(stubs ?? {}).map((stub) => stub.stop()));
    devices?.remove();
  });

  /** Tenants a and b by certificate, of whom b has a safe behind routes; one by its listener, with a vault behind the same; c to f by user name. */
  function proxy(fillers: number): Omit<MqttProxyArgs, "namespace" | "edition"> {
    const texts = Array.from({ length: fillers }, (_, index) => `Filler-${index}`);
    const to = (name: string) => ({ upstream: name, credentials: name });
    const routes = (name: string) =>
      (["clientId", "username"] as const).flatMap((field): MqttRoute[] =>
        [...matches[field], ...texts.map((exact) => ({ exact }))].map((match) => ({ [field]: match, ...to(name) })),
      );
    const credentials = (name: string) => ({ username: `user-of-${name}`, password: `of-${name}`, ...unverified });
    const named = (name: string, username: MqttClientIdMatch) => ({
      name,
      listeners: ["names"],
      username,
      defaultRoute: { upstream: name },
    });
    const certified = (name: "a" | "b") => ({
      name,
      listeners: ["devices"],
      certificate: { organizationalUnit: { exact: `Tenant-${name}` } },
      defaultRoute: { upstream: name },
      credentials: credentials(name),
    });
    const { certificate: trustedCertificatesPem } = devices.authority;
    return {
      upstreams: brokers.map((name) => ({ name, servers: [{ host: "127.0.0.1", port: stubs[name].port }] })),
      defaultRoute: { refuse: true },
      listeners: [
        {
          name: "devices",
          port: 8883,
          tls: { certificate: { secretName: "server" }, clientCertificates: { trustedCertificatesPem } },
        },
        { name: "names", port: 1883 },
        { name: "lines", port: 1884 },
      ],
      tenants: [
        certified("a"),
        {
          ...certified("b"),
          routes: [
            ...routes("safe"),
            { certificate: { commonName: { exact: "Vault-Name" } }, ...to("safe") },
            { certificate: { commonName: { prefix: "Name-pre-" } }, ...to("safe") },
          ],
        },
        {
          name: "lines",
          listeners: ["lines"],
          routes: routes("vault"),
          defaultRoute: { upstream: "lines" },
          credentials: credentials("lines"),
        },
        named("c", { exact: "Tenant-C" }),
        named("d", { exact: "include" }),
        named("e", { prefix: "~e-" }),
        named("f", { exact: "default" }),
      ],
      namedCredentials: ["safe", "vault"].map((name) => ({ name, credentials: credentials(name) })),
    };
  }

  describe.each([
    ["with few routes", 1, true],
    ["with few routes, where control characters are let through", 1, false],
    ["with so many routes that they are in hash tables, where control characters are let through", 150, false],
  ])("%s", (_what, fillers, strict) => {
    let stack: Loopback;
    beforeAll(async () => {
      const server = { "tls.crt": devices.server.certificate, "tls.key": devices.server.key };
      const objects = await renderProxy(proxy(fillers), { server });
      if (!strict) withOpenReader(objects);
      for (const table of ["b", "lines", "lines-by-username"])
        expect(JSON.stringify(objects).includes(`/etc/nginx/mqtt-routes-tenant_${table}/0.conf`)).toBe(fillers > 100);
      stack = await runOnLoopback(objects);
    });
    afterAll(() => stack?.stop());

    const counts = () => brokers.map((name) => stubs[name].received.length);
    /** Where a client gets to, and whose credentials are sent there; that no other broker was sent a byte. */
    async function attempt(listener: string, client: Client): Promise<string> {
      const before = counts();
      const broker = (await reached(stack.port("nginx", listener), client)) as (typeof brokers)[number] | "";
      expect(counts()).toEqual(before.map((count, index) => count + (brokers[index] === broker ? 1 : 0)));
      return broker && `${broker} as ${lastConnect(stubs[broker]).username}`;
    }
    const refused = (text: string) => strict && isControl(text);
    async function compare(texts: string[], tries: (text: string) => [listener: string, client: Client, then: string]) {
      const [seen, expected]: Record<string, string>[] = [{}, {}];
      for (const text of texts) {
        const [listener, client, then] = tries(text);
        seen![text] = await attempt(listener, client);
        expected![text] = refused(text) ? "" : then;
      }
      expect(seen).toEqual(expected);
      return Object.values(expected!);
    }

    test("A's device gets to A's broker, as A, whatever its client id and user name", async () => {
      const tls = devices.issue("/OU=Tenant-a/CN=x");
      const names = variants(["Vault-1", "Vault-pre-x", "Vault-User", "Tenant-b"]).concat("b", "user-of-b", "mqtt_b");
      await compare(names, (text) => ["devices", { tls, clientId: text, username: text }, "a as user-of-a"]);
    });

    test.each(["clientId", "username"] as const)(
      "into the vault goes exactly the %s that is a route",
      async (field) => {
        const exact = Array.from({ length: fillers }, (_, index) => ({ exact: `Filler-${index}` }));
        const [inside, outside] = ["vault as user-of-vault", "lines as user-of-lines"];
        const seen = await compare(variants(bases[field]), (text) => {
          const routed = [...matches[field], ...exact].some((match) => takes(match, text));
          return ["lines", { clientId: "x", [field]: text }, routed ? inside : outside];
        });
        expect(new Set(seen)).toEqual(new Set([inside, outside, ...(strict ? [""] : [])]));
      },
    );

    test("a user name belongs to exactly one tenant, or to none", async () => {
      const model: [string, MqttClientIdMatch][] = [
        ["c", { exact: "Tenant-C" }],
        ["d", { exact: "include" }],
        ["e", { prefix: "~e-" }],
        ["f", { exact: "default" }],
      ];
      const seen = await compare(variants(bases.tenant), (text) => {
        const [owner] = model.find(([, match]) => takes(match, text)) ?? [];
        return ["names", { clientId: "Tenant-C", username: text }, owner === undefined ? "" : `${owner} as ${text}`];
      });
      expect(new Set(seen.map((then) => then[0] ?? ""))).toEqual(new Set(["", "c", "d", "e", "f"]));
    });
  });

  describe("by their certificates", () => {
    let stack: Loopback;
    beforeAll(async () => {
      const server = { "tls.crt": devices.server.certificate, "tls.key": devices.server.key };
      stack = await runOnLoopback(await renderProxy(proxy(150), { server }));
    });
    afterAll(() => stack?.stop());
    const enter = async (unit: string, commonName: string) => {
      const tls = await devices.issueNames({ OU: unit, CN: commonName });
      return reached(stack.port("nginx", "devices"), { tls, clientId: "x" });
    };

    test("an organizational unit belongs to exactly one tenant, or to none", async () => {
      for (const unit of variants(["Tenant-b", "Tenant-a"]))
        expect([unit, await enter(unit, "x")]).toEqual([unit, { "Tenant-a": "a", "Tenant-b": "b" }[unit] ?? ""]);
    });

    test("a common name is exactly a route of its tenant, and of no other", async () => {
      for (const name of [...variants(["Vault-Name"]), "Name-pre-x", "name-pre-x", " Name-pre-x", "xName-pre-"]) {
        const safe = name === "Vault-Name" || name.startsWith("Name-pre-");
        expect([name, await enter("Tenant-b", name)]).toEqual([name, safe ? "safe" : "b"]);
        expect([name, await enter("Tenant-a", name)]).toEqual([name, "a"]);
      }
    });
  });
});
