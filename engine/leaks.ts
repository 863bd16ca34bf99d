import { isMap, type PropertyMap, type PropertyValue, Secret, UNKNOWN } from "./property-values";
import type { RunResult } from "./result";

/** Shorter secrets stand in other text by chance, and in codes by more chance. */
const SHORTEST = 8;
/** Secrets from here on count as words of their own, where they look like no word of a language. */
const SHORTEST_WORD = 4;
const SHORTEST_NAME = 20;

/** Certificates, requests, public keys and revocation lists are public, whatever envelope they came in. */
const PUBLIC_PEM =
  /^\s*(?:-----BEGIN (?:[A-Z0-9 ]*CERTIFICATE[A-Z ]*|PUBLIC KEY|X509 CRL)-----[^-]*-----END [A-Z0-9 ]+-----\s*)+$/;
/** A host, user name or image stands beside passwords in Secrets, and in the open elsewhere. */
const NAME = /^[a-z0-9._:/-]+$/;

/**
 * All secret texts of a run. A string alone in an envelope is a secret; of a whole enveloped map (a Secret's contents)
 * short names do not count.
 */
export function secretTexts({
  requests,
  secretTexts: given,
}: Pick<RunResult, "requests" | "secretTexts">): Set<string> {
  const texts = new Set<string>();
  const add = (text: string, alone: boolean) => {
    if (text === UNKNOWN || PUBLIC_PEM.test(text)) return;
    if (text.length < SHORTEST) alone && isShortSecret(text) && texts.add(text);
    else if (alone || text.length >= SHORTEST_NAME || !NAME.test(text)) texts.add(text);
  };
  const collect = (value: PropertyValue, inside: boolean, alone: boolean): void => {
    if (value instanceof Secret) collect(value.value, true, true);
    else if (typeof value === "string") inside && add(value, alone);
    else if (Array.isArray(value)) for (const item of value) collect(item, inside, false);
    else if (isMap(value)) for (const item of Object.values(value)) collect(item, inside, false);
  };
  for (const text of given) add(text, true);
  for (const { inputs, outputs, type } of requests) {
    collect(inputs, false, false);
    collect(outputs, false, false);
    if (type === "kubernetes:core/v1:Secret") for (const text of decodedData(inputs)) add(text, false);
  }
  return texts;
}

/** Returns whether a short text has letters of more than one kind, as passwords have and words have not. */
const isShortSecret = (text: string) =>
  text.length >= SHORTEST_WORD &&
  [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length > 1;

function decodedData(inputs: PropertyMap): string[] {
  const data = inputs.data instanceof Secret ? inputs.data.value : (inputs.data ?? {});
  const values = isMap(data) ? Object.values(data) : [];
  return values
    .map((value) => (value instanceof Secret ? value.value : value))
    .filter((value) => typeof value === "string" && value !== UNKNOWN)
    .map((value) => Buffer.from(value as string, "base64").toString("utf8"));
}

/** Paths of all open values, and of keys, that contain a secret text, raw or encoded. */
export function leakedPaths(open: PropertyValue, secrets: ReadonlySet<string>): string[] {
  const needles = [...secrets].map(needleOf);
  const found: string[] = [];
  const search = (value: PropertyValue, path: string): void => {
    if (typeof value === "string") {
      if (contains(value, needles)) found.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) search(item, `${path}[${index}]`);
    } else if (isMap(value)) {
      for (const [key, item] of Object.entries(value)) {
        // The key itself stays out of the error.
        if (contains(key, needles)) found.push(path === "" ? "a key" : `a key of ${path}`);
        else search(item, path === "" ? key : `${path}.${key}`);
      }
    }
  };
  search(open, "");
  return found;
}

/** Forms of a secret that are looked for. */
interface Needle {
  /** The text, and as it stands inside a string of JSON. */
  texts: string[];
  /** `true`: only where no letter or digit stands beside it. */
  word: boolean;
  /** Base64, without line breaks. */
  base64: string[];
  /** Hexadecimal digits, in lower case. */
  hex: string;
}

function needleOf(secret: string): Needle {
  const texts = [...new Set([secret, JSON.stringify(secret).slice(1, -1)])];
  const bytes = Buffer.from(secret);
  const word = secret.length < SHORTEST;
  // A short one in a code: a few letters that stand anywhere.
  return { texts, word, base64: word ? [] : base64Forms(bytes), hex: word ? "" : bytes.toString("hex") };
}

function contains(value: string, needles: Needle[]): boolean {
  const decoded = value.includes("%") ? [percentDecoded(value), percentDecoded(value.replaceAll("+", " "))] : [];
  const plain = [value, ...decoded];
  const unbroken = value.replace(/\s+|\\[nrt]/g, "");
  const hexadecimal = unbroken.toLowerCase();
  return needles.some(
    ({ texts, word, base64, hex }) =>
      texts.some((text) => plain.some((one) => (word ? hasWord(one, text) : one.includes(text)))) ||
      base64.some((form) => unbroken.includes(form)) ||
      (hex !== "" && hexadecimal.includes(hex)),
  );
}

function hasWord(value: string, word: string): boolean {
  const isWordPart = (letter: string | undefined) => letter !== undefined && /[A-Za-z0-9]/.test(letter);
  for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + 1))
    if (!isWordPart(value[at - 1]) && !isWordPart(value[at + word.length])) return true;
  return false;
}

/** Returns a text with its percent-encoded bytes as what they are, whatever stands beside them. */
const percentDecoded = (value: string) =>
  value.replace(/(?:%[0-9A-Fa-f]{2})+/g, (codes) => Buffer.from(codes.replaceAll("%", ""), "hex").toString());

/** Returns a text for people, with `[secret]` for secrets in it, raw or encoded. */
export function masked(text: string, secrets: Iterable<string>): string {
  const forms = [...secrets].flatMap((secret) => {
    if (secret.length < SHORTEST) return secret.length < SHORTEST_MASKED ? [] : [secret];
    const bytes = Buffer.from(secret);
    const hex = bytes.toString("hex");
    return [
      ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
      ...[bytes.toString("base64"), ...base64Forms(bytes), hex, hex.toUpperCase()],
    ];
  });
  return forms
    .sort((one, other) => other.length - one.length)
    .reduce((rest, form) => rest.replaceAll(form, "[secret]"), text);
}

/** Shorter texts stand in other words by chance. */
const SHORTEST_MASKED = 3;

/** Base64 of a text inside a longer one depends on where it starts; the ends that neighbours share are left off. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = encoded.slice(start, end);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
