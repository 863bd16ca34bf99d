import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import type { Names } from "./certificate-engines";

/** A certificate in DER, and the names that the reader must find. */
export interface Case {
  what: string;
  der: Buffer;
  expected: Names;
}

export const kinds = { emailAddress: 0x81, dnsName: 0x82, uri: 0x86 };
export const nothing: Names = { dnsName: "", uri: "", emailAddress: "", warned: false };

/** One alternative name in its encoded form. */
export interface GeneralName {
  tag: number;
  content: Buffer;
}

/** Returns the names that the reader must find among these: the only one of its kind, in printable ASCII, of at most 1,024 bytes. */
export function model(names: GeneralName[]): Names {
  const only = (tag: number) => {
    const own = names.filter((name) => name.tag === tag).map(({ content }) => content.toString("latin1"));
    return own.length === 1 && /^[!-~]{1,1024}$/.test(own[0]!) ? own[0]! : "";
  };
  return { dnsName: only(kinds.dnsName), uri: only(kinds.uri), emailAddress: only(kinds.emailAddress), warned: false };
}

/** Returns an element of DER: the tag, the length in its shortest form, and the content. */
export function tlv(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const digits = length.toString(16);
  const octets = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 + octets.length]), octets]);
}

const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));
const sequence = (...content: Buffer[]) => tlv(0x30, ...content);
const extensionOid = { san: "551d11", issuer: "551d12", keyUsage: "551d0f", constraints: "551d13", ours: "2b06010401" };

const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "der" });
const algorithm = sequence(oid("2a8648ce3d040302"));
const commonName = (text: string) => sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(text)))));
const time = (text: string) => tlv(0x17, Buffer.from(text));
const version = (number: number) => tlv(0xa0, tlv(0x02, Buffer.from([number])));

/** Parts of a certificate; missing ones have correct values. */
interface Parts {
  version?: Buffer[];
  subject?: string;
  unique?: Buffer[];
  extensions?: Buffer[];
  after?: Buffer[];
}

export function certificate({ version: v = [version(2)], subject = "x", unique = [], extensions, after = [] }: Parts) {
  const tbs = sequence(
    ...v,
    tlv(0x02, Buffer.from([0x11])),
    algorithm,
    commonName("authority"),
    sequence(time("250101000000Z"), time("491231235959Z")),
    commonName(subject),
    key,
    ...unique,
    ...(extensions ? [tlv(0xa3, sequence(...extensions))] : []),
    ...after,
  );
  return sequence(tbs, algorithm, tlv(0x03, Buffer.from([0, ...sequence(...[1, 2].map(integer))])));
}
const integer = (number: number) => tlv(0x02, Buffer.from([number]));

const inside = (names: GeneralName[]) => Buffer.concat(names.map(({ tag, content }) => tlv(tag, content)));
const listOf = (names: GeneralName[]) => sequence(inside(names));
const critical = tlv(0x01, Buffer.from([0xff]));
const extension = (id: string, value: Buffer, ...between: Buffer[]) => sequence(oid(id), ...between, tlv(0x04, value));

const nameA = Buffer.from("a.example.com");

/** Faults in the value of the extension: the reader then finds no name. */
const wrongValues: Record<string, (names: GeneralName[]) => Buffer> = {
  "a SET": (names) => tlv(0x31, inside(names)),
  "bytes behind the list": (names) => Buffer.concat([listOf(names), Buffer.from([5, 0])]),
  "two lists in one": (names) => Buffer.concat([listOf(names), listOf(names)]),
  "no list": inside,
  "an indefinite length": (names) => Buffer.concat([Buffer.from([0x30, 0x80]), inside(names), Buffer.from([0, 0])]),
  "a length longer than it need be": (names) => longer(listOf(names)),
  "a name's length longer than it need be": (names) => sequence(inside(names), longer(tlv(0xa0, oid("2a0304")))),
  "a name in pieces": (names) => sequence(inside(names), tlv(0xa2, tlv(0x16, nameA))),
  "a name of no kind": (names) => sequence(inside(names), tlv(0x89, nameA)),
  "a name of a universal tag": (names) => sequence(inside(names), tlv(0x16, nameA)),
  "a name with a tag of two bytes": (names) => sequence(inside(names), tlv(0x9f, Buffer.from([0x22, 0]))),
  "half a name": (names) => Buffer.concat([tlv(0x30, inside(names), Buffer.from([0x88]))]),
  "half a length": (names) => sequence(inside(names), Buffer.from([0x88, 0x82, 0])),
  "a name that ends behind the list": (names) => sequence(inside(names), tlv(0x88, nameA).subarray(0, -1)),
};

