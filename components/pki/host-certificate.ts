import type { Input } from "@pulumi/pulumi";
import { type Argument, checkSecret, type ExistingSecret, type SecretMetadata } from "../foundation";

/** A certificate and its key for files of a host; a Certificate is one. */
export interface HostCertificate {
  /** The certificate and its intermediates, without the root, PEM. */
  chainPem: Input<string>;
  /** The key of the certificate, PEM. @secret */
  privateKeyPem: Input<string>;
  /** The certificate alone, PEM. @default the first of `chainPem` */
  certificatePem?: Input<string>;
}

/** Checks that a certificate has a namespace for its Secret, or is for hosts, with nothing that describes a Secret. */
export function checkPlace(
  argument: Argument<Partial<SecretMetadata> & { existing?: ExistingSecret; forHosts?: boolean }>,
): void {
  if (argument.value.forHosts) {
    for (const property of ["existing", "namespace", "name", "labels", "annotations"] as const)
      if (argument.value[property] !== undefined)
        argument
          .field(property)
          .refuse("is given beside forHosts", "remove one of the two: a certificate for hosts is in no Secret");
    return;
  }
  if (argument.value.namespace === undefined)
    argument
      .field("namespace")
      .refuse("is missing", "write the namespace of the pods that use the Secret, or forHosts: true");
  checkSecret(argument);
}
