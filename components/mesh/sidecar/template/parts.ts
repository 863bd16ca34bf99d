import { type Argument, isPlainInput } from "../../../foundation";

/** A part of a pod template. It may have any shape, because types do not hold in JavaScript. */
export type Part = Argument<unknown>;

/** Returns the value of a part that is known now; undefined for an output, which is checked as soon as it is known. */
export const known = (part: Part): unknown => (isPlainInput(part.value) ? (part.value ?? undefined) : undefined);

/** Returns a field of a part, without value where the part is not an object. */
export const getField = (part: Part, key: string): Part => (part as Argument<Record<string, unknown>>).field(key);

/** Returns the known value of a field. */
export const knownField = (part: Part, ...keys: string[]): unknown => known(keys.reduce(getField, part));

/** Returns the known fields of an object; refuses anything else. */
export function readObject(part: Part): Record<string, unknown> {
  const value = known(part);
  if (value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  part.refuse(`is ${describeType(value)}`, "write an object");
  return {};
}

/** Returns the known entries of a list of objects; refuses anything else. */
export function readList(part: Part): Part[] {
  const value = known(part);
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    part.refuse(`is ${describeType(value)}`, "write a list");
    return [];
  }
  return (part as Argument<unknown[]>).entries().filter((entry) => {
    if (!isPlainInput(entry.value)) return false;
    const isObject = typeof entry.value === "object" && entry.value !== null && !Array.isArray(entry.value);
    if (!isObject) entry.refuse(`is ${describeType(entry.value)}`, "write an object");
    return isObject;
  });
}

/** Refuses a list or object that is one output as a whole, because the sidecar is added to it. */
export function requireKnown(part: Part): void {
  if (!isPlainInput(part.value))
    part.refuse(
      "is one output as a whole, so what is in it is not known yet",
      "give the list or object itself, and make outputs or secrets of the values in it",
    );
}

function describeType(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
