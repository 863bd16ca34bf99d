import { randomBytes } from "node:crypto";
import type { MqttListener, MqttTenant, MqttUpstream } from "../../components";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";
import { accessLog } from "./mqtt-stack";
import type { Identity } from "./openssl";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

/** A kind of alternative names: the tag that it has in a certificate, openssl's word, and names of two owners. */
interface Kind {
  field: "dnsName" | "uri" | "emailAddress";
  tag: number;
  word: string;
  /** North's only name. */
  north: string;
  /** How the names of the south begin. */
  south: string;
}
const kinds: Kind[] = [
  { field: "dnsName", tag: 0x82, word: "DNS", north: "north.example.com", south: "south-" },
  { field: "uri", tag: 0x86, word: "URI", north: "urn:example:north", south: "spiffe://south.example/" },
  { field: "emailAddress", tag: 0x81, word: "email", north: "north@example.com", south: "south-" },
];
const others = (kind: Kind) => kinds.filter((other) => other !== kind);
const listenerOf = ({ field }: Kind) => field.toLowerCase().slice(0, 15);
const ownersOf = (kind: Kind) => ["north", "south"].map((owner) => `${owner}-${listenerOf(kind)}`);

/** DER: a tag, the length in its shortest form, and what is in it. */
function der(tag: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex");
  return Buffer.concat([
    Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x80 + length.length]),
    body.length < 128 ? Buffer.alloc(0) : length,
    body,
  ]);
}

/** The names as they are in the extension, in hexadecimal for openssl. */
const raw = (...names: Buffer[]) => `DER:${der(0x30, ...names).toString("hex")}`;

