import type { Input } from "@pulumi/pulumi";
import { argumentOf, checkSecret, type ExistingSecret, type Refuser, type SecretMetadata } from "../foundation";

/** A certificate and its key for files of a host; a Certificate is one. */
export interface HostCertificate {
  /** The certificate and its intermediates, without the root, PEM. */
  chainPem: Input<string>;
  /** The key of the certificate, PEM; a secret. */
  privateKeyPem: Input<string>;
  /** The certificate alone, PEM. @default the first of `chainPem` */
  certificatePem?: Input<string>;
}

/** Checks that a certificate has a namespace for its Secret, or is for hosts, with nothing that describes a Secret. */
export function checkPlace(
  refuse: Refuser,
  args: Partial<SecretMetadata> & { existing?: ExistingSecret; forHosts?: boolean },
): void {
  if (!args.forHosts) {
    if (args.namespace === undefined)
      refuse("namespace", "is missing", "write the namespace of the pods that use the Secret, or forHosts: true");
    checkSecret(argumentOf(refuse, args));
    return;
  }
  for (const property of ["existing", "namespace", "name", "labels", "annotations"] as const)
    if (args[property] !== undefined)
      refuse(property, "is given beside forHosts", "remove one of the two: a certificate for hosts is in no Secret");
}
