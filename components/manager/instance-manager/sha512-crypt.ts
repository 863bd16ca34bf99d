import { createHash } from "node:crypto";

/** Digits of `crypt(3)`, six bits each. */
const digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const rounds = 5000;

/**
 * The hash of a password as `crypt(3)` and `openssl passwd -6` make it: SHA-512, 5000 rounds, `$6$<salt>$<hash>`. After Ulrich Drepper's
 * "Unix crypt using SHA-256 and SHA-512", whose steps the comments number. A package for it that CommonJS can load on every Node 20 is not to be had.
 *
 * @param salt up to 16 characters of `./0-9A-Za-z`
 */
export function sha512Crypt(password: string, salt: string): string {
  const key = Buffer.from(password, "utf8");
  const saltBytes = Buffer.from(salt, "ascii");
  // 4 to 8: digest B.
  const b = sha512([key, saltBytes, key]);
  // 1 to 3, 9 to 12: digest A. A bit of the length that is set adds B, any other the password.
  const parts = [key, saltBytes, repeated(b, key.length)];
  for (let length = key.length; length > 0; length >>= 1) parts.push(length & 1 ? b : key);
  const a = sha512(parts);
  // 13 to 16: the sequence P, as long as the password.
  const p = repeated(sha512(Array.from({ length: key.length }, () => key)), key.length);
  // 17 to 20: the sequence S, as long as the salt.
  const s = repeated(sha512(Array.from({ length: 16 + a[0]! }, () => saltBytes)), saltBytes.length);
  // 21: the rounds.
  let digest = a;
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const middle = [...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p])];
    digest = sha512([odd ? p : digest, ...middle, odd ? digest : p]);
  }
  return `$6$${salt}$${encode(digest)}`;
}

const sha512 = (parts: Buffer[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha512")).digest();

/** The bytes, over and over, up to a length. */
const repeated = (bytes: Buffer, length: number): Buffer => Buffer.alloc(length, bytes);

/** 22: three bytes make four digits, the least significant first; which three is the specification's own order. */
function encode(digest: Buffer): string {
  let text = "";
  for (let group = 0; group < 21; group++) {
    const three = [group, group + 21, group + 42];
    const first = group % 3;
    const [high, middle, low] = [0, 1, 2].map((place) => digest[three[(place + first) % 3]!]!);
    text += sixBits((high! << 16) | (middle! << 8) | low!, 4);
  }
  return text + sixBits(digest[63]!, 2);
}

const sixBits = (value: number, count: number): string =>
  Array.from({ length: count }, (_, place) => digits[(value >> (6 * place)) & 63]).join("");
