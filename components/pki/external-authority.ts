import { createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { mapInputs, type Refuser } from "../foundation";
import { type Authority, type ReadAuthority, readAuthority } from "./authority";
import { isRoot } from "./chain";
import { readCertificates, readPrivateKey } from "./pem";

/** An authority that is made and kept elsewhere, with the key that issues. */
export interface ExternalAuthorityArgs {
  /** Certificate of the issuing authority, PEM. */
  certificatePem: pulumi.Input<string>;
  /** Private key of the issuing authority, PEM, not encrypted. @secret */
  privateKeyPem: pulumi.Input<string>;
  /** The intermediates between the issuing authority and the root, PEM, each followed by the one that signed it. @default none */
  chainPem?: pulumi.Input<string>;
  /** Certificate of the root, PEM. @default `certificatePem`, which then has to be a root */
  rootCertificatePem?: pulumi.Input<string>;
}

/** Reads and checks an external authority, at once where it is plain. */
export function externalAuthority(refuse: Refuser, args: ExternalAuthorityArgs): Authority {
  const { certificatePem, privateKeyPem, chainPem, rootCertificatePem } = args;
  // The key is read apart, so that what is published does not become a secret.
  const read = mapInputs({ certificatePem, chainPem, rootCertificatePem }, (texts) => readExternal(refuse, texts));
  // Behind an Output, what is wrong with the certificate is reported once.
  const readCertificate = pulumi.Output.isInstance(certificatePem) ? read.certificatePem : certificatePem;
  const key = mapInputs({ certificatePem: readCertificate, privateKeyPem }, (texts) =>
    readMatchingKey(refuse, texts.certificatePem ?? "", texts.privateKeyPem ?? ""),
  );
  return {
    certificatePem: read.certificatePem,
    privateKeyPem: pulumi.secret(key),
    rootCertificatePem: read.rootCertificatePem,
    chain: read.chain,
    csrPem: pulumi.output(""),
    validityEndTime: read.validityEndTime,
  };
}

function readExternal(
  refuse: Refuser,
  texts: { certificatePem?: string; chainPem?: string; rootCertificatePem?: string },
): ReadAuthority {
  const issuing = readOne(refuse, "external.certificatePem", texts.certificatePem ?? "");
  const intermediates =
    texts.chainPem === undefined ? [] : readCertificates(refuse, "external.chainPem", texts.chainPem);
  if (texts.rootCertificatePem !== undefined) {
    const root = readOne(refuse, "external.rootCertificatePem", texts.rootCertificatePem);
    const path = [issuing, ...intermediates];
    return readAuthority(refuse, "external.certificatePem", path, "external.rootCertificatePem", root);
  }
  if (!isRoot(issuing))
    refuse(
      "external.rootCertificatePem",
      "is missing, and external.certificatePem is not a root",
      "write the root that peers are to trust",
    );
  if (intermediates.length > 0)
    refuse("external.chainPem", "is given, but external.certificatePem is itself a root", "remove it");
  return readAuthority(refuse, "external.certificatePem", [], "external.certificatePem", issuing);
}

function readOne(refuse: Refuser, property: string, pem: string) {
  const [certificate, ...others] = readCertificates(refuse, property, pem);
  if (others.length > 0)
    refuse(
      property,
      `has ${others.length + 1} certificates in it`,
      "write one here, and intermediates in external.chainPem",
    );
  return certificate!;
}

function readMatchingKey(refuse: Refuser, certificatePem: string, privateKeyPem: string): string {
  const key = readPrivateKey(refuse, "external.privateKeyPem", privateKeyPem);
  const certificate = readOne(refuse, "external.certificatePem", certificatePem);
  if (!certificate.publicKey.equals(createPublicKey(key)))
    refuse("external.privateKeyPem", "does not belong to external.certificatePem", "write the key of that certificate");
  return privateKeyPem;
}
