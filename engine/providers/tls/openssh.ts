import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

/** OpenSSH's names of OpenSSL's curves; it has none for P-224, which then has empty outputs, as in the provider. */
const SSH_CURVES: Record<string, string> = { prime256v1: "nistp256", secp384r1: "nistp384", secp521r1: "nistp521" };

/** One line of an authorized_keys file (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4). */
export function authorizedKey(publicKey: KeyObject): string {
  const blob = publicBlob(publicKey);
  return blob ? `${readString(blob)} ${blob.toString("base64")}\n` : "";
}

export function fingerprints(publicKey: KeyObject) {
  const blob = publicBlob(publicKey);
  const md5 = blob && createHash("md5").update(blob).digest("hex");
  return {
    publicKeyFingerprintMd5: md5?.match(/../g)?.join(":") ?? "",
    publicKeyFingerprintSha256: blob
      ? `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`
      : "",
  };
}

/** An unencrypted `openssh-key-v1` file (OpenSSH's PROTOCOL.key). */
export function openSshPrivateKey(key: KeyObject): string {
  const blob = publicBlob(createPublicKey(key));
  if (!blob) return "";
  // Two equal numbers show a reader of an encrypted key that the passphrase was right; without one any will do.
  const check = Buffer.alloc(8);
  const body = Buffer.concat([check, privateFields(key, blob), sshString("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    sshString("none"),
    sshString("none"),
    sshString(""),
    uint32(1),
    sshString(blob),
    sshString(Buffer.concat([body, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

function publicBlob(publicKey: KeyObject): Buffer | undefined {
  const curve = SSH_CURVES[publicKey.asymmetricKeyDetails?.namedCurve ?? ""];
  if (publicKey.asymmetricKeyType === "ec" && !curve) return undefined;
  const jwk = publicKey.export({ format: "jwk" });
  switch (jwk.kty) {
    case "RSA":
      return Buffer.concat([sshString("ssh-rsa"), mpint(jwk.e), mpint(jwk.n)]);
    case "EC": {
      const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
      return Buffer.concat([sshString(`ecdsa-sha2-${curve}`), sshString(`${curve}`), sshString(point)]);
    }
    default:
      return Buffer.concat([sshString("ssh-ed25519"), sshString(bytes(jwk.x))]);
  }
}

function privateFields(key: KeyObject, blob: Buffer): Buffer {
  const jwk: JsonWebKey = key.export({ format: "jwk" });
  switch (jwk.kty) {
    case "RSA":
      return Buffer.concat([sshString("ssh-rsa"), ...[jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(mpint)]);
    case "EC":
      return Buffer.concat([blob, mpint(jwk.d)]);
    default:
      return Buffer.concat([blob, sshString(Buffer.concat([bytes(jwk.d), bytes(jwk.x)]))]);
  }
}

function bytes(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? "", "base64url");
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function sshString(content: string | Buffer): Buffer {
  const buffer = Buffer.from(content as string);
  return Buffer.concat([uint32(buffer.length), buffer]);
}

function readString(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE()).toString();
}

/** A positive number: no leading zeros, and one where the first bit would read as a sign. */
function mpint(base64url: string | undefined): Buffer {
  const number = bytes(base64url);
  const digits = number.subarray(number.findIndex((byte) => byte !== 0));
  return sshString((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}
