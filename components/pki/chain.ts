import type { X509Certificate } from "node:crypto";
import type { Refuser } from "../foundation";
import { readExtensions } from "./extensions";
import { isFuture } from "./lifetime";
import { findPathFault, type PathPurpose } from "./path";
import { readCertificates } from "./pem";

/** Returns whether a certificate is a root: it says that it issued itself, and its key agrees. */
export function isRoot(certificate: X509Certificate): boolean {
  return isIssuer(certificate, certificate);
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Reads certificates that peers are to trust: authorities, each up to a root that is valid now. */
export function readTrusted(refuse: Refuser, property: string, pem: string, now = Date.now()): X509Certificate[] {
  const certificates = readCertificates(refuse, property, pem);
  const roots = certificates.filter(isRoot);
  if (!certificates.every((certificate) => isAuthority(certificate)))
    refuse(
      property,
      "has a certificate that is no authority",
      "write the certificates of the authorities, not those that they have issued",
    );
  if (roots.length === 0)
    refuse(property, "has no root in it", "add the root: NGINX accepts no chain that ends before it");
  if (!certificates.every((certificate) => reachesRoot(certificate, certificates)))
    refuse(
      property,
      "has an intermediate without its root",
      "add that root: NGINX accepts no chain that ends before it",
    );
  if (roots.every(({ validTo }) => Date.parse(validTo) <= now))
    refuse(property, "has only roots that have expired", "write the present root");
  if (roots.every(({ validFrom }) => isFuture(validFrom, now)))
    refuse(property, "has only roots that are not valid yet", "write the present root, and the next one beside it");
  return certificates;
}

/** OpenSSL takes a self-signed certificate of version 1 for an authority: such roots are still in use. */
const isAuthority = (certificate: X509Certificate) =>
  certificate.ca || (isRoot(certificate) && readExtensions(certificate)?.version === 1);

/** Returns whether a certificate has a root among others; a cross-signed copy of a root is that root. */
function reachesRoot(certificate: X509Certificate, others: X509Certificate[]): boolean {
  const { subject, publicKey } = certificate;
  if (others.some((other) => other.subject === subject && other.publicKey.equals(publicKey) && isRoot(other)))
    return true;
  const rest = others.filter((other) => other !== certificate);
  return rest.some((other) => isIssuer(other, certificate) && reachesRoot(other, rest));
}

/** Reads roots that peers are to trust. */
export function readRoots(refuse: Refuser, property: string, pem: string): X509Certificate[] {
  const roots = readCertificates(refuse, property, pem);
  if (!roots.every(isRoot))
    refuse(property, "has a certificate that is not a root", "write self-signed roots only: OpenSSL trusts no other");
  return readTrusted(refuse, property, pem);
}

/** Checks that each certificate is signed by the next, the last by one of `roots`, and that peers which trust these accept the chain for its purpose. */
export function checkChain(
  refuse: Refuser,
  property: string,
  chain: X509Certificate[],
  rootsProperty: string,
  roots: X509Certificate[],
  purpose: PathPurpose,
): void {
  if (!roots.some(isRoot))
    refuse(rootsProperty, "has no root in it", "write the self-signed root: OpenSSL trusts no other");
  chain.forEach((certificate, index) => {
    const position = `certificate ${index + 1} of ${chain.length}`;
    if (isRoot(certificate))
      refuse(
        property,
        `has a root as ${position}`,
        `write it in ${rootsProperty}: a peer trusts no root because it was sent`,
      );
    if (index > 0 && !certificate.ca)
      refuse(
        property,
        `has no authority as ${position}`,
        "write the certificate first, then the authority that signed it",
      );
    const next = chain[index + 1];
    if (next !== undefined && !isIssuer(next, certificate))
      refuse(
        property,
        `is out of order: ${position} is not signed by the one after it`,
        "write the certificate first, then each one's issuer",
      );
    if (next === undefined && !roots.some((root) => isRoot(root) && isIssuer(root, certificate)))
      refuse(
        property,
        `ends in a certificate that ${rootsProperty} has no issuer of`,
        "add the intermediates that are missing, or the right root",
      );
  });
  const last = chain[chain.length - 1];
  const issuers = last === undefined ? roots : roots.filter((root) => isRoot(root) && isIssuer(root, last));
  const faults = issuers.map((root) => findPathFault([...chain, root], purpose));
  const [fault] = faults;
  if (fault === undefined || faults.includes(undefined)) return;
  const { index, wrong, remedy } = fault;
  if (index === chain.length) refuse(rootsProperty, `has a root that ${wrong}`, remedy);
  refuse(property, `has certificate ${index + 1} of ${chain.length}, which ${wrong}`, remedy);
}
