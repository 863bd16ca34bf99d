import type { Input } from "@pulumi/pulumi";

/** What signs certificates; a CertificateAuthority is one. */
export interface CertificateIssuer {
  /** Certificate of the issuing authority, PEM. */
  certificatePem: Input<string>;
  /** Private key of the issuing authority, PEM. @secret */
  privateKeyPem: Input<string>;
  /** What a server sends after its own certificate: the issuing certificate and its intermediates, without the root, PEM; "" when the root itself issues. */
  chain: Input<string>;
  /** The roots that a peer trusts, PEM. */
  bundle: Input<string>;
  /** Certificate revocation list, PEM. @default none */
  crl?: Input<string>;
  /** How many hours before its end the issuer is rolled over: no certificate of it may be valid for longer. */
  renewalWindowHours: Input<number>;
  /** How many authorities `chain` has. @default not known */
  chainLength?: number;
  /** How many levels of further authorities may stand below the issuing one; 0 is none. @default not known, or no limit */
  subordinateAuthorities?: number;
}
