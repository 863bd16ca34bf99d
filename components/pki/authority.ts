import type { X509Certificate } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../foundation";
import { checkChain } from "./chain";
import { earliest, rfc3339 } from "./lifetime";
import { printCertificates } from "./pem";

/** Outputs of an authority of any kind; the texts are PEM. */
export interface Authority {
  certificatePem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
  rootCertificatePem: pulumi.Output<string>;
  /** The issuing certificate and its intermediates, without the root. */
  chain: pulumi.Output<string>;
  csrPem: pulumi.Output<string>;
  /** End of the first certificate of the path to expire. */
  validityEndTime: pulumi.Output<string>;
}

/** Facts that are read from certificates made elsewhere. */
export interface ReadAuthority {
  certificatePem: string;
  rootCertificatePem: string;
  chain: string;
  validityEndTime: string;
}

/** Checks the path from an issuing certificate to its root and takes from it what an Authority gives. */
export function readAuthority(
  refuse: Refuser,
  property: string,
  path: X509Certificate[],
  rootProperty: string,
  root: X509Certificate,
): ReadAuthority {
  const issuing = path[0] ?? root;
  if (!issuing.ca)
    refuse(
      property,
      "is not the certificate of an authority",
      "write one that was signed with basicConstraints CA:TRUE and keyUsage keyCertSign",
    );
  checkChain(refuse, property, path, rootProperty, [root], { now: Date.now() });
  return {
    certificatePem: printCertificates([issuing]),
    rootCertificatePem: printCertificates([root]),
    chain: printCertificates(path),
    validityEndTime: earliest([...path, root].map((certificate) => rfc3339(certificate.validTo))),
  };
}
