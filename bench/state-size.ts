import { type PropertyValue, type RecordedRequest, Reference, Secret } from "../engine";

/** Bytes of these resources in a state as the Pulumi engine writes it, with a backend that encrypts secrets by passphrase. */
export function stateBytes(requests: RecordedRequest[]): number {
  return requests.reduce((sum, request) => sum + Buffer.byteLength(JSON.stringify(stateEntry(request), null, 4)), 0);
}

function stateEntry(request: RecordedRequest) {
  const { urn, custom, id, type, inputs, outputs, parent, dependencies, propertyDependencies, provider } = request;
  return {
    urn,
    custom,
    id,
    type,
    inputs: stored(inputs),
    outputs: stored(outputs),
    parent,
    dependencies,
    provider,
    propertyDependencies,
  };
}

function stored(value: PropertyValue): unknown {
  if (value instanceof Secret) return { "4dabf18193072939515e22adb298388d": "", ciphertext: ciphertext(value.value) };
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value !== "object" || value === null || value instanceof Reference) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, stored(part)]));
}

/** As long as AES-GCM with its nonce and tag, in base64. */
function ciphertext(value: PropertyValue): string {
  const plain = Buffer.byteLength(JSON.stringify(stored(value)));
  return "v1:".padEnd(20 + Math.ceil((plain + 16) / 3) * 4, "x");
}
