import type * as pulumi from "@pulumi/pulumi";
import { mapInputs, type Refuser } from "../foundation";
import { type AlternativeNames, checkHasName, namesByProperty } from "./alternative-names";
import { checkChain, readTrusted } from "./chain";
import { earliest, rfc3339 } from "./lifetime";
import { checkCrl, printCertificates, readCertificates } from "./pem";
import { type CertificateUsage, extendedKeyUsageIds } from "./profiles";

/** Certificate that an authority elsewhere signed for a Certificate's `csrPem`. */
export interface SignedCertificateArgs {
  /** The certificate, followed by the intermediates between it and a root of `bundlePem`, PEM. */
  chainPem: pulumi.Input<string>;
  /** The roots that a peer trusts, PEM. */
  bundlePem: pulumi.Input<string>;
  /** Certificate revocation list, PEM. @default none */
  crlPem?: pulumi.Input<string>;
}

/** Parts of a signed certificate, as PEM. */
export interface SignedCertificate {
  certificatePem: string;
  intermediates: string;
  bundle: string;
  validityEndTime: string;
}

/** Reads and checks a signed certificate, at once where it is plain. */
export function readSignedCertificate(
  refuse: Refuser,
  args: SignedCertificateArgs,
  usage: CertificateUsage,
  names: AlternativeNames,
): pulumi.Output<SignedCertificate> {
  const { chainPem, bundlePem, crlPem } = args;
  const inputs: Record<string, pulumi.Input<string>> = namesByProperty(names);
  return mapInputs({ chainPem, bundlePem, crlPem, ...inputs }, (texts): SignedCertificate => {
    const path = readCertificates(refuse, "signed.chainPem", texts.chainPem ?? "");
    const roots = readTrusted(refuse, "signed.bundlePem", texts.bundlePem ?? "");
    if (texts.crlPem !== undefined) checkCrl(refuse, "signed.crlPem", texts.crlPem);
    const [leaf, ...intermediates] = path;
    if (leaf!.ca)
      refuse("signed.chainPem", "begins with an authority", "write the certificate that was made of csrPem first");
    const uses: string[] = leaf!.keyUsage ?? [];
    if (!extendedKeyUsageIds[usage].every((id) => uses.includes(id)))
      refuse(
        "signed.chainPem",
        `has a certificate without the extended key usage that usage ${usage} needs`,
        "sign it with extendedKeyUsage serverAuth, clientAuth or both",
      );
    checkChain(refuse, "signed.chainPem", path, "signed.bundlePem", roots, { usage, now: Date.now() });
    for (const property of Object.keys(inputs))
      checkHasName(refuse, "signed.chainPem", leaf!, property, texts[property as keyof typeof texts] ?? "");
    return {
      certificatePem: printCertificates([leaf!]),
      intermediates: printCertificates(intermediates),
      bundle: printCertificates(roots),
      validityEndTime: earliest(path.map((certificate) => rfc3339(certificate.validTo))),
    };
  });
}
