/** Algorithms of private keys. */
export const KeyAlgorithm = { RSA: "RSA", ECDSA: "ECDSA", ED25519: "ED25519" } as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** Curves of ECDSA keys. P224 is left out: TLS 1.3 has no signature scheme for it. */
export const EllipticCurve = { P256: "P256", P384: "P384", P521: "P521" } as const;
export type EllipticCurve = (typeof EllipticCurve)[keyof typeof EllipticCurve];

/** Role of a certificate's holder in a TLS handshake. */
export const CertificateUsage = { server: "server", client: "client", serverAndClient: "serverAndClient" } as const;
export type CertificateUsage = (typeof CertificateUsage)[keyof typeof CertificateUsage];

/** Key usages and extended key usages of RFC 5280, in the provider's words. */
type AllowedUse =
  | "cert_signing"
  | "crl_signing"
  | "digital_signature"
  | "key_encipherment"
  | "server_auth"
  | "client_auth";

interface Profile {
  /** Key usages, whatever the key. */
  keyUsages: AllowedUse[];
  /** Key usages besides, for an RSA key: TLS 1.2 may send the premaster secret encrypted with it. */
  rsaKeyUsages: AllowedUse[];
  /** Extended key usages. */
  extendedKeyUsages: AllowedUse[];
}

const leaf = { keyUsages: ["digital_signature"], rsaKeyUsages: ["key_encipherment"] } satisfies Partial<Profile>;

const profiles: Record<CertificateUsage | "certificateAuthority", Profile> = {
  certificateAuthority: { keyUsages: ["cert_signing", "crl_signing"], rsaKeyUsages: [], extendedKeyUsages: [] },
  server: { ...leaf, extendedKeyUsages: ["server_auth"] },
  client: { ...leaf, extendedKeyUsages: ["client_auth"] },
  serverAndClient: { ...leaf, extendedKeyUsages: ["server_auth", "client_auth"] },
};

/** Returns the key usages of a certificate of this kind with this key. A leaf never signs certificates. */
export function allowedUses(profile: keyof typeof profiles, algorithm: KeyAlgorithm): string[] {
  const { keyUsages, rsaKeyUsages, extendedKeyUsages } = profiles[profile];
  return [...keyUsages, ...(algorithm === KeyAlgorithm.RSA ? rsaKeyUsages : []), ...extendedKeyUsages];
}

/** OIDs of the extended key usages that a signed certificate must have, RFC 5280 §4.2.1.12. */
export const extendedKeyUsageIds: Record<CertificateUsage, string[]> = {
  server: ["1.3.6.1.5.5.7.3.1"],
  client: ["1.3.6.1.5.5.7.3.2"],
  serverAndClient: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
};

/** Default lifetimes in hours: ten years, five years, 90 days. */
export const validityHours = { root: 87_600, intermediate: 43_800, leaf: 2_160 } as const;

/** By default a leaf is due for renewal when a third of its validity is left, as ACME clients do it. */
export function defaultEarlyRenewalHours(validity: number): number {
  return Math.floor(validity / 3);
}

/** By default an authority is due for a rollover when a fifth of its validity is left. */
export function defaultRenewalWindowHours(validity: number): number {
  return Math.floor(validity / 5);
}
