import fc from "fast-check";
import { missingPrograms } from "../../../loopback/missing";
import { OpenSsl } from "../../dataplane/openssl";
import { pem as asPem, bad, broken, good } from "../mqtt/certificate-cases";
import { nodeEngine as namesEngine } from "../mqtt/certificate-engines";
import { nodeEngine, quickJsEngine, type Reader } from "./identity-engines";

const missing = missingPrograms("openssl");
const suite = missing ? describe.skip : describe;

const id = "spiffe://mesh.example.com/ns/shop/sa/web";

let openssl: OpenSsl;
let key: string;
const engines: Record<string, Reader> = {};
beforeAll(async () => {
  engines.node = nodeEngine();
  engines.QuickJS = await quickJsEngine();
  if (missing) return;
  openssl = new OpenSsl();
  key = openssl.file(openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]));
});
afterAll(() => openssl?.remove());

// The same ones for each engine.
const made = new Map<string, string>();

/** A certificate by openssl with these extensions. */
function certificate(...extensions: string[]): string {
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  const known = made.get(added.join());
  if (known !== undefined) return known;
  const pem = openssl.run([
    "req",
    "-x509",
    "-key",
    key,
    "-subj",
    "/C=US/O=SPIRE/CN=web.shop.svc",
    "-days",
    "1",
    ...added,
  ]);
  made.set(added.join(), pem);
  return pem;
}
const named = (names: string) => certificate(`subjectAltName=${names}`);

const der = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\n/g, ""), "base64");
const pem = (bytes: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? []
  ).join("\n")}\n-----END CERTIFICATE-----\n`;

suite.each(["node", "QuickJS"])(`identity.njs on %s${missing ? ` (${missing})` : ""}`, (engine) => {
  const read: Reader = (text) => engines[engine]!(text);

  test("12: the one URI of a certificate is its SPIFFE ID, among names of other kinds and other extensions", () => {
    expect(read(named(`URI:${id}`))).toBe(id);
    expect(read(named(`DNS:web.shop.svc,URI:${id},email:web@example.com,IP:192.0.2.1,RID:1.2.3.4`))).toBe(id);
    expect(read(certificate("keyUsage=critical,digitalSignature", `subjectAltName=critical,URI:${id}`))).toBe(id);
    expect(read(named(`URI:${id},otherName:1.2.3.4;UTF8:spiffe://mesh.example.com/ns/shop/sa/admin`))).toBe(id);
  });

  test("12: a long ID is read to its end, and one that is too long is none", () => {
    const long = `${id}/${"a".repeat(1900)}`;
    expect(read(named(`URI:${long}`))).toBe(long);
    expect(read(named(`URI:${id}/${"a".repeat(2048)}`))).toBe("");
    const many = Array.from({ length: 300 }, (_, index) => `DNS:name-${index}.example.com`).join(",");
    expect(read(named(`${many},URI:${id}`))).toBe(id);
  });

  test.each([
    ["two URIs", `URI:${id},URI:spiffe://mesh.example.com/ns/shop/sa/admin`],
    ["the same URI twice", `URI:${id},URI:${id}`],
    ["a URI of another kind beside it", `URI:${id},URI:https://example.com/`],
    ["no URI", "DNS:web.shop.svc"],
    ["the ID as a DNS name", `DNS:${id}`],
    ["the ID as a mail address", `email:${id}`],
    ["the ID as another name", `otherName:1.2.3.4;IA5STRING:${id}`],
    ["the ID of the trust domain alone", "URI:spiffe://mesh.example.com"],
    ["a slash at the end", `URI:${id}/`],
    ["an empty segment", "URI:spiffe://mesh.example.com//web"],
    ["a query", `URI:${id}?a`],
    ["a percent sign", `URI:${id}%2f`],
    ["capitals in the trust domain", "URI:spiffe://MESH.example.com/ns/shop/sa/web"],
    ["another scheme", "URI:https://mesh.example.com/ns/shop/sa/web"],
    ["a line feed at the end", `URI:${id}\n`],
  ])("12: %s: no ID", (_name, names) => {
    // openssl ends a value at the line feed, so those bytes come from its own configuration language.
    const text = names.endsWith("\n")
      ? certificate(`subjectAltName=DER:${generalNames(names.slice("URI:".length))}`)
      : named(names);
    expect(read(text)).toBe("");
  });

  test("12: no alternative names, and no certificate at all: no ID", () => {
    expect(read(certificate("keyUsage=digitalSignature"))).toBe("");
    expect(read(undefined)).toBe("");
    expect(read("")).toBe("");
    expect(read("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")).toBe("");
    expect(read(pem(Buffer.from("not DER")))).toBe("");
  });

  test("12: an extension of alternative names that is there twice is no ID", () => {
    // openssl writes no extension twice, so the second is renumbered.
    const bytes = der(certificate(`subjectAltName=URI:${id}`, `2.5.29.99=DER:${generalNames(id)}`));
    expect(read(pem(bytes))).toBe(id);
    bytes[bytes.indexOf(Buffer.from([0x55, 0x1d, 99])) + 2] = 17;
    const two = pem(bytes);
    expect(openssl.run(["x509", "-noout", "-text"], two).match(/Subject Alternative Name/g)).toHaveLength(2);
    expect(read(two)).toBe("");
  });

  test("12: alternative names that are not one list in DER are no ID", () => {
    const with_ = (hex: string) => read(certificate(`subjectAltName=DER:${hex}`));
    const uri = `86${length(id)}${Buffer.from(id).toString("hex")}`;
    const list = `30${length(uri, 2)}${uri}`;
    expect(with_(list)).toBe(id);
    expect(with_(`${list}00`)).toBe("");
    expect(with_(`${list}${list}`)).toBe("");
    expect(with_(`31${list.slice(2)}`)).toBe("");
    expect(with_(`3081${list.slice(2)}`)).toBe("");
    expect(with_(`3080${uri}0000`)).toBe("");
    expect(with_(`30${length(uri, 2, -1)}${uri}`)).toBe("");
    expect(with_(`30${length(uri, 2, 1)}${uri}`)).toBe("");
    expect(with_(uri)).toBe("");
    expect(with_(`30${length(uri, 2)}a6${uri.slice(2)}`)).toBe("");
    expect(with_(`0400`)).toBe("");
  });

  test("12: a certificate cut anywhere, or with a byte changed, has the ID or none, and never another", () => {
    const bytes = der(named(`DNS:web.shop.svc,URI:${id}`));
    for (let end = 0; end < bytes.length; end++) expect(read(pem(bytes.subarray(0, end)))).toBe("");
    expect(read(pem(Buffer.concat([bytes, Buffer.from([0])])))).toBe("");
    const at = bytes.indexOf(id);
    const changed = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(changed, ([position, octet]) => {
        const edited = Buffer.from(bytes);
        edited[position] = octet;
        const inside = position >= at && position < at + id.length;
        const expected = inside ? edited.toString("latin1", at, at + id.length) : id;
        expect(["", expected]).toContain(read(pem(edited)));
      }),
      { numRuns: engine === "node" ? 5000 : 100 },
    );
  });

  test("12: any bytes are read to an end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => read(pem(bytes)) === ""),
      { numRuns: engine === "node" ? 5000 : 100 },
    );
  });
});

