import { NginxConfigError } from "./error";

/** NGINX reads a configuration through a buffer of 4096 bytes, which has to hold a whole word, its quotes and what ends it. */
const longestWord = 4095;

const bare = /^[A-Za-z0-9_./:=@%+,$~*^|()?!<>&[\]-]+$/;

const escapes: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * One word of the configuration, quoted where it could be read as anything else.
 *
 * @param where subject of the sentence that refuses it
 */
export function quote(value: string, where: string): string {
  if (value.includes("\0"))
    throw new NginxConfigError(where, "has a NUL byte", "take it out: NGINX ends the word there");
  if (/\p{Surrogate}/u.test(value))
    throw new NginxConfigError(where, "has half of a surrogate pair", "write text that UTF-8 can hold");
  // Line ends are escaped, so that a directive is one line; NGINX reads the character itself.
  const word = bare.test(value) ? value : `"${value.replace(/[\\"\n\r\t]/g, (character) => escapes[character]!)}"`;
  const bytes = Buffer.byteLength(word);
  if (bytes > longestWord)
    throw new NginxConfigError(
      where,
      `takes ${bytes} bytes with its quotes and escapes`,
      `keep it within ${longestWord}: NGINX reads no longer words`,
    );
  return word;
}
