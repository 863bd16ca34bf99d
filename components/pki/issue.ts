import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { type Argument, mapInputs } from "../foundation";
import type { CertificateIssuer } from "./issuer";
import { checkHours, earliest, hoursBefore, rfc3339 } from "./lifetime";
import { parseCertificates } from "./pem";
import { type KeyOptions, keyAlgorithm } from "./private-key";
import {
  allowedUses,
  type CertificateUsage,
  defaultEarlyRenewalHours,
  validityHours as defaultValidityHours,
} from "./profiles";
import { type CertificateSubject, isSubjectOf, subjectParts } from "./subject";

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

/** Validity of a certificate. */
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

/** Names of the holders of certificates, by the argument that has them. */
type Holders = Record<string, CertificateSubject>;

/** Checks the lifetime, also against the issuer's, that the issuer can sign, and that no holder has its name. */
export function resolveSigning(
  argument: Argument<Lifetime>,
  issuer: CertificateIssuer,
  holders: Holders = {},
): Signing | undefined {
  const { validityHours = defaultValidityHours.leaf } = argument.value;
  const { earlyRenewalHours = defaultEarlyRenewalHours(validityHours) } = argument.value;
  const validity = argument.field("validityHours");
  checkHours(validity);
  checkHours(argument.field("earlyRenewalHours"));
  if (earlyRenewalHours >= validityHours)
    argument
      .field("earlyRenewalHours")
      .refuse(
        `is ${earlyRenewalHours}, not less than validityHours, ${validityHours}`,
        "shorten it: every `pulumi up` would renew the certificate",
      );
  argument.with("issuer.renewalWindowHours", issuer.renewalWindowHours).known((window) => {
    if (validityHours > window)
      validity.refuse(
        `is ${validityHours}, more than the issuer's renewalWindowHours, ${window}`,
        "shorten it, or roll the issuer over earlier: a certificate renewed late would outlive its issuer",
      );
  });
  const certificatePem = argument.read((refuse) =>
    mapInputs({ pem: issuer.certificatePem, chain: issuer.chain, ...textsOf(holders) }, (known) => {
      const { pem = "", chain = "", ...texts } = known;
      if (pem === "")
        refuse("issuer", "has no certificate yet", "have its csrPem signed, and give it offline.signedCertificatePem");
      const end = endOf(pem + chain);
      if (end !== undefined && Date.parse(hoursBefore(end, earlyRenewalHours)) <= Date.now())
        refuse(
          "issuer",
          `ends at ${end}, within the ${earlyRenewalHours} hours in which certificates are renewed (earlyRenewalHours)`,
          "have it renewed or roll it over first: what it issues would end with it",
        );
      for (const property of Object.keys(holders))
        if (isSubjectOf(pem, subjectIn(texts, property)))
          refuse(
            property,
            "is the name of the issuer",
            "write another: OpenSSL takes a certificate of its issuer's name for a root",
          );
      return pem;
    }),
  );
  return certificatePem && { certificatePem, validityHours, earlyRenewalHours };
}

/** Returns the time at which the first of some certificates ends; undefined for a text without any. */
function endOf(pem: string): string | undefined {
  const ends = parseCertificates(pem).map(({ validTo }) => rfc3339(validTo));
  return ends.length === 0 ? undefined : earliest(ends);
}

/** The parts of the holders' names, each by its property and its own name. */
const textsOf = (holders: Holders): Record<string, pulumi.Input<string> | undefined> =>
  Object.fromEntries(
    Object.entries(holders).flatMap(([property, subject]) =>
      Object.entries(subject).map(([part, value]) => [`${property}/${part}`, value]),
    ),
  );

const subjectIn = (texts: Record<string, string | undefined>, property: string) =>
  Object.fromEntries(subjectParts.map((part) => [part, texts[`${property}/${part}`]]));