/** Faults in the extension. */
const wrongExtensions: Record<string, (list: Buffer) => Buffer[]> = {
  "an extension twice": (list) => [extension(extensionOid.san, list), extension(extensionOid.san, list)],
  "an extension without a value": (list) => [extension(extensionOid.san, list), sequence(oid(extensionOid.san))],
  "another extension without a value": (list) => [extension(extensionOid.san, list), sequence(oid(extensionOid.ours))],
  "a value that is no OCTET STRING": (list) => [sequence(oid(extensionOid.san), list)],
  "a value before its identifier": (list) => [sequence(tlv(0x04, list), oid(extensionOid.san))],
  "two values": (list) => [sequence(oid(extensionOid.san), tlv(0x04, list), tlv(0x04, list))],
  "three marks": (list) => [extension(extensionOid.san, list, critical, critical)],
  "an extension that is no SEQUENCE": (list) => [tlv(0x31, oid(extensionOid.san), tlv(0x04, list))],
};

/** Faults in the certificate around the extension. */
const wrongParts: Record<string, (extensions: Buffer[]) => Buffer> = {
  "version 1": (extensions) => certificate({ version: [version(0)], extensions }),
  "no version": (extensions) => certificate({ version: [], extensions }),
  "version 4": (extensions) => certificate({ version: [version(3)], extensions }),
  "something behind the extensions": (extensions) =>
    certificate({ extensions, after: [tlv(0x82, Buffer.from([0, 1]))] }),
  "extensions twice": (extensions) => certificate({ extensions, after: [tlv(0xa3, sequence(...extensions))] }),
  "unique identifiers the wrong way round": (extensions) =>
    certificate({ unique: [tlv(0x82, Buffer.from([0, 1])), tlv(0x81, Buffer.from([0, 1]))], extensions }),
  "a field too many": (extensions) => certificate({ unique: [sequence()], extensions }),
  "bytes behind the certificate": (extensions) => Buffer.concat([certificate({ extensions }), sequence()]),
  "a certificate in a list": (extensions) => sequence(certificate({ extensions })),
};

/** Returns the same element with one octet more for its length. */
function longer(element: Buffer): Buffer {
  const head = element[1]! < 0x80 ? 2 : 2 + (element[1]! & 0x7f);
  const octets = element[1]! < 0x80 ? [element[1]!] : [...element.subarray(2, head)];
  return Buffer.concat([Buffer.from([element[0]!, 0x80 + octets.length + 1, 0, ...octets]), element.subarray(head)]);
}

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 30 }) },
  { weight: 2, arbitrary: fc.constantFrom(126, 127, 128, 129, 254, 255, 256, 257) },
  { weight: 2, arbitrary: fc.constantFrom(1023, 1024, 1025, 2000) },
);
const octets = fc.oneof(
  { weight: 9, arbitrary: fc.constant([0x21, 0x7e]) },
  { weight: 1, arbitrary: fc.constantFrom([0, 0xff], [0x20, 0x7e], [0x21, 0x7f]) },
);
const contents = fc
  .tuple(sizes, octets)
  .chain(([length, [min, max]]) => fc.uint8Array({ minLength: length, maxLength: length, min, max }))
  .map((bytes) => Buffer.from(bytes));
