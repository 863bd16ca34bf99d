import type { X509Certificate } from "node:crypto";
import { type Extensions, KeyUsage, leafNames, readExtensions } from "./extensions";
import { isFuture, rfc3339 } from "./lifetime";
import { findForbidden } from "./name-constraints";
import { CertificateUsage, extendedKeyUsageIds } from "./profiles";

/** Reason why peers refuse a path, and the certificate that it is about. */
export interface PathFault {
  index: number;
  wrong: string;
  remedy: string;
}

/** Purpose for which peers judge a path. */
export interface PathPurpose {
  /** Role of the leaf at the beginning. @default the path begins with an authority, which is to issue for one of the roles */
  usage?: CertificateUsage;
  /** Time at which the path has to be valid, in milliseconds since 1970. */
  now: number;
}

/** A certificate of a path. */
interface Link extends Extensions {
  certificate: X509Certificate;
}

/**
 * Returns the first reason why a peer that trusts the root refuses the path; undefined where it accepts it.
 *
 * The rules are those of RFC 5280 §6.1 as OpenSSL applies them (`openssl verify` with a purpose, security level 2). Signatures and order are checked before.
 *
 * @param path the certificates, each followed by its issuer; the last is the root
 */
export function findPathFault(path: readonly X509Certificate[], { usage, now }: PathPurpose): PathFault | undefined {
  const links: Link[] = [];
  for (const [index, certificate] of path.entries()) {
    const extensions = readExtensions(certificate);
    if (extensions === undefined)
      return { index, wrong: "has an extension that cannot be read", remedy: "have it signed again" };
    links.push({ certificate, ...extensions });
  }
  const leaves = usage === undefined ? 0 : 1;
  return (
    first(links, (link) => timeFault(link, now)) ??
    first(links, (link, index) => contentFault(link, index === links.length - 1)) ??
    first(links, (link, index) => (index < leaves ? undefined : authorityFault(link, links.slice(leaves, index)))) ??
    usageFault(links, usage) ??
    constraintFault(links, leaves)
  );
}

/** A fault without the certificate that it is about. */
type Fault = Omit<PathFault, "index">;

function first(links: Link[], rule: (link: Link, index: number) => Fault | undefined): PathFault | undefined {
  for (const [index, link] of links.entries()) {
    const fault = rule(link, index);
    if (fault) return { index, ...fault };
  }
  return undefined;
}

function timeFault({ certificate: { validFrom, validTo } }: Link, now: number): Fault | undefined {
  if (Date.parse(validTo) <= now) return { wrong: `expired at ${rfc3339(validTo)}`, remedy: "have it renewed" };
  if (isFuture(validFrom, now))
    return {
      wrong: `is not valid before ${rfc3339(validFrom)}`,
      remedy: "wait until then, or compare the clock of this machine with that of its issuer",
    };
  return undefined;
}

/** Peers check no signature of a root: they trust its key. */
function contentFault(link: Link, root: boolean): Fault | undefined {
  const { certificate, weakSignature, unknownCritical } = link;
  if (link.selfIssued && !link.hasIssuerKey && !root)
    return {
      wrong: "has the name of its issuer and no authorityKeyIdentifier, so OpenSSL takes it for a root",
      remedy: "have it signed with another subject, or with authorityKeyIdentifier",
    };
  if (unknownCritical.length > 0)
    return {
      wrong: `has the critical extension ${unknownCritical[0]}, which OpenSSL does not know`,
      remedy: "have it signed without that extension, or with it not critical",
    };
  if (weakSignature && !root)
    return { wrong: "has a signature with MD5 or SHA-1", remedy: "have it signed again, with SHA-256" };
  const { modulusLength } = certificate.publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < 2048)
    return {
      wrong: `has a key of ${modulusLength} bits`,
      remedy: "have it made again with a key of 2048 bits or more",
    };
  return undefined;
}

function authorityFault(link: Link, below: Link[]): Fault | undefined {
  const { certificate, pathLength } = link;
  // OpenSSL takes a self-signed certificate of version 1 for an authority.
  if (!certificate.ca && !(link.version === 1 && link.selfIssued))
    return {
      wrong: "is not that of an authority",
      remedy: "have it signed with basicConstraints CA:TRUE and keyUsage keyCertSign",
    };
  const levels = below.filter(({ selfIssued }) => !selfIssued).length;
  if (pathLength !== undefined && levels > pathLength)
    return {
      wrong: `allows ${pathLength} authorities below it (pathLenConstraint), and there are ${levels}`,
      remedy: "have it signed with a larger pathlen, or issue from an authority nearer to the root",
    };
  return undefined;
}

/** Every certificate of a path that has extKeyUsage has to allow the use, the root included. */
function usageFault(links: Link[], usage: CertificateUsage | undefined): PathFault | undefined {
  const roles = usage === undefined ? [CertificateUsage.server, CertificateUsage.client] : [usage];
  const faults = roles.map((role) =>
    first(links, (link, index) => (allows(link, role, index === 0 && usage !== undefined) ? undefined : notFor(role))),
  );
  return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
}

function allows({ extendedKeyUsages, keyUsage }: Link, role: CertificateUsage, leaf: boolean): boolean {
  if (extendedKeyUsages && !extendedKeyUsageIds[role].every((id) => extendedKeyUsages.includes(id))) return false;
  if (!leaf || keyUsage === undefined) return true;
  const { digitalSignature, keyAgreement, keyEncipherment } = KeyUsage;
  return (keyUsage & (digitalSignature | keyAgreement | (role === "server" ? keyEncipherment : 0))) !== 0;
}

const notFor = (role: CertificateUsage): Fault => ({
  wrong: `is not for usage ${role}`,
  remedy:
    role === CertificateUsage.serverAndClient
      ? "have it signed with extendedKeyUsage serverAuth and clientAuth, or without any"
      : `have it signed with extendedKeyUsage ${role}Auth, or without any, and a leaf with keyUsage digitalSignature`,
});

/** Constraints of an authority concern every certificate below it but self-issued authorities. */
function constraintFault(links: Link[], leaves: number): PathFault | undefined {
  return first(links, (link, index) => {
    if (index >= leaves && link.selfIssued) return undefined;
    const names = index < leaves ? leafNames(link.names) : link.names;
    const forbidden = links
      .slice(index + 1)
      .map(({ nameConstraints }) => nameConstraints && findForbidden(nameConstraints, names))
      .find((name) => name !== undefined);
    return forbidden === undefined
      ? undefined
      : {
          wrong: `has the ${forbidden}, which the name constraints of an authority above it do not allow`,
          remedy: "have it signed with a name that they allow, or by another authority",
        };
  });
}
