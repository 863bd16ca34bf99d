import { isMap, type PropertyMap, type PropertyValue, Secret, UNKNOWN } from "./property-values";
import type { RunResult } from "./result";

/** Shorter secrets stand in other text by chance. */
const SHORTEST = 8;
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
    if (text.length < SHORTEST || text === UNKNOWN || PUBLIC_PEM.test(text)) return;
    if (alone || text.length >= SHORTEST_NAME || !NAME.test(text)) texts.add(text);
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

function decodedData(inputs: PropertyMap): string[] {
  const data = inputs.data instanceof Secret ? inputs.data.value : (inputs.data ?? {});
  const values = isMap(data) ? Object.values(data) : [];
  return values
    .map((value) => (value instanceof Secret ? value.value : value))
    .filter((value) => typeof value === "string" && value !== UNKNOWN)
    .map((value) => Buffer.from(value as string, "base64").toString("utf8"));
}

/** Paths of all open values that contain a secret text, raw or encoded. */
export function leakedPaths(open: PropertyValue, secrets: ReadonlySet<string>): string[] {
  const needles = [...secrets].flatMap(encodings);
  const found: string[] = [];
  const search = (value: PropertyValue, path: string): void => {
    if (typeof value === "string") {
      if (needles.some((needle) => value.includes(needle))) found.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) search(item, `${path}[${index}]`);
    } else if (isMap(value)) {
      for (const [key, item] of Object.entries(value)) search(item, path === "" ? key : `${path}.${key}`);
    }
  };
  search(open, "");
  return found;
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, JSON.stringify(secret).slice(1, -1), bytes.toString("hex"), ...base64Forms(bytes)];
}

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
