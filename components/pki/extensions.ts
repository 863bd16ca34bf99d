import type { X509Certificate } from "node:crypto";
import type * as asn1Schema from "@peculiar/asn1-schema";
import type * as asn1X509 from "@peculiar/asn1-x509";
import type { NameConstraints, Names } from "./name-constraints";

/** Contents of a certificate that decide whether peers accept a chain with it, beyond those that Node.js reads. */
export interface Extensions {
  /** Version of the certificate: 1 has no extensions. */
  version: number;
  /** `true`: subject and issuer are the same. */
  selfIssued: boolean;
  /** `true`: the certificate names the key of its issuer. */
  hasIssuerKey: boolean;
  /** Maximum number of authorities between this one and a leaf. */
  pathLength?: number;
  /** Bits of keyUsage as `KeyUsage` has them; undefined where there is none, for every use. */
  keyUsage?: number;
  /** OIDs of extKeyUsage; undefined where there is none, for every use. */
  extendedKeyUsages?: string[];
  nameConstraints?: NameConstraints;
  /** Subject, alternative names, and e-mail addresses of the subject. */
  names: Names;
  /** OIDs of critical extensions that OpenSSL does not know: a peer refuses the certificate. */
  unknownCritical: string[];
  /** `true`: the signature has MD5 or SHA-1, which peers do not accept (security level 2 of OpenSSL). */
  weakSignature: boolean;
}

/** Bits of the extension keyUsage, RFC 5280 §4.2.1.3. */
export const KeyUsage = { digitalSignature: 1, keyEncipherment: 4, keyAgreement: 16, keyCertSign: 32, cRLSign: 64 };

/** Critical extensions that OpenSSL handles (`X509_supported_extension`): Netscape's, of PKIX, policies, resources, proxies. */
const knownCritical = new Set(
  `2.16.840.1.113730.1.1 2.5.29.15 2.5.29.17 2.5.29.19 2.5.29.32 2.5.29.31 2.5.29.37 1.3.6.1.5.5.7.1.7 1.3.6.1.5.5.7.1.8
  1.3.6.1.5.5.7.48.1.5 2.5.29.36 1.3.6.1.5.5.7.1.14 2.5.29.30 2.5.29.33 2.5.29.54`.split(/\s+/),
);

/** MD2, MD4, MD5 and SHA-1 with RSA, DSA with SHA-1, ECDSA with SHA-1. */
const weakSignatures = new Set(
  `1.2.840.113549.1.1.2 1.2.840.113549.1.1.3 1.2.840.113549.1.1.4 1.2.840.113549.1.1.5 1.2.840.10040.4.3
  1.2.840.10045.4.1`.split(/\s+/),
);
const rsaPss = "1.2.840.113549.1.1.10";
/** Beginning of the DER of an OID of the SHA-2 or SHA-3 family (2.16.840.1.101.3.4.2); RSASSA-PSS without one of them has SHA-1. */
const strongHash = "6086480165030402";

/** Reads a certificate; undefined where its DER is not that of RFC 5280. */
export function readExtensions(certificate: X509Certificate): Extensions | undefined {
  try {
    return readDer(certificate.raw);
  } catch {
    return undefined;
  }
}

function readDer(raw: Buffer): Extensions {
  // Loaded here: a program without certificates from elsewhere does not pay for the library.
  const { AsnConvert } = require("@peculiar/asn1-schema") as typeof asn1Schema;
  const x509 = require("@peculiar/asn1-x509") as typeof asn1X509;
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(raw, x509.Certificate);
  const extensions = tbsCertificate.extensions ?? [];
  const read = <T>(id: string, type: new () => T): T | undefined => {
    const found = extensions.find(({ extnID }) => extnID === id);
    return found && AsnConvert.parse(found.extnValue.buffer, type);
  };
  const [subject, issuer] = [relativeNames(tbsCertificate.subject), relativeNames(tbsCertificate.issuer)];
  const constraints = read(x509.id_ce_nameConstraints, x509.NameConstraints);
  const uses = read(x509.id_ce_extKeyUsage, x509.ExtendedKeyUsage);
  return {
    version: tbsCertificate.version + 1,
    selfIssued: JSON.stringify(subject) === JSON.stringify(issuer),
    hasIssuerKey: read(x509.id_ce_authorityKeyIdentifier, x509.AuthorityKeyIdentifier)?.keyIdentifier !== undefined,
    pathLength: read(x509.id_ce_basicConstraints, x509.BasicConstraints)?.pathLenConstraint,
    keyUsage: read(x509.id_ce_keyUsage, x509.KeyUsage)?.toNumber(),
    extendedKeyUsages: uses && [...uses],
    nameConstraints: constraints && {
      permitted: namesOf((constraints.permittedSubtrees ?? []).map(({ base }) => base)),
      excluded: namesOf((constraints.excludedSubtrees ?? []).map(({ base }) => base)),
    },
    names: withSubject(namesOf(read(x509.id_ce_subjectAltName, x509.SubjectAlternativeName) ?? []), subject),
    unknownCritical: extensions.flatMap(({ extnID, critical }) =>
      critical && !knownCritical.has(extnID) ? [extnID] : [],
    ),
    weakSignature:
      weakSignatures.has(signatureAlgorithm.algorithm) ||
      (signatureAlgorithm.algorithm === rsaPss &&
        !Buffer.from(signatureAlgorithm.parameters ?? new ArrayBuffer(0))
          .toString("hex")
          .includes(strongHash)),
  };
}

function namesOf(names: readonly asn1X509.GeneralName[]): Names {
  return {
    dns: names.flatMap(({ dNSName }) => dNSName ?? []),
    ip: names.flatMap(({ iPAddress }) => iPAddress ?? []),
    uri: names.flatMap(({ uniformResourceIdentifier }) => uniformResourceIdentifier ?? []),
    email: names.flatMap(({ rfc822Name }) => rfc822Name ?? []),
    directory: names.flatMap(({ directoryName }) => (directoryName ? [relativeNames(directoryName)] : [])),
  };
}

const relativeNames = (name: asn1X509.Name): string[] =>
  name.map((relative) =>
    relative
      .map(({ type, value }) => relativeName(type, value.toString()))
      .sort()
      .join("+"),
  );

/** A relative name as OpenSSL compares it: without regard to case and spaces. */
export const relativeName = (oid: string, text: string): string =>
  `${oid}=${text.trim().replace(/\s+/g, " ").toLowerCase()}`;

/** Returns alternative names with those of a subject. */
export function withSubject(names: Names, subject: string[]): Names {
  if (subject.length === 0) return names;
  return {
    ...names,
    email: [...names.email, ...partsOf(subject, "1.2.840.113549.1.9.1")],
    directory: [subject, ...names.directory],
  };
}

/** Returns the names of a leaf: OpenSSL takes a common name that looks like a host for a DNS name where there is no other. */
export function leafNames(names: Names): Names {
  if (names.dns.length > 0) return names;
  const hosts = partsOf(names.directory[0] ?? [], "2.5.4.3").filter((text) => /^[\w-]+(\.[\w-]+)+$/.test(text));
  return { ...names, dns: hosts };
}

const partsOf = (subject: string[], oid: string) =>
  subject.flatMap((relative) => (relative.startsWith(`${oid}=`) ? [relative.slice(oid.length + 1)] : []));
