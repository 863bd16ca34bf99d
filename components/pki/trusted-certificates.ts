import * as pulumi from "@pulumi/pulumi";
import {
  argumentOf,
  checked,
  checkSecret,
  type ExistingSecret,
  existingSecret,
  makeSecret,
  refuser,
  type SecretMetadata,
} from "../foundation";
import { checkCrl, readCertificates } from "./pem";

/** Arguments of TrustedCertificates: exactly one of `certificatesPem` and `existing`. */
export interface TrustedCertificatesArgs extends SecretMetadata {
  /** The authorities, PEM: a CertificateAuthority's `bundle`, or the contents of a file. */
  certificatesPem?: pulumi.Input<string>;
  /** Certificate revocation lists of the authorities, PEM, published as `ca.crl`: a CertificateAuthority's `crl`, or the contents of a file. @default none */
  crlPem?: pulumi.Input<string>;
  /** A Secret that is there already, with the authorities under `ca.crt`, and their revocation lists, where there are any, under `ca.crl`. */
  existing?: ExistingSecret;
}

/** The authorities that a program trusts, as a Secret: key `ca.crt`, and `ca.crl` where there are revocation lists. */
export class TrustedCertificates extends pulumi.ComponentResource {
  /** Name of the Secret. */
  readonly secretName: pulumi.Output<string>;
  /** A digest of the contents, itself a secret: it changes when they do. */
  readonly revision: pulumi.Output<string>;

  constructor(name: string, args: TrustedCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("TrustedCertificates", name);
    checkSecret(argumentOf(refuse, args));
    const { certificatesPem: given, crlPem: givenCrl, existing, ...recorded } = args;
    if (given === undefined && existing === undefined)
      refuse("certificatesPem", "is missing", "write the authorities in PEM, or name an existing Secret");
    const certificatesPem = given && checked(given, (pem) => void readCertificates(refuse, "certificatesPem", pem));
    const crlPem = givenCrl === undefined ? undefined : checked(givenCrl, (pem) => checkCrl(refuse, "crlPem", pem));

    super("nginx-stacks:index:TrustedCertificates", name, { ...recorded, existing: existing?.name }, opts);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const outputs =
      existing !== undefined
        ? existingSecret(existing)
        : makeSecret(
            `${name}-secret`,
            "Opaque",
            { "ca.crt": certificatesPem!, ...(crlPem !== undefined && { "ca.crl": crlPem }) },
            args,
            child,
          );
    this.secretName = outputs.secretName;
    this.revision = outputs.revision;
    this.registerOutputs(outputs);
  }
}
