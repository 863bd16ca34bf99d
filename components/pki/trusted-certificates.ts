import * as pulumi from "@pulumi/pulumi";
import {
  checkSecret,
  type ExistingSecret,
  existingSecret,
  makeSecret,
  resolveArguments,
  type SecretMetadata,
  validateWhenKnown,
  withFacts,
} from "../foundation";
import { readTrusted } from "./chain";
import { checkCrl } from "./pem";

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
    const { existing, certificatesPem, crlPem, recorded } = resolveTrustedCertificates(name, args);

    super("nginx-stacks:index:TrustedCertificates", name, recorded, opts);

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
    withFacts(outputs.secretName, { component: `TrustedCertificates "${name}"`, namespace: args.namespace });
    this.secretName = outputs.secretName;
    this.revision = outputs.revision;
    this.registerOutputs(outputs);
  }
}

/** Returns the texts of the Secret as they are read, and what state records of the arguments. */
function resolveTrustedCertificates(name: string, args: TrustedCertificatesArgs) {
  return resolveArguments("TrustedCertificates", name, "TrustedCertificatesArgs", args, (argument) => {
    const { certificatesPem, crlPem, existing, ...recorded } = argument.value;
    argument.check(checkSecret);
    if (certificatesPem === undefined && existing === undefined)
      argument
        .field("certificatesPem")
        .refuse("is missing", "write the authorities in PEM, or name an existing Secret");
    return {
      existing,
      certificatesPem:
        certificatesPem &&
        argument.read((refuse) =>
          validateWhenKnown(certificatesPem, (pem) => void readTrusted(refuse, "certificatesPem", pem)),
        ),
      crlPem: crlPem && argument.read((refuse) => validateWhenKnown(crlPem, (pem) => checkCrl(refuse, "crlPem", pem))),
      recorded: { ...recorded, existing: existing?.name },
    };
  });
}
