import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";

/** The provider's curve names and OpenSSL's. */
export const CURVES: Record<string, string> = { P224: "P-224", P256: "P-256", P384: "P-384", P521: "P-521" };

interface SigningKey {
  /** As the provider names it. */
  algorithm: "RSA" | "ECDSA" | "ED25519";
  keys: webcrypto.CryptoKeyPair;
  /** Of the signature; a key of ED25519 has its own. */
  hash: string;
}

const IMPORT = {
  RSA: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  "P-256": { name: "ECDSA", namedCurve: "P-256" },
  "P-384": { name: "ECDSA", namedCurve: "P-384" },
  "P-521": { name: "ECDSA", namedCurve: "P-521" },
  ED25519: { name: "Ed25519" },
};

const CURVE_NAMES: Record<string, string> = {
  secp224r1: "P-224",
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/** Go's choice of hash by curve. */
const HASHES: Record<string, string> = { "P-384": "SHA-384", "P-521": "SHA-512" };

/** Reads a private key of PKCS #1, SEC 1 or PKCS #8 for signing. `property` names it in an error, which never quotes it. */
export async function importSigningKey(pem: string, property: string): Promise<SigningKey> {
  const key = parsePrivateKey(pem, property);
  const algorithm = algorithmOf(key, property);
  const curve = CURVE_NAMES[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? "";
  const parameters = IMPORT[(algorithm === "ECDSA" ? curve : algorithm) as keyof typeof IMPORT];
  if (!parameters) {
    throw new Error(
      `${property} is a key of curve ${curve || "unknown"}, which the embedded engine cannot sign with; use P256, P384 or P521`,
    );
  }
  const publicKey = createPublicKey(key);
  return {
    algorithm,
    hash: HASHES[curve] ?? "SHA-256",
    keys: {
      privateKey: await importKey("pkcs8", key.export({ type: "pkcs8", format: "der" }), parameters, "sign"),
      publicKey: await importKey("spki", publicKey.export({ type: "spki", format: "der" }), parameters, "verify"),
    },
  };
}

function importKey(format: "pkcs8" | "spki", der: Buffer, parameters: object, usage: "sign" | "verify") {
  return webcrypto.subtle.importKey(format, der, parameters as webcrypto.EcKeyImportParams, true, [usage]);
}

function parsePrivateKey(pem: string, property: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`${property} is not a private key in PEM, or it is encrypted`);
  }
}

function algorithmOf(key: KeyObject, property: string): SigningKey["algorithm"] {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    default:
      throw new Error(
        `${property} is a key of type ${key.asymmetricKeyType}; the provider takes RSA, ECDSA and ED25519`,
      );
  }
}
