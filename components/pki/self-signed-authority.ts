import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Authority } from "./authority";
import { earliest } from "./lifetime";
import { type KeyOptions, keyAlgorithm, makeKey } from "./private-key";
import { allowedUses, validityHours } from "./profiles";
import type { CertificateSubject } from "./subject";

/** An authority between the root and the certificates that it issues. */
export interface IntermediateAuthorityArgs extends KeyOptions {
  /** Name of the intermediate authority. */
  subject: CertificateSubject;
  /** Validity of the intermediate in hours; less than the root. @default 43800, five years, or half of a root's that ends before */
  validityHours?: number;
}

interface RootArgs extends KeyOptions {
  validityHours?: number;
  subordinateAuthorities?: number;
  intermediate?: IntermediateAuthorityArgs;
}

/** Validity of the certificates of a self-signed authority. */
export function authorityLifetimes(args: RootArgs): { root: number; intermediate: number } {
  const root = args.validityHours ?? validityHours.root;
  const usual = Math.min(validityHours.intermediate, Math.floor(root / 2));
  return { root, intermediate: args.intermediate?.validityHours ?? usual };
}

/** Makes a root, and the intermediate below it if there is one. */
export function selfSignedAuthority(
  name: string,
  subject: CertificateSubject,
  args: RootArgs,
  opts: pulumi.CustomResourceOptions,
): Authority {
  const { intermediate, subordinateAuthorities } = args;
  const lifetimes = authorityLifetimes(args);
  // No earlyRenewalHours on either: an authority that renewed itself would leave every peer with a root that it does not know.
  const rootKey = makeKey(`${name}-root-key`, args, opts);
  const root = new tls.SelfSignedCert(
    `${name}-root`,
    {
      privateKeyPem: rootKey.privateKeyPem,
      subject,
      isCaCertificate: true,
      // The limit on the root binds the intermediate too. Zero cannot be said: the provider takes it for no limit.
      maxPathLength: intermediate === undefined ? subordinateAuthorities : 1 + (subordinateAuthorities ?? 0),
      allowedUses: allowedUses("certificateAuthority", keyAlgorithm(args)),
      validityPeriodHours: lifetimes.root,
      setSubjectKeyId: true,
      setAuthorityKeyId: true,
    },
    opts,
  );
  const csrPem = pulumi.output("");
  if (intermediate === undefined)
    return {
      certificatePem: root.certPem,
      privateKeyPem: rootKey.privateKeyPem,
      rootCertificatePem: root.certPem,
      chain: pulumi.output(""),
      csrPem,
      validityEndTime: root.validityEndTime.apply((time) => earliest([time])),
    };

  const key = makeKey(`${name}-intermediate-key`, intermediate, opts);
  const request = new tls.CertRequest(
    `${name}-intermediate-request`,
    { privateKeyPem: key.privateKeyPem, subject: intermediate.subject },
    opts,
  );
  const certificate = new tls.LocallySignedCert(
    `${name}-intermediate`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: root.certPem,
      caPrivateKeyPem: rootKey.privateKeyPem,
      isCaCertificate: true,
      allowedUses: allowedUses("certificateAuthority", keyAlgorithm(intermediate)),
      validityPeriodHours: lifetimes.intermediate,
      setSubjectKeyId: true,
    },
    opts,
  );
  return {
    certificatePem: certificate.certPem,
    privateKeyPem: key.privateKeyPem,
    rootCertificatePem: root.certPem,
    chain: certificate.certPem,
    csrPem,
    validityEndTime: pulumi.all([root.validityEndTime, certificate.validityEndTime]).apply(earliest),
  };
}
