import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { missingPrograms } from "../../../loopback/missing";
import { OpenSsl } from "../../dataplane/openssl";
import { bad, broken, type Case, good, type kinds, nothing, pem, wrongs } from "./certificate-cases";
import { type Names, nodeEngine, quickJsEngine, type Reader } from "./certificate-engines";

const missing = missingPrograms("openssl");
const testWithOpenSsl = missing ? test.skip : test;
const title = missing ? ` (${missing})` : "";
x509.cryptoProvider.set(webcrypto as never);

const read = nodeEngine();
const counts = { good: 2000, bad: 2000, broken: 8000 };
const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number) => fc.sample(arbitrary, count);

/** The names of a certificate as another reader has them, by their kind; undefined where it cannot read the certificate. */
type Oracle = (der: Buffer) => { kind: keyof typeof kinds; text: string }[] | undefined;

/** OpenSSL, as Node prints what it finds. */
const openssl: Oracle = (der) => {
  let printed: string;
  try {
    printed = new X509Certificate(der).subjectAltName ?? "";
  } catch {
    return undefined;
  }
  const words: Record<string, keyof typeof kinds> = { DNS: "dnsName", URI: "uri", email: "emailAddress" };
  return [...printed.matchAll(/(?:^|, )(\w[\w ]*):("(?:[^"\\]|\\.)*"|.*?(?=, \w[\w ]*:|$))/gs)].flatMap(
    ([, word, value]) => {
      const kind = words[word!];
      return kind ? [{ kind, text: value!.startsWith('"') ? JSON.parse(value!) : value! }] : [];
    },
  );
};

/** A library in JavaScript. */
const peculiar: Oracle = (der) => {
  const words: Record<string, keyof typeof kinds> = { dns: "dnsName", url: "uri", email: "emailAddress" };
  try {
    const { extensions } = new x509.X509Certificate(der);
    const lists = extensions.filter(({ type }) => type === "2.5.29.17");
    return lists.flatMap(({ rawData }) =>
      new x509.SubjectAlternativeNameExtension(rawData).names.items.flatMap(({ type, value }) =>
        words[type] ? [{ kind: words[type]!, text: value }] : [],
      ),
    );
  } catch {
    return undefined;
  }
};

/** The names of which the oracle has one of their kind, in printable ASCII. */
function only(found: ReturnType<Oracle>): Partial<Names> {
  const one = (kind: keyof typeof kinds) => {
    const own = (found ?? []).filter((name) => name.kind === kind);
    return own.length === 1 && /^[!-~]{1,1024}$/.test(own[0]!.text) ? own[0]!.text : "";
  };
  return { dnsName: one("dnsName"), uri: one("uri"), emailAddress: one("emailAddress") };
}

const faultsOf = (reader: Reader, cases: Case[]) => {
  const found = reader(cases.map(({ der }) => pem(der)));
  return cases
    .map(({ what, der, expected }, index) => ({ what, der: der.toString("base64"), expected, found: found[index]! }))
    .filter((one) => JSON.stringify(one.found) !== JSON.stringify(one.expected));
};

