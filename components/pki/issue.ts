import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { checked, type Refuser } from "../foundation";
import type { CertificateIssuer } from "./issuer";
import { checkHours, rfc3339 } from "./lifetime";
import { type KeyOptions, keyAlgorithm } from "./private-key";
import {
  allowedUses,
  type CertificateUsage,
  defaultEarlyRenewalHours,
  validityHours as defaultValidityHours,
} from "./profiles";

/** A certificate and what goes with it into the Secret; the texts are PEM. */
export interface Issued {
  certificatePem: pulumi.Output<string>;
  chainPem: pulumi.Output<string>;
  bundle: pulumi.Input<string>;
  crl?: pulumi.Input<string>;
  validityEndTime: pulumi.Output<string>;
  readyForRenewal: pulumi.Output<boolean>;
}

/** Has the issuer sign the request, as the resource `<name>-certificate`. */
export function issue(
  name: string,
  args: KeyOptions & { usage: CertificateUsage },
  issuer: CertificateIssuer,
  { certificatePem, validityHours, earlyRenewalHours }: Signing,
  csrPem: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): Issued {
  const certificate = new tls.LocallySignedCert(
    `${name}-certificate`,
    {
      certRequestPem: csrPem,
      caCertPem: certificatePem,
      caPrivateKeyPem: pulumi.secret(issuer.privateKeyPem),
      allowedUses: allowedUses(args.usage, keyAlgorithm(args)),
      validityPeriodHours: validityHours,
      earlyRenewalHours,
      setSubjectKeyId: true,
    },
    opts,
  );
  return {
    certificatePem: certificate.certPem,
    chainPem: pulumi.concat(certificate.certPem, issuer.chain),
    bundle: issuer.bundle,
    crl: issuer.crl,
    validityEndTime: certificate.validityEndTime.apply(rfc3339),
    readyForRenewal: certificate.readyForRenewal,
  };
}

/** How long a certificate is to be valid. */
interface Lifetime {
  validityHours?: number;
  earlyRenewalHours?: number;
}

/** With which certificate of the issuer, and for how long. */
export interface Signing {
  certificatePem: pulumi.Input<string>;
  validityHours: number;
  earlyRenewalHours: number;
}

/** Checks the lifetime, also against the issuer's, and that the issuer can sign. */
export function checkIssuer(refuse: Refuser, args: Lifetime, issuer: CertificateIssuer): Signing {
  const { validityHours = defaultValidityHours.leaf } = args;
  checkHours(refuse, "validityHours", validityHours);
  const { earlyRenewalHours = defaultEarlyRenewalHours(validityHours) } = args;
  if (args.earlyRenewalHours !== undefined) checkHours(refuse, "earlyRenewalHours", earlyRenewalHours);
  if (earlyRenewalHours >= validityHours)
    refuse(
      "earlyRenewalHours",
      `is ${earlyRenewalHours}, not less than validityHours, ${validityHours}`,
      "shorten it: every `pulumi up` would renew the certificate",
    );
  checked(issuer.renewalWindowHours, (window) => {
    if (validityHours > window)
      refuse(
        "validityHours",
        `is ${validityHours}, more than the issuer's renewalWindowHours, ${window}`,
        "shorten it, or roll the issuer over earlier: a certificate renewed late would outlive its issuer",
      );
  });
  const certificatePem = checked(issuer.certificatePem, (pem) => {
    if (pem === "")
      refuse("issuer", "has no certificate yet", "have its csrPem signed, and give it offline.signedCertificatePem");
  });
  return { certificatePem, validityHours, earlyRenewalHours };
}
