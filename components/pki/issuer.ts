import type { Input } from "@pulumi/pulumi";

/** Signer of certificates, for example a CertificateAuthority. */
export interface CertificateIssuer {
  /** Certificate of the issuing authority, PEM. */
  certificatePem: Input<string>;
  /** Private key of the issuing authority, PEM. @secret */
  privateKeyPem: Input<string>;
  /** Chain that a server sends after its own certificate: the issuing certificate and its intermediates without the root, PEM; "" when the root itself issues. */
  chain: Input<string>;
  /** The roots that a peer trusts, PEM. */
  bundle: Input<string>;
  /** Certificate revocation list, PEM. @default none */
  crl?: Input<string>;
  /** Number of hours before its end at which the issuer is rolled over: no certificate of it may be valid for longer. */
  renewalWindowHours: Input<number>;
  /** Number of authorities in `chain`. @default not known */
  chainLength?: number;
  /** Maximum number of levels of authorities below the issuing one; 0 is none. @default not known, or no limit */
  subordinateAuthorities?: number;
}
