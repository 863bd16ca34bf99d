/** NGINX reads a configuration through a buffer of 4096 bytes, which has to hold a whole word, its quotes and what ends it. */
const longestWord = 4095;

const bare = /^[A-Za-z0-9_./:=@%+,$~*^|()?!<>&[\]-]+$/;

const escapes: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Returns one word of the configuration, quoted where NGINX could read it as anything else. Line ends are escaped, so that a directive is one line. */
export const quote = (value: string): string =>
  bare.test(value) ? value : `"${value.replace(/[\\"\n\r\t]/g, (character) => escapes[character]!)}"`;

/** Returns why NGINX cannot read a word as it is, or undefined. */
export function wordFault(value: string): { wrong: string; remedy: string } | undefined {
  if (value.includes("\0")) return { wrong: "has a NUL byte", remedy: "remove it: NGINX ends the word there" };
  if (/\p{Surrogate}/u.test(value))
    return { wrong: "has half of a surrogate pair", remedy: "write text that UTF-8 can hold" };
  const bytes = Buffer.byteLength(quote(value));
  return bytes > longestWord
    ? {
        wrong: `takes ${bytes} bytes with its quotes and escapes`,
        remedy: `write at most ${longestWord}: NGINX reads no longer words`,
      }
    : undefined;
}
