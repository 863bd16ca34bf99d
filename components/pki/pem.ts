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

/** Returns the certificates of a PEM text that can be read, in their order. */
export const parseCertificates = (pem: string): X509Certificate[] =>
  (pem.match(certificateBlock) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });

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

/** Checks that a certificate is for a key. */
export function checkBelongs(refuse: Refuser, property: string, certificatePem: string, publicKeyPem: string): void {
  if (!new X509Certificate(certificatePem).publicKey.equals(createPublicKey(publicKeyPem)))
    refuse(property, "is for another key", "sign the csrPem of this component");
}
