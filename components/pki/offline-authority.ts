import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { mapInputs, type Refuser } from "../foundation";
import { type Authority, type ReadAuthority, readAuthority } from "./authority";
import { isRoot } from "./chain";
import { checkBelongs, readCertificates } from "./pem";
import { type KeyOptions, makeKey } from "./private-key";
import type { CertificateSubject } from "./subject";

/** A root whose key is nowhere near Pulumi. */
export interface OfflineRootArgs {
  /** Certificate of the root, PEM. */
  rootCertificatePem: pulumi.Input<string>;
  /**
   * Certificate of the issuing authority that the root signed for `csrPem`, followed by intermediates if there are any, PEM.
   *
   * @default not signed yet: the authority has a key and a `csrPem`, and issues nothing
   */
  signedCertificatePem?: pulumi.Input<string>;
}

/** Reads and checks what came back from an offline root, at once where it is plain. */
export function readOffline(refuse: Refuser, args: OfflineRootArgs): pulumi.Output<ReadAuthority> {
  const { rootCertificatePem, signedCertificatePem } = args;
  return mapInputs({ rootCertificatePem, signedCertificatePem }, (texts): ReadAuthority => {
    const roots = readCertificates(refuse, "offline.rootCertificatePem", texts.rootCertificatePem ?? "");
    const root = roots[0]!;
    if (roots.length > 1 || !isRoot(root))
      refuse("offline.rootCertificatePem", "is not one self-signed certificate", "write the root alone");
    if (texts.signedCertificatePem === undefined)
      return { certificatePem: "", rootCertificatePem: root.toString(), chain: "", validityEndTime: "" };
    const path = readCertificates(refuse, "offline.signedCertificatePem", texts.signedCertificatePem);
    return readAuthority(refuse, "offline.signedCertificatePem", path, "offline.rootCertificatePem", root);
  });
}

/** Makes the key and the request of an authority below an offline root. */
export function offlineAuthority(
  refuse: Refuser,
  name: string,
  subject: CertificateSubject,
  keyOptions: KeyOptions,
  read: pulumi.Output<ReadAuthority>,
  opts: pulumi.CustomResourceOptions,
): Authority {
  const key = makeKey(`${name}-key`, keyOptions, opts);
  const request = new tls.CertRequest(`${name}-request`, { privateKeyPem: key.privateKeyPem, subject }, opts);
  const belonging = pulumi.all([read, key.publicKeyPem]).apply(([authority, publicKeyPem]) => {
    if (authority.certificatePem !== "")
      checkBelongs(refuse, "offline.signedCertificatePem", authority.certificatePem, publicKeyPem);
    return authority;
  });
  return {
    certificatePem: belonging.certificatePem,
    privateKeyPem: key.privateKeyPem,
    rootCertificatePem: read.rootCertificatePem,
    chain: belonging.chain,
    csrPem: request.certRequestPem,
    validityEndTime: belonging.validityEndTime,
  };
}
