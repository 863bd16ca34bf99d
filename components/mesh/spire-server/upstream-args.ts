import type { Input } from "@pulumi/pulumi";
import type { ExistingSecret, SecretReference } from "../../foundation";
import type { CertificateIssuer, CertificateReference } from "../../pki";

/** A certificate authority whose key SPIRE reads from a Secret (plugin `disk`): one of `issuer` and `existing`. */
export interface SpireDiskAuthority {
  /**
   * CertificateAuthority that allows a subordinate one (`subordinateAuthorities`). Its chain, key and roots are written to a Secret. The path length of another issuer is not
   * known; if it allows no subordinate authority, SPIRE does not start and logs the reason.
   */
  issuer?: CertificateIssuer;
  /** Existing Secret: `tls.crt` is the authority and its intermediates without the root, `tls.key` its key, `bundle.crt` the roots. SPIRE reads it again for each CA. */
  existing?: ExistingSecret;
  /** Number of authorities from the one that signs SPIRE's CA to the root, without the root. @default that of the CertificateAuthority */
  chainLength?: number;
}

/** An Issuer or ClusterIssuer of cert-manager, which must approve requests for authorities. */
export interface SpireCertManagerAuthority {
  /** Name of the issuer (`issuer_name`). */
  issuerName: Input<string>;
  /** Kind of the issuer (`issuer_kind`). @default "Issuer" */
  issuerKind?: Input<string>;
  /** API group of the issuer (`issuer_group`). @default "cert-manager.io" */
  issuerGroup?: Input<string>;
  /** Namespace of the CertificateRequests. @default that of the server */
  namespace?: Input<string>;
  /** Number of authorities from the one that signs SPIRE's CA to the root, without the root. The verification depth of sidecars is one more. */
  chainLength: number;
}

/** Kubernetes method of Vault: the server logs in with a token of its ServiceAccount. */
export interface SpireVaultKubernetesLogin {
  /** Role in Vault (`k8s_auth_role_name`). */
  role: Input<string>;
  /** Mount point of the method (`k8s_auth_mount_point`). @default "kubernetes" */
  mountPoint?: Input<string>;
  /** Audience of the token. @default "vault" */
  audience?: Input<string>;
}

/** AppRole method of Vault. */
export interface SpireVaultAppRoleLogin {
  /** Mount point of the method (`approle_auth_mount_point`). @default "approle" */
  mountPoint?: Input<string>;
  /** Secret with `roleId` and `secretId`. */
  secret: SecretReference;
}

/** TLS certificate method of Vault. */
export interface SpireVaultCertificateLogin {
  /** Mount point of the method (`cert_auth_mount_point`). @default "cert" */
  mountPoint?: Input<string>;
  /** Role in Vault (`cert_auth_role_name`). @default any role that matches the certificate */
  role?: Input<string>;
  /** Client certificate: a Certificate. */
  certificate: CertificateReference;
}

/** A PKI secrets engine of HashiCorp Vault, with exactly one of the four logins. */
export interface SpireVaultAuthority {
  /** Address of Vault (`vault_addr`): `https://vault.example.com:8200`. */
  address: Input<string>;
  /** Mount point of the engine (`pki_mount_point`). @default "pki" */
  pkiMountPoint?: Input<string>;
  /** Namespace of Vault Enterprise. @default none */
  vaultNamespace?: Input<string>;
  /** Authorities of Vault's certificate: TrustedCertificates, or another Secret with `ca.crt`. @default the authorities of the image */
  trustedCertificates?: SecretReference;
  /** Login with a token of the ServiceAccount. */
  kubernetesLogin?: SpireVaultKubernetesLogin;
  /** Login with AppRole. */
  appRoleLogin?: SpireVaultAppRoleLogin;
  /** Login with a client certificate. */
  certificateLogin?: SpireVaultCertificateLogin;
  /** Login with a token: a Secret with `token`. */
  tokenLogin?: SecretReference;
  /** Number of authorities from the one that signs SPIRE's CA to the root, without the root. The verification depth of sidecars is one more. */
  chainLength: number;
}

/** AWS Private Certificate Authority. */
export interface SpireAwsPrivateAuthority {
  /** Region (`region`). */
  region: Input<string>;
  /** ARN of the authority (`certificate_authority_arn`). */
  certificateAuthorityArn: Input<string>;
  /** ARN of the signing template. @default SubordinateCACertificate_PathLen0/V1; SPIRE's default makes certificates that cannot sign */
  signingTemplateArn?: Input<string>;
  /** Signing algorithm, in AWS's words. @default that of the authority */
  signingAlgorithm?: Input<string>;
  /** ARN of a role to assume. @default none */
  assumeRoleArn?: Input<string>;
  /** Secret with `accessKeyId` and `secretAccessKey`. @default those that AWS gives the pod: annotate the ServiceAccount with its role */
  credentials?: SecretReference;
  /** Number of authorities from the one that signs SPIRE's CA to the root, without the root. The verification depth of sidecars is one more. */
  chainLength: number;
}

/** Authority that signs SPIRE's CA: exactly one of the four. */
export interface SpireUpstreamAuthority {
  /** An authority whose key is in a Secret (plugin `disk`). */
  disk?: SpireDiskAuthority;
  /** cert-manager (plugin `cert-manager`). */
  certManager?: SpireCertManagerAuthority;
  /** HashiCorp Vault (plugin `vault`). */
  vault?: SpireVaultAuthority;
  /** AWS Private Certificate Authority (plugin `aws_pca`). */
  awsPrivateAuthority?: SpireAwsPrivateAuthority;
}
