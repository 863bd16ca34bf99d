import { webcrypto } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import * as asn1 from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import type { CertificateUsage } from "../../components/pki";

/** A chain as an authority elsewhere may sign it, PEM, and the ways in which it was spoiled. */
export interface GeneratedChain {
  usage: CertificateUsage;
  /** The leaf and its intermediates, each followed by its issuer. */
  chain: string[];
  root: string;
  /** A leaf without any name, for the server and for the client, that the issuing authority signed: what it issues serves as far as the authority does. */
  plainLeaf: string;
  faults: string[];
}

interface Spec {
  subject: string;
  hours: [from: number, to: number];
  keys: webcrypto.CryptoKeyPair;
  extensions: x509.Extension[];
  /** The certificate names its key and that of its issuer. */
  keyIdentifiers?: boolean;
  sha1?: boolean;
  /** The certificate is signed by another key than its issuer's. */
  forged?: boolean;
}

const day = 24;
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";
const { KeyUsageFlags } = x509;
const authorityUse = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;

/** Numbers of a seed (mulberry32): the same chains in every run, but for their times and keys. */
export function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const ec = { name: "ECDSA", namedCurve: "P-256" };
const rsa = (modulusLength: number) => ({
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const makeKeys = (algorithm: typeof ec | ReturnType<typeof rsa>) =>
  webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;

/** Keys that all chains share: making them is what costs. */
export async function makeKeyPool() {
  return {
    ec: await Promise.all(Array.from({ length: 8 }, () => makeKeys(ec))),
    rsa: await makeKeys(rsa(2048)),
    small: await makeKeys(rsa(1024)),
  };
}

type KeyPool = Awaited<ReturnType<typeof makeKeyPool>>;

/** A form of name constraint, what it allows or excludes, and names that are on both sides of it. */
const constraints = {
  dns: ["example.com", "sub.example.com", ".example.com", "other.org"].map((dNSName) => ({ dNSName })),
  ip: ["192.0.2.0/24", "10.0.0.0/8", "2001:db8::/32"].map((iPAddress) => ({ iPAddress })),
  uri: ["example.com", ".example.com"].map((uniformResourceIdentifier) => ({ uniformResourceIdentifier })),
  directory: ["O=Example", "O=Other", "O=Example, CN=leaf"].map((text) => ({ directoryName: nameOf(text) })),
};

function nameOf(text: string): asn1.Name {
  return AsnConvert.parse(new x509.Name(text).toArrayBuffer(), asn1.Name);
}

function nameConstraints(form: keyof typeof constraints, excluded: boolean, choose: Choose): x509.Extension {
  const base = new asn1.GeneralName(choose<object>(constraints[form]));
  const trees = new asn1.GeneralSubtrees([new asn1.GeneralSubtree({ base })]);
  const value = new asn1.NameConstraints(excluded ? { excludedSubtrees: trees } : { permittedSubtrees: trees });
  return new x509.Extension(asn1.id_ce_nameConstraints, true, AsnConvert.serialize(value));
}

type Choose = <T>(values: readonly T[]) => T;

/** Ways to spoil a certificate; some leave the chain good. An index of 0 is the leaf, the last one the root. */
const spoilers: Record<string, (spec: Spec, index: number, choose: Choose, keys: KeyPool) => void> = {
  expired: (spec) => {
    spec.hours = [-30 * day, -day];
  },
  early: (spec) => {
    spec.hours = [day, 300 * day];
  },
  pathLength: (spec, index, choose) => {
    if (index > 0) replace(spec, new x509.BasicConstraintsExtension(true, choose([0, 1, 2]), true));
  },
  noAuthority: (spec) => replace(spec, new x509.BasicConstraintsExtension(false, undefined, true)),
  noBasicConstraints: (spec, index) => {
    if (index > 0) remove(spec, asn1.id_ce_basicConstraints);
  },
  keyUsage: (spec, _, choose) =>
    replace(
      spec,
      new x509.KeyUsagesExtension(
        choose([KeyUsageFlags.cRLSign, KeyUsageFlags.keyEncipherment, KeyUsageFlags.digitalSignature, authorityUse]),
        true,
      ),
    ),
  noKeyUsage: (spec) => remove(spec, asn1.id_ce_keyUsage),
  extendedKeyUsage: (spec, _, choose) =>
    replace(
      spec,
      new x509.ExtendedKeyUsageExtension(
        choose([[serverAuth], [clientAuth], [serverAuth, clientAuth], ["2.5.29.37.0"], ["1.3.6.1.5.5.7.3.4"]]),
      ),
    ),
  noExtendedKeyUsage: (spec) => remove(spec, asn1.id_ce_extKeyUsage),
  ...Object.fromEntries(
    (Object.keys(constraints) as (keyof typeof constraints)[]).flatMap((form) =>
      [false, true].map((excluded) => [
        `${form}${excluded ? "Excluded" : "Permitted"}`,
        (spec: Spec, index: number, choose: Choose) => {
          if (index > 0) replace(spec, nameConstraints(form, excluded, choose));
        },
      ]),
    ),
  ),
  critical: (spec) =>
    void spec.extensions.push(new x509.Extension("1.3.6.1.4.1.55555.1", true, new Uint8Array([5, 0]))),
  knownCritical: (spec) =>
    void spec.extensions.push(new x509.CertificatePolicyExtension(["1.3.6.1.4.1.55555.2"], true)),
  sha1: (spec) => {
    spec.sha1 = true;
  },
  smallKey: (spec, _, __, keys) => {
    spec.keys = keys.small;
  },
  rsaKey: (spec, _, __, keys) => {
    spec.keys = keys.rsa;
  },
  forged: (spec, index) => {
    spec.forged = index > 0;
  },
};

function remove(spec: Spec, id: string): void {
  spec.extensions = spec.extensions.filter(({ type }) => type !== id);
}

function replace(spec: Spec, extension: x509.Extension): void {
  remove(spec, extension.type);
  spec.extensions.push(extension);
}

/** The names of every way. */
export const spoilerNames = Object.keys(spoilers);

/** Makes a chain, spoiled in up to three ways. */
export async function generateChain(numbers: (below: number) => number, keys: KeyPool): Promise<GeneratedChain> {
  const choose: Choose = (values) => values[numbers(values.length)]!;
  const usage = choose(["server", "client", "serverAndClient"] as const);
  const intermediates = choose([0, 1, 1, 2, 3]);
  const selfIssued = intermediates > 1 && numbers(4) === 0;
  const specs: Spec[] = [leafSpec(usage, keys, choose)];
  for (let index = 1; index <= intermediates + 1; index++)
    specs.push(authoritySpec(`Authority ${index}`, keys.ec[index]!));
  // A self-issued intermediate: a certificate of the authority above it for its next key.
  if (selfIssued) specs[1]!.subject = specs[2]!.subject;
  const keyIdentifiers = numbers(3) > 0;
  for (const spec of specs) spec.keyIdentifiers = keyIdentifiers;
  const faults = new Set(Array.from({ length: choose([0, 1, 1, 1, 2, 3]) }, () => choose(spoilerNames)));
  for (const fault of faults) {
    const index = numbers(specs.length);
    spoilers[fault]!(specs[index]!, index, choose, keys);
  }
  // Peers check no signature of a root, and components refuse one that did not sign itself.
  specs[specs.length - 1]!.forged = false;
  const pems: string[] = [];
  for (const [index, spec] of specs.entries()) pems.push(await sign(spec, specs[index + 1] ?? spec, keys));
  const plain = leafSpec("serverAndClient", keys, choose);
  const plainLeaf = await sign(
    { ...plain, subject: "", extensions: plain.extensions.filter(({ type }) => type !== asn1.id_ce_subjectAltName) },
    specs[1]!,
    keys,
  );
  return { usage, chain: pems.slice(0, -1), root: pems[pems.length - 1]!, plainLeaf, faults: [...faults] };
}

function authoritySpec(commonName: string, keys: webcrypto.CryptoKeyPair): Spec {
  return {
    subject: `O=Example, CN=${commonName}`,
    hours: [-day, 300 * day],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(authorityUse, true),
    ],
  };
}

function leafSpec(usage: CertificateUsage, keys: KeyPool, choose: Choose): Spec {
  const uses = { server: [serverAuth], client: [clientAuth], serverAndClient: [serverAuth, clientAuth] }[usage];
  const names: x509.JsonGeneralName[] = [
    ...choose<x509.JsonGeneralName[]>([
      [{ type: "dns", value: "a.sub.example.com" }],
      [{ type: "dns", value: "EXAMPLE.com" }],
      [{ type: "dns", value: "*.other.org" }],
      [],
    ]),
    ...choose<x509.JsonGeneralName[]>([
      [{ type: "ip", value: "192.0.2.7" }],
      [{ type: "ip", value: "2001:db8::7" }],
      [],
    ]),
    ...choose<x509.JsonGeneralName[]>([[{ type: "url", value: "spiffe://example.com/a" }], []]),
    ...choose<x509.JsonGeneralName[]>([[{ type: "url", value: "https://x.example.com:443/a" }], [], []]),
  ];
  return {
    subject: choose(["O=Example, CN=leaf", "CN=leaf", "O=example, CN=host.other.org", "O=Other, CN=a.sub.example.com"]),
    hours: [-day, 60 * day],
    keys: keys.ec[0]!,
    extensions: [
      new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(uses),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  };
}

let serial = 1;

async function sign(spec: Spec, issuer: Spec, keys: KeyPool): Promise<string> {
  const signer = spec.forged ? keys.ec[7]! : issuer.keys;
  const time = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (++serial).toString(16).padStart(8, "01"),
    subject: spec.subject,
    issuer: issuer.subject,
    notBefore: time(spec.hours[0]),
    notAfter: time(spec.hours[1]),
    publicKey: spec.keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: { name: signer.privateKey.algorithm.name, hash: spec.sha1 ? "SHA-1" : "SHA-256" },
    extensions: spec.keyIdentifiers
      ? [
          ...spec.extensions,
          await x509.SubjectKeyIdentifierExtension.create(spec.keys.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
        ]
      : spec.extensions,
  });
  return `${certificate.toString("pem")}\n`;
}
