import { isMap, mapValues, type PropertyMap, type PropertyValue, Reference, Secret, UNKNOWN } from "./property-values";

/**
 * Treatment of secrets: `show` writes them; `digest` writes a keyed digest of each; `existing` does the same and leaves
 * Secret objects out, for a cluster where another system provides them.
 */
export const SecretMode = { Show: "show", Digest: "digest", Existing: "existing" } as const;
export type SecretMode = (typeof SecretMode)[keyof typeof SecretMode];

/** Stands where a preview does not know a value. */
export const UNKNOWN_TEXT = "<unknown in preview>";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Digest = (secret: string | Uint8Array) => string;

/**
 * Takes the envelopes off. What was inside one becomes `digest:<place>/<path>:<HMAC>`, leaf by leaf and always as text: the
 * shape stays comparable, though a number that was secret is no number any more.
 */
export function redact(value: PropertyValue, place: string, mode: SecretMode, digest: Digest): Json {
  return walk(value, place, false);

  function walk(part: PropertyValue, path: string, secret: boolean): Json {
    if (part instanceof Secret) return walk(part.value, path, true);
    if (part instanceof Reference) return part.urn;
    if (Array.isArray(part)) return part.map((item, index) => walk(item, `${path}[${index}]`, secret));
    if (isMap(part)) return mapValues(part, (item, key) => walk(item, `${path}/${key}`, secret));
    if (part === UNKNOWN) return UNKNOWN_TEXT;
    return secret && mode !== SecretMode.Show && part !== null ? digestText(path, String(part), digest) : part;
  }
}

/** A Secret's contents as digests, all in `stringData`, whatever field and encoding they were given in. */
export function digestSecretData(object: PropertyMap, name: string, digest: Digest): Json {
  const contents = new Map<string, Uint8Array | null>();
  for (const [field, encoding] of [
    ["data", "base64"],
    ["stringData", "utf8"],
  ] as const) {
    if (isUnknown(object[field])) return UNKNOWN_TEXT;
    for (const [key, value] of Object.entries(openMap(object[field]))) {
      const text = value instanceof Secret ? value.value : value;
      contents.set(key, text === UNKNOWN ? null : Buffer.from(String(text), encoding));
    }
  }
  return Object.fromEntries(
    [...contents].map(([key, bytes]) => {
      const text = bytes === null ? UNKNOWN_TEXT : digestText(`${name}/${key}`, bytes, digest);
      // The API server reads these two as JSON, and refuses anything else.
      return [key, /^\.docker(configjson|cfg)$/.test(key) ? JSON.stringify({ digest: text }) : text];
    }),
  );
}

function isUnknown(value: PropertyValue | undefined): boolean {
  return (value instanceof Secret ? value.value : value) === UNKNOWN;
}

function openMap(value: PropertyValue | undefined): PropertyMap {
  const inner = value instanceof Secret ? value.value : (value ?? {});
  return isMap(inner) ? inner : {};
}

function digestText(place: string, content: string | Uint8Array, digest: Digest): string {
  return `digest:${place}:${digest(content)}`;
}
