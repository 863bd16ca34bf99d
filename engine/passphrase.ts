import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";

/** The cost that Pulumi's own passphrase provider uses (`sdk/go/common/resource/config/crypt.go`). */
const ITERATIONS = 1_000_000;
const TAG_BYTES = 16;

/** Decrypts the `secure:` values of a stack file. */
export type Decrypt = (ciphertext: string) => string;

/**
 * The passphrase provider of one stack file. `encryptionSalt` is `v1:<salt>:v1:<nonce>:<ciphertext of "pulumi">`, each
 * value `v1:<nonce>:<ciphertext>`, AES-256-GCM with the tag at the end.
 */
export function passphraseDecrypter(encryptionSalt: string, passphrase: string, stackFile: string): Decrypt {
  const [version, salt, ...check] = encryptionSalt.split(":");
  if (version !== "v1" || !salt)
    throw new Error(`${stackFile}: encryptionsalt is not of the form v1:<salt>:v1:<nonce>:<text>`);
  const key = pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), ITERATIONS, 32, "sha256");
  const decrypt: Decrypt = (ciphertext) => decryptValue(key, ciphertext);
  if (attempt(() => decrypt(check.join(":"))) !== "pulumi") {
    throw new Error(
      `${stackFile}: incorrect passphrase; check PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE`,
    );
  }
  return (ciphertext) => {
    const text = attempt(() => decrypt(ciphertext));
    if (text === undefined)
      throw new Error(`${stackFile}: a secure value cannot be decrypted with this stack's passphrase`);
    return text;
  };
}

/** From the same variables that the Pulumi CLI reads. */
export function findPassphrase(environment: NodeJS.ProcessEnv): string | undefined {
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = environment;
  if (passphrase !== undefined) return passphrase;
  return file ? readFileSync(file, "utf8").trim() : undefined;
}

function decryptValue(key: Buffer, ciphertext: string): string {
  const [version, nonce = "", sealed = ""] = ciphertext.split(":");
  if (version !== "v1") throw new Error("unknown version of an encrypted value");
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
}

function attempt(run: () => string): string | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