describe("identity.njs on the cases of certificate.njs", () => {
  // Any URI of at most 1,024 bytes, as certificate.njs has it: the URIs of the cases are no SPIFFE IDs.
  const readUri = nodeEngine((program) => {
    const changes: [string | RegExp, string][] = [
      [/return \/\^spiffe.*;/, "return uri;"],
      ["LONGEST_ID = 2048", "LONGEST_ID = 1024"],
    ];
    for (const [line] of changes) expect(program.split(line)).toHaveLength(2);
    return changes.reduce((text, [line, other]) => text.replace(line, other), program);
  });

  test("12: 2,000 certificates have the one printable URI, 2,000 that are wrong in one place have none", () => {
    const cases = [...fc.sample(good, 2000), ...fc.sample(bad, 2000)];
    const faults = cases.filter(({ der, expected }) => readUri(asPem(der)) !== expected.uri);
    expect(faults.map(({ what }) => what)).toEqual([]);
    expect(cases.filter(({ expected }) => expected.uri !== "").length).toBeGreaterThan(200);
  });

  test("12: 8,000 damaged certificates have what certificate.njs reads, and no ID", () => {
    const cases = fc.sample(broken, 8000).map(asPem);
    const names = namesEngine()(cases);
    expect(cases.filter((text, index) => readUri(text) !== names[index]!.uri)).toEqual([]);
    const peer = nodeEngine();
    expect(cases.filter((text) => peer(text) !== "")).toEqual([]);
  });
});

/** The length of a text (or of hex digits, two a byte) in the shortest form of DER. */
function length(text: string, digits = 1, more = 0): string {
  const bytes = text.length / digits + more;
  const hex = bytes.toString(16).padStart(bytes > 255 ? 4 : 2, "0");
  return bytes < 128 ? hex : `${(0x80 + hex.length / 2).toString(16)}${hex}`;
}

/** GeneralNames with one URI, in hex. */
function generalNames(uri: string): string {
  const name = `86${length(uri)}${Buffer.from(uri).toString("hex")}`;
  return `30${length(name, 2)}${name}`;
}