describe("the reader of alternative names", () => {
  const whole = sample(good, counts.good);
  const wrong = sample(bad, counts.bad);
  const damaged = sample(broken, counts.broken);

  test(`${counts.good} certificates: it returns the only printable name of each kind, as two other readers do`, () => {
    expect(faultsOf(read, whole).slice(0, 3)).toEqual([]);
    // So many that have a name, and so many that have none.
    expect(whole.filter(({ expected }) => expected.uri !== "").length).toBeGreaterThan(counts.good / 10);
    expect(whole.filter(({ expected }) => JSON.stringify(expected) === JSON.stringify(nothing)).length).toBeGreaterThan(
      counts.good / 10,
    );
    for (const [oracle, cases] of [[openssl, whole] as const, [peculiar, whole.slice(0, 500)] as const]) {
      const different = cases.filter(
        ({ der, expected }) => JSON.stringify({ ...only(oracle(der)), warned: false }) !== JSON.stringify(expected),
      );
      expect(different.map(({ der }) => der.toString("base64"))).toEqual([]);
    }
  });

  test(`${counts.bad} with one fault: it returns no name`, () => {
    expect(faultsOf(read, wrong).slice(0, 3)).toEqual([]);
    expect(new Set(wrong.map(({ what }) => what)).size).toBe(wrongs.length);
  });

  test(`${counts.broken} with changed, missing or extra bytes: two other readers return the same names, if they can read the certificate`, () => {
    const kindsOf = (names: Names) =>
      (["dnsName", "uri", "emailAddress"] as const).filter((kind) => names[kind] !== "");
    const found = read(damaged.map(pem));
    expect(found.filter((names) => kindsOf(names).length > 0).length).toBeGreaterThan(counts.broken / 20);
    expect(found.filter(({ warned }) => warned).length).toBeGreaterThan(counts.broken / 10);
    for (const oracle of [openssl, peculiar]) {
      let both = 0;
      const invented = damaged.filter((der, index) => {
        const named = kindsOf(found[index]!);
        const others = named.length > 0 ? oracle(der) : undefined;
        if (others) both++;
        return others && named.some((kind) => only(others)[kind] !== found[index]![kind]);
      });
      // NGINX gives none to the program that OpenSSL cannot read.
      expect(both).toBeGreaterThan(counts.broken / 25);
      expect(invented.map((der) => der.toString("base64"))).toEqual([]);
    }
  });

  test("QuickJS gives the same results", async () => {
    const quickJs = await quickJsEngine();
    const cases = [...whole.slice(0, 300), ...wrong.slice(0, 300)];
    expect(faultsOf(quickJs, cases).slice(0, 3)).toEqual([]);
    const some = damaged.slice(0, 1000).map(pem);
    expect(quickJs(some)).toEqual(read(some));
  });

  test("a truncated certificate has no name", () => {
    const der = whole.find(({ expected }) => expected.uri !== "" && expected.dnsName !== "")!.der;
    const cut = Array.from(der, (_, end) => pem(der.subarray(0, end)));
    const names = new Set(
      read(cut)
        .slice(1)
        .map((one) => JSON.stringify(one)),
    );
    expect(names).toEqual(new Set([JSON.stringify({ ...nothing, warned: true })]));
  });

  test.each([
    ["a missing certificate", undefined, false],
    ["an empty text", "", false],
    ["PEM without contents", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", true],
    ["another kind of PEM", pem(whole[0]!.der).replace(/CERTIFICATE/g, "X509 CRL"), true],
    ["PEM without its last line", pem(whole[0]!.der).replace(/-----END.*/, ""), true],
    ["PEM that is not base64", "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n", true],
  ])("%s has no name", async (_what, text, warned) => {
    expect(read([text])).toEqual([{ ...nothing, warned }]);
    expect((await quickJsEngine())([text])).toEqual([{ ...nothing, warned }]);
  });

  test("certificates that another library signs have their names", async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const kind = fc.constantFrom("dns" as const, "url" as const, "email" as const);
    const value = fc.stringMatching(/^[!-~]{1,40}$/);
    const lists = sample(fc.array(fc.record({ type: kind, value }), { minLength: 1, maxLength: 4 }), 100);
    const cases: Case[] = [];
    for (const list of lists) {
      const made = await x509.X509CertificateGenerator.createSelfSigned({
        keys,
        signingAlgorithm: algorithm,
        name: "CN=device",
        extensions: [
          new x509.BasicConstraintsExtension(false),
          new x509.SubjectAlternativeNameExtension(list),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
        ],
      });
      const one = (type: string) => {
        const own = list.filter((name) => name.type === type);
        return own.length === 1 ? own[0]!.value : "";
      };
      const expected = { dnsName: one("dns"), uri: one("url"), emailAddress: one("email"), warned: false };
      cases.push({ what: JSON.stringify(list), der: Buffer.from(made.rawData), expected });
    }
    expect(faultsOf(read, cases)).toEqual([]);
  });

  testWithOpenSsl(`certificates that openssl makes, with each kind of key, have their names${title}`, () => {
    const tool = new OpenSsl();
    try {
      const all = "DNS:a.example.com,URI:spiffe://example.com/a,email:a@example.com,IP:192.0.2.1,RID:1.2.3.4";
      const expected = {
        dnsName: "a.example.com",
        uri: "spiffe://example.com/a",
        emailAddress: "a@example.com",
        warned: false,
      };
      const many = Array.from({ length: 3000 }, (_, index) => `DNS:name-${index}.example.com`).join();
      const lists: [string[], Names][] = [
        [[], nothing],
        [["keyUsage=digitalSignature"], nothing],
        [[`subjectAltName=${all}`], expected],
        [[`subjectAltName=critical,${all}`, "basicConstraints=CA:FALSE"], expected],
        [[`subjectAltName=${all},DNS:b.example.com`], { ...expected, dnsName: "" }],
        [[`subjectAltName=${many},URI:urn:a`], { ...nothing, uri: "urn:a" }],
        [[`issuerAltName=DER:${Buffer.from("3003820161", "hex").toString("hex")}`], nothing],
        [
          ["subjectAltName=otherName:1.2.3.4;UTF8:a.example.com,dirName:section", "[section]", "CN=a.example.com"],
          nothing,
        ],
      ];
      const keys = [
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        ["-algorithm", "ED25519"],
      ];
      for (const words of keys) {
        const key = tool.file(tool.run(["genpkey", ...words]));
        const request = tool.run(["req", "-new", "-key", key, "-subj", "/O=Example/CN=a.example.com"]);
        for (const [extensions, names] of lists) {
          const file = extensions.length > 0 ? ["-extfile", tool.file(extensions.join("\n"))] : [];
          const made = tool.run(["x509", "-req", "-signkey", key, "-days", "1", ...file], request);
          expect([words[1], extensions.join().slice(0, 80), read([made])[0]]).toEqual([
            words[1],
            extensions.join().slice(0, 80),
            names,
          ]);
        }
      }
    } finally {
      tool.remove();
    }
  });

  // Each line of these is one that the program would work without, for an authority that means well.
  test.each([
    ["the shortest form of lengths", "length < 0x80 || length < Math.pow(256, count - 1)", "false"],
    ["the end of the enclosing element", "!(at + length <= end)", "false"],
    ["the tags of elements", "element.tag !== tags[index]", "false"],
    ["elements after the extensions", "FIELDS.concat(unique, [EXTENSIONS])", "fields.map((field) => field.tag)"],
    ["the number of elements", "found.length !== tags.length ||", ""],
    ["the version", "!holds(bytes, fields[0], VERSION_3)", "false"],
    [
      "the order of optional elements",
      "unique = [ISSUER_UNIQUE_ID, SUBJECT_UNIQUE_ID].filter((tag) => optional.indexOf(tag) >= 0)",
      "unique = optional",
    ],
    ["certificates without extensions", "field.tag !== EXTENSIONS", "false"],
    ["the whole identifier", "element.end - element.start === octets.length", "true"],
    ["a second list", "values.length > 1", "false"],
    ["names of unknown kinds", "names.some((name)", "[].some((name)"],
    ["a second name", "names.length !== 1 ||", "names.length < 1 ||"],
    ["the length of a name", "names[0].end - names[0].start > longest", "false"],
    ["characters that are not printable", "bytes[at] < 0x21 || bytes[at] > 0x7e", "false"],
    ["spaces", "bytes[at] < 0x21", "bytes[at] < 0x20"],
    ["DEL", "bytes[at] > 0x7e", "bytes[at] > 0x7f"],
    ["the kind of a name", "name.tag === kind", "true"],
  ])("the cases find a program that does not check %s", (_what, line, wrongLine) => {
    const changed = nodeEngine((program) => {
      expect(program.split(line).length).toBe(2);
      return program.replace(line, () => wrongLine);
    });
    expect(faultsOf(changed, [...whole.slice(0, 800), ...wrong.slice(0, 800)]).length).toBeGreaterThan(0);
  });
});