describeOnTheWire(title("alternative names of clients' certificates"), () => {
  const devices = missing ? undefined! : new Devices();
  const password = randomBytes(12).toString("hex");
  const named = { password, unsafeSendToUnverifiedBrokers: true };
  const brokers = [...kinds.flatMap(ownersOf), "subject", ...kinds.map(({ field }) => field), "username", "rest"];
  const blocks = brokers.map((name) => name.toLowerCase());
  let stubs: Record<string, BrokerStub>;
  let stack: Loopback;

  /** A device's certificate with these extensions, as openssl's configuration has them. */
  function device(subject: string, ...extensions: string[]): Identity {
    const key = devices.openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const request = devices.openssl.run(["req", "-new", "-utf8", "-key", devices.openssl.file(key), "-subj", subject]);
    const all = ["extendedKeyUsage=clientAuth", ...extensions];
    return { key, certificate: devices.openssl.sign(request, devices.authority, all) };
  }
  const withNames = (names: string, subject = "/CN=x") => device(subject, `subjectAltName=${names}`);

  const port = (listener: string) => stack.port("nginx", listener);
  const connections = () => blocks.map((name) => stubs[name]!.received.length);

  beforeAll(async () => {
    stubs = Object.fromEntries(await Promise.all(blocks.map(async (name) => [name, await startBrokerStub(name)])));
    const upstreams: MqttUpstream[] = blocks.map((name) => ({
      name,
      servers: [{ host: "127.0.0.1", port: stubs[name]!.port }],
    }));
    const clientCertificates = { trustedCertificatesPem: devices.authority.certificate };
    const tls = { certificate: { secretName: "server" }, clientCertificates };
    const routes = [
      { clientId: { prefix: "routed" }, upstream: "rest" },
      { username: { exact: "routed" }, upstream: "username" },
      { certificate: { emailAddress: { prefix: "routed@" } }, upstream: "emailaddress" },
      { certificate: { uri: { prefix: "urn:routed:" } }, upstream: "uri" },
      // More than NGINX has expressions for: they are a table.
      ...Array.from({ length: 150 }, (_, index) => ({
        certificate: { dnsName: { exact: `Device-${index}.example.com` } },
        upstream: index === 7 ? "dnsname" : "rest",
      })),
      { certificate: { dnsName: { prefix: "routed." } }, upstream: "dnsname" },
      { certificate: { commonName: { exact: "routed" } }, upstream: "subject" },
    ];
    const refused = { refuse: true };
    const listeners: MqttListener[] = [
      ...kinds.map((kind, index) => ({ name: listenerOf(kind), port: 8883 + index, tls })),
      { name: "routes", port: 8890, tls, passCredentials: true, routes, defaultRoute: refused },
      {
        name: "optional",
        port: 8891,
        tls: { ...tls, clientCertificates: { ...clientCertificates, mode: "optional" } },
        passCredentials: true,
        routes,
        defaultRoute: { upstream: "rest" },
      },
      { name: "names", port: 8892, tls },
    ];
    const tenants = kinds.flatMap((kind): MqttTenant[] => {
      const [north, south] = ownersOf(kind) as [string, string];
      const own = { listeners: [listenerOf(kind)] };
      return [
        {
          ...own,
          name: north,
          certificate: { [kind.field]: { exact: kind.north } },
          defaultRoute: { upstream: north },
          credentials: { username: "user-of-north", ...named },
        },
        {
          ...own,
          name: south,
          certificate: { [kind.field]: { prefix: kind.south } },
          defaultRoute: { upstream: south },
          credentials: { usernameFromCertificate: kind.field, ...named },
        },
      ];
    });
    const objects = await renderProxy(
      {
        upstreams,
        listeners,
        tenants,
        routes: kinds.map(({ field }) => ({
          clientId: { exact: field },
          upstream: "rest",
          credentials: field.toLowerCase(),
        })),
        namedCredentials: kinds.map(({ field }) => ({
          name: field.toLowerCase(),
          credentials: { usernameFromCertificate: field, ...named },
        })),
        credentials: { username: "nobody", ...named },
        defaultRoute: refused,
      },
      { server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key } },
    );
    stack = await runOnLoopback(objects);
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all(Object.values(stubs ?? {}).map((stub) => stub.stop()));
    devices?.remove();
  });

  describe.each(kinds.map((kind) => [kind.field, kind] as const))("by %s", (_field, kind) => {
    const { tag, word, north, south } = kind;
    const southern = `${south}sensor-1`;
    const own = (text: string | Buffer) => der(tag, text);
    const [ofNorth, ofSouth] = ownersOf(kind) as [string, string];

    test("each device gets to its tenant's broker, and its name is its user name where that is meant", async () => {
      expect(await reached(port(listenerOf(kind)), { tls: withNames(`${word}:${north}`), username: "x" })).toBe(
        ofNorth,
      );
      expect(lastConnect(stubs[ofNorth]!)).toMatchObject({ username: "user-of-north", password });
      expect(await reached(port(listenerOf(kind)), { tls: withNames(`critical,${word}:${southern}`) })).toBe(ofSouth);
      expect(lastConnect(stubs[ofSouth]!)).toMatchObject({ username: southern, password });
    });

    test("a name of 1,024 bytes and of every printable character is read to its end", async () => {
      const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join("");
      const name = (south + printable.repeat(11)).slice(0, 1024);
      expect(await reached(port(listenerOf(kind)), { tls: withNames(raw(own(name))) })).toBe(ofSouth);
      expect(lastConnect(stubs[ofSouth]!).username).toBe(name);
    });

    test.each<[string, () => Identity, "north" | "south" | ""]>([
      [
        "of north with a southern common name",
        () => withNames(`${word}:${north}`, `/CN=${southern}`.replace(/\/(?!CN)/g, "\\/")),
        "north",
      ],
      ["of north and a southern one of the same kind", () => withNames(`${word}:${north},${word}:${southern}`), ""],
      ["of the south and north's one of the same kind", () => withNames(`${word}:${southern},${word}:${north}`), ""],
      ["that it has twice", () => withNames(`${word}:${southern},${word}:${southern}`), ""],
      [
        "of north among southern ones of all other kinds",
        () => withNames(raw(...others(kind).map((other) => der(other.tag, southern)), own(north))),
        "north",
      ],
      [
        "of the south in other kinds alone",
        () => withNames(raw(...others(kind).map((other) => der(other.tag, southern)))),
        "",
      ],
      ["of the south as another kind of text", () => withNames(`otherName:1.2.3.4;IA5STRING:${southern}`), ""],
      ["of the south for its issuer", () => device("/CN=x", `2.5.29.18=${raw(own(southern))}`), ""],
      ["of the south in an extension of somebody's", () => device("/CN=x", `1.2.3.4=${raw(own(southern))}`), ""],
      [
        "of north and a southern one for its issuer",
        () => device("/CN=x", `2.5.29.18=${raw(own(southern))}`, `subjectAltName=${word}:${north}`),
        "north",
      ],
      ["in other letters", () => withNames(`${word}:${north.toUpperCase()}`), ""],
      ["in other letters at its beginning", () => withNames(raw(own(southern.toUpperCase()))), ""],
      ["with a NUL behind it", () => withNames(raw(own(`${north}\0`))), ""],
      ["with a NUL inside", () => withNames(raw(own(`${southern}\0.example.com`))), ""],
      ["with a NUL before it", () => withNames(raw(own(`\0${north}`))), ""],
      ["with a line feed behind it", () => withNames(raw(own(`${north}\n`))), ""],
      ["with a line of its own behind it", () => withNames(raw(own(`x\n${north}\n0`))), ""],
      ["with a space inside", () => withNames(raw(own(`${south} x`))), ""],
      ["with a letter beyond ASCII", () => withNames(raw(own(`${south}ö`))), ""],
      ["with DEL", () => withNames(raw(own(`${south}\x7f`))), ""],
      ["that goes on", () => withNames(raw(own(`${north}x`))), ""],
      ["that begins elsewhere", () => withNames(raw(own(`x${north}`))), ""],
      ["that ends before the prefix does", () => withNames(raw(own(south.slice(0, -1)))), ""],
      ["that leaves the prefix at its end", () => withNames(raw(own(`${south.slice(0, -1)}.evil/`))), ""],
      ["of 1,025 bytes", () => withNames(raw(own(south.padEnd(1025, "x")))), ""],
      ["that is a word of NGINX's", () => withNames(raw(own("default"))), ""],
      ["that is an expression", () => withNames(raw(own(`~^${south}`))), ""],
      ["that is a variable", () => withNames(raw(own("$mqtt_preread_clientid"))), ""],
      ["that is empty", () => withNames(raw(own(""))), ""],
      ["in a list that is none", () => withNames(`DER:${own(southern).toString("hex")}`), ""],
      ["in pieces", () => withNames(raw(der(tag + 0x20, der(0x16, southern)))), ""],
      ["of no kind", () => withNames(raw(own(southern), der(0x89, "x"))), ""],
      ["before bytes that belong to nothing", () => withNames(`${raw(own(southern))}00`), ""],
      // The controls: what is odd is odd alone.
      ["of the south", () => withNames(raw(own(southern))), "south"],
      ["of north", () => withNames(raw(own(north))), "north"],
    ])("a certificate with a name %s", async (_what, identity, owner) => {
      const before = connections();
      const expected = owner === "" ? "" : { north: ofNorth, south: ofSouth }[owner];
      // What a client says of itself makes no difference.
      const said = { clientId: southern, username: southern };
      expect(await reached(port(listenerOf(kind)), { tls: identity(), ...said })).toBe(expected);
      const changed = blocks.filter((_, index) => connections()[index] !== before[index]);
      expect(changed).toEqual(expected === "" ? [] : [expected]);
    });

    test("no certificate with such a name, and a stranger's with one, reach no broker", async () => {
      const before = connections();
      const stranger = devices.openssl.root("devices");
      const { key, certificate } = withNames(`${word}:${southern}`);
      const request = devices.openssl.run(["req", "-new", "-key", devices.openssl.file(key), "-subj", "/CN=x"]);
      const forged = {
        key,
        certificate: devices.openssl.sign(request, stranger, [`subjectAltName=${word}:${southern}`]),
      };
      expect(certificate).not.toBe(forged.certificate);
      for (const client of [device("/CN=x"), true as const, forged])
        expect(await reached(port(listenerOf(kind)), { tls: client, clientId: southern })).toBe("");
      expect(await reached(port(listenerOf(kind)), { clientId: southern })).toBe("");
      expect(connections()).toEqual(before);
    });
  });

  const all = "DNS:routed.example.com,URI:urn:routed:1,email:routed@example.com";
  test.each([
    ["the subject", "/CN=routed", all, "subject"],
    ["the DNS name", "/CN=x", all, "dnsname"],
    ["the URI", "/CN=x", all.replace("DNS:routed", "DNS:x"), "uri"],
    ["the mail address", "/CN=x", "DNS:x.example.com,email:routed@example.com", "emailaddress"],
    ["the mail address, where there are two URIs", "/CN=x", `${all},URI:urn:routed:2,DNS:routed.x`, "emailaddress"],
    ["the user name", "/CN=x", "DNS:x.example.com", "username"],
    ["one of many DNS names", "/CN=x", "DNS:Device-7.example.com", "dnsname"],
    ["another one of them", "/CN=x", "DNS:Device-149.example.com", "rest"],
    ["the user name, where one of many has other letters", "/CN=x", "DNS:device-7.example.com", "username"],
    ["the user name, where one of many goes on", "/CN=x", "DNS:Device-7.example.comx", "username"],
  ])("routes by certificate go before the others, in their order: by %s", async (_what, subject, names, broker) => {
    const tls = withNames(names, subject);
    for (const listener of ["routes", "optional"])
      expect(await reached(port(listener), { tls, username: "routed", clientId: "routed" })).toBe(broker);
  });

  test("where certificates are optional, a client without one has no name, and takes the other routes", async () => {
    expect(await reached(port("optional"), { tls: true, username: "routed" })).toBe("username");
    expect(await reached(port("optional"), { tls: true, clientId: "urn:routed:1" })).toBe("rest");
    expect(await reached(port("optional"), { tls: withNames("URI:urn:routed:1"), clientId: "x" })).toBe("uri");
    const stranger = devices.issue("/CN=x", "clientAuth", devices.openssl.root("devices"));
    const before = connections();
    expect(await reached(port("optional"), { tls: stranger, username: "routed" })).toBe("");
    expect(connections()).toEqual(before);
  });

  test.each(kinds)(
    "a route's user name is the $field, and a client without all that its listener needs is rejected",
    async ({ field }) => {
      const tls = withNames("DNS:a.example.com,URI:urn:a,email:a@example.com");
      expect(await reached(port("names"), { tls, clientId: field })).toBe("rest");
      const name = { dnsName: "a.example.com", uri: "urn:a", emailAddress: "a@example.com" }[field];
      expect(lastConnect(stubs.rest!)).toMatchObject({ username: name, password });
      const before = connections();
      for (const names of [
        "DNS:a.example.com,URI:urn:a",
        "URI:urn:a,email:a@example.com",
        "DNS:a.example.com,email:a@example.com",
      ])
        expect(await reached(port("names"), { tls: withNames(names), clientId: field })).toBe("");
      expect(connections()).toEqual(before);
    },
  );

  test("a certificate that cannot be read is logged as that, with nothing out of it", async () => {
    await reached(port("uri"), { tls: withNames(`${raw(der(0x86, 'x"},{"forged":true'))}00`) });
    expect(stack.output("nginx")).toMatch(
      /\[warn\].* alternative names of a client certificate cannot be read: an element is not where it should be/,
    );
    expect(stack.output("nginx")).not.toContain("forged");
    expect(accessLog(stack.output("nginx")).length).toBeGreaterThan(100);
    expect(stack.output("nginx")).not.toMatch(/exception|\[emerg\]/);
  });
});
