import type { Input } from "@pulumi/pulumi";
import type { ExistingSecret, SecretReference } from "../../foundation";
import type { CertificateIssuer, CertificateReference } from "../../pki";

/** A certificate authority whose key SPIRE reads from a Secret (plugin `disk`): one of `issuer` and `existing`. */
export interface SpireDiskAuthority {
  /**
   * The authority: a CertificateAuthority that allows another one below it (`subordinateAuthorities`). Chain, key and roots go into a Secret. Of one that is made elsewhere the path length is not known here;
   * where it leaves no room, SPIRE does not start, and says so.
   */
  issuer?: CertificateIssuer;
  /** A Secret that is there already: `tls.crt` is the authority and its intermediates without the root, `tls.key` its key, `bundle.crt` the roots. SPIRE reads it anew for each CA. */
  existing?: ExistingSecret;
  /** Number of authorities from the one that signs SPIRE's to the root, without the root. @default that of the CertificateAuthority */
  chainLength?: number;
}

/** An Issuer or ClusterIssuer of cert-manager. It has to approve requests for authorities. */
export interface SpireCertManagerAuthority {
  /** Name of the issuer (`issuer_name`). */
  issuerName: Input<string>;
  /** Kind of the issuer (`issuer_kind`). @default "Issuer" */
  issuerKind?: Input<string>;
  /** API group of the issuer (`issuer_group`). @default "cert-manager.io" */
  issuerGroup?: Input<string>;
  /** Namespace of the CertificateRequests. @default that of the server */
  namespace?: Input<string>;
  /** Number of authorities from the one that signs SPIRE's to the root, without the root. Sidecars verify as deep as that, and one. */
  chainLength: number;
}

/** Vault's Kubernetes method: the server shows a token of its ServiceAccount. */
export interface SpireVaultKubernetesLogin {
  /** Role in Vault (`k8s_auth_role_name`). */
  role: Input<string>;
  /** Mount point of the method (`k8s_auth_mount_point`). @default "kubernetes" */
  mountPoint?: Input<string>;
  /** Audience of the token. @default "vault" */
  audience?: Input<string>;
}

/** Vault's AppRole method. */
export interface SpireVaultAppRoleLogin {
  /** Mount point of the method (`approle_auth_mount_point`). @default "approle" */
  mountPoint?: Input<string>;
  /** A Secret with `roleId` and `secretId`. */
  secret: SecretReference;
}

/** Vault's TLS certificate method. */
export interface SpireVaultCertificateLogin {
  /** Mount point of the method (`cert_auth_mount_point`). @default "cert" */
  mountPoint?: Input<string>;
  /** Role in Vault (`cert_auth_role_name`). @default any that the certificate fits */
  role?: Input<string>;
  /** The certificate: a Certificate. */
  certificate: CertificateReference;
}

/** A PKI secrets engine of HashiCorp Vault; one of the four ways to log in. */
export interface SpireVaultAuthority {
  /** Address of Vault (`vault_addr`): `https://vault.example.com:8200`. */
  address: Input<string>;
  /** Mount point of the engine (`pki_mount_point`). @default "pki" */
  pkiMountPoint?: Input<string>;
  /** Namespace of Vault Enterprise. @default none */
  vaultNamespace?: Input<string>;
  /** Authorities of Vault's certificate: TrustedCertificates, or another Secret with `ca.crt`. @default the authorities of the image */
  trustedCertificates?: SecretReference;
  /** Log in by a token of the ServiceAccount. */
  kubernetesLogin?: SpireVaultKubernetesLogin;
  /** Log in by AppRole. */
  appRoleLogin?: SpireVaultAppRoleLogin;
  /** Log in by a certificate. */
  certificateLogin?: SpireVaultCertificateLogin;
  /** Log in by a token: a Secret with `token`. */
  tokenLogin?: SecretReference;
  /** Number of authorities from the one that signs SPIRE's to the root, without the root. Sidecars verify as deep as that, and one. */
  chainLength: number;
}

/** AWS Private Certificate Authority. */
export interface SpireAwsPrivateAuthority {
  /** Region (`region`). */
  region: Input<string>;
  /** ARN of the authority (`certificate_authority_arn`). */
  certificateAuthorityArn: Input<string>;
  /** ARN of the signing template. @default SubordinateCACertificate_PathLen0/V1; SPIRE's own default makes certificates that cannot sign */
  signingTemplateArn?: Input<string>;
  /** Signing algorithm, in AWS's words. @default the authority's own */
  signingAlgorithm?: Input<string>;
  /** ARN of a role to assume. @default none */
  assumeRoleArn?: Input<string>;
  /** A Secret with `accessKeyId` and `secretAccessKey`. @default what AWS gives the pod: annotate the ServiceAccount with its role */
  credentials?: SecretReference;
  /** Number of authorities from the one that signs SPIRE's to the root, without the root. Sidecars verify as deep as that, and one. */
  chainLength: number;
}

/** Authority that signs SPIRE's CA: exactly one of these. */
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
