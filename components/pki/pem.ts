import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Refuser } from "../foundation";

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Reads the certificates of a PEM text, in their order; refuses a text that has none, or a private key beside them. */
export function readCertificates(refuse: Refuser, property: string, pem: string): X509Certificate[] {
  if (/PRIVATE KEY/.test(pem))
    refuse(property, "has a private key in it", "write certificates only: this text is published");
  const blocks = pem.match(certificateBlock) ?? [];
  if (blocks.length === 0)
    refuse(
      property,
      "has no PEM certificate in it",
      "write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE",
    );
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      return refuse(
        property,
        "has a PEM certificate that cannot be read",
        "write the file's contents unchanged, line breaks included",
      );
    }
  });
}

/** The PEM text of certificates: each ends in a newline, so that another can follow. */
export function printCertificates(certificates: X509Certificate[]): string {
  return certificates.map((certificate) => `${certificate.toString().trimEnd()}\n`).join("");
}

/** Reads a private key in PEM. */
export function readPrivateKey(refuse: Refuser, property: string, pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem))
    refuse(
      property,
      "is an encrypted key",
      "decrypt it, for example with `openssl pkey`, and give it as a Pulumi secret",
    );
  try {
    return createPrivateKey(pem);
  } catch {
    return refuse(
      property,
      "is not a private key in PEM",
      "write the contents of the key file, BEGIN and END lines included",
    );
  }
}

/** Checks the form of a certificate revocation list. */
export function checkCrl(refuse: Refuser, property: string, pem: string): void {
  if (!/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/.test(pem))
    refuse(
      property,
      "has no PEM certificate revocation list in it",
      "write the contents of the file: BEGIN X509 CRL, base64, END X509 CRL",
    );
}

/** Returns whether a certificate is a root: it says that it issued itself, and its key agrees. */
export function isRoot(certificate: X509Certificate): boolean {
  return isIssuer(certificate, certificate);
}

/** Reads certificates that peers are to trust. */
export function readRoots(refuse: Refuser, property: string, pem: string): string {
  const roots = readCertificates(refuse, property, pem);
  if (!roots.every(isRoot))
    refuse(property, "has a certificate that is not a root", "write self-signed roots only: OpenSSL trusts no other");
  return printCertificates(roots);
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Checks that each certificate is signed by the next, and the last by one of `roots`. */
export function checkChain(
  refuse: Refuser,
  property: string,
  chain: X509Certificate[],
  rootsProperty: string,
  roots: X509Certificate[],
): void {
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
    if (next === undefined && !roots.some((root) => isIssuer(root, certificate)))
      refuse(
        property,
        `ends in a certificate that ${rootsProperty} has no issuer of`,
        "add the intermediates that are missing, or the right root",
      );
  });
}

/** Checks that a certificate is for a key. */
export function checkBelongs(refuse: Refuser, property: string, certificatePem: string, publicKeyPem: string): void {
  if (!new X509Certificate(certificatePem).publicKey.equals(createPublicKey(publicKeyPem)))
    refuse(property, "is for another key", "sign the csrPem of this component");
}