const otherNames: GeneralName[] = [
  { tag: 0xa0, content: Buffer.concat([oid("2a0304"), tlv(0xa0, tlv(0x0c, Buffer.from("a.example.com")))]) },
  { tag: 0xa4, content: commonName("a.example.com") },
  { tag: 0x87, content: Buffer.from([192, 0, 2, 1]) },
  { tag: 0x88, content: Buffer.from("2a0304", "hex") },
];
const names = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ tag: fc.constantFrom(...Object.values(kinds)), content: contents }) },
    { weight: 1, arbitrary: fc.constantFrom(...otherNames) },
  ),
  { maxLength: 5 },
);

/** Other extensions, some with a list of names that is not the certificate's. */
const decoy = extension("551d11", listOf([{ tag: 0x82, content: Buffer.from("decoy.example.com") }]));
const others = fc.subarray([
  extension(extensionOid.keyUsage, tlv(0x03, Buffer.from([7, 0x80])), critical),
  extension(extensionOid.constraints, sequence()),
  extension(extensionOid.issuer, listOf([{ tag: 0x86, content: Buffer.from("urn:decoy") }])),
  extension(extensionOid.ours, decoy),
  extension("551d1111", decoy),
  extension("551d", decoy),
]);

/** Certificates as an authority makes them, with the names of the model. */
export const good: fc.Arbitrary<Case> = fc
  .record({
    list: names,
    before: others,
    after: others,
    marks: fc.subarray([critical]),
    unique: fc.subarray([tlv(0x81, Buffer.from([0, 1])), tlv(0x82, Buffer.from([0, 2]))]),
    subject: fc.constantFrom("x", "south.example.com", decoy.toString("latin1")),
    has: fc.boolean(),
  })
  .map(({ list, before, after, marks, unique, subject, has }) => {
    const own = list.length > 0 ? [extension(extensionOid.san, listOf(list), ...marks)] : [];
    const rest = after.filter((one) => !before.includes(one));
    const all = [...before, ...own, ...rest];
    const extensions = all.length > 0 && (has || list.length > 0) ? all : undefined;
    return {
      what: `names ${list.map(({ tag }) => tag.toString(16)).join()}`,
      der: certificate({ subject, unique, extensions }),
      expected: model(list),
    };
  });

export const wrongs = [wrongValues, wrongExtensions, wrongParts].flatMap((ways) => Object.keys(ways));

/** Certificates with one fault. */
export const bad: fc.Arbitrary<Case> = fc
  .record({
    list: names.filter(({ length }) => length > 0),
    rest: others,
    what: fc.constantFrom(...wrongs),
  })
  .map(({ list, rest, what }) => {
    const value = (wrongValues[what] ?? listOf)(list);
    const own = (wrongExtensions[what] ?? ((only) => [extension(extensionOid.san, only)]))(value);
    const make = wrongParts[what] ?? ((extensions) => certificate({ extensions }));
    return { what, der: make([...rest, ...own]), expected: { ...nothing, warned: true } };
  });

/** Certificates with names, with changed, missing or extra bytes. */
export const broken: fc.Arbitrary<Buffer> = fc
  .record({
    der: good.filter(({ expected }) => Object.values(expected).some(Boolean)).map((one) => one.der),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    // More often other bytes than fewer or more, after which few lengths are right.
    edit: fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 1 }).map((put) => ({ put, cut: 1 })) },
      { weight: 1, arbitrary: fc.record({ put: fc.uint8Array({ maxLength: 2 }), cut: fc.nat({ max: 2 }) }) },
    ),
  })
  .map(({ der, at, edit }) => {
    // Most of them where the extensions are, which is the last part but for the signature.
    const position = Math.floor(der.length * Math.sqrt(at));
    return Buffer.concat([der.subarray(0, position), edit.put, der.subarray(position + edit.cut)]);
  });

export const pem = (der: Buffer) => {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
};
