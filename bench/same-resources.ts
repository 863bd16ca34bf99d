import { deepStrictEqual } from "node:assert";
import { type PropertyValue, type RecordedRequest, Reference, Secret } from "../engine";

/** Fails unless both programs registered the same resources (components apart) with the same inputs; keys and certificates differ in each run. */
export function assertSameResources(one: RecordedRequest[], other: RecordedRequest[]): void {
  deepStrictEqual(resources(one), resources(other));
}

const resources = (requests: RecordedRequest[]) =>
  requests
    .filter(({ custom }) => custom)
    .map(({ type, name, inputs }) => ({ type, name, inputs: withoutPem(inputs) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const pemBlock = /-----BEGIN ([^-]+)-----[^-]+-----END \1-----\n/g;

function withoutPem(value: PropertyValue): unknown {
  if (typeof value === "string") {
    const decoded = Buffer.from(value, "base64").toString();
    return (decoded.startsWith("-----BEGIN") ? decoded : value).replace(pemBlock, "<$1>");
  }
  if (value instanceof Secret) return { secret: withoutPem(value.value) };
  if (Array.isArray(value)) return value.map(withoutPem);
  if (typeof value !== "object" || value === null || value instanceof Reference) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutPem(part)]));
}
