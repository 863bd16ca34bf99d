import * as pulumi from "@pulumi/pulumi";
import { continueAfterFault, type Refuser } from "../foundation";
import { type ChartKeyShape, longestPrefix } from "./chart-keys";

/** A version of a chart, as far as its values go. */
export interface Chart {
  /** The version, as its users write it. */
  version: string;
  keys: Map<string, ChartKeyShape>;
  /** Returns the remedy for a key that the chart lacks. */
  unknownKey(path: string): string;
}

/** Values of a chart, as a tree. */
// biome-ignore lint/suspicious/noExplicitAny: checked against the chart's keys
export type ChartValues = Record<string, any>;

const remedies: Record<ChartKeyShape, [wrong: string, remedy: string]> = {
  value: ["is more than one value", "write a single text, number or boolean"],
  list: ["is not a list", "write a list"],
  map: ["is not a map", "write keys and values"],
};

/**
 * Checks values that the user gave for the chart: it has the keys, no argument decides them, and none is a secret. Each key is checked on its own.
 *
 * @param decided the argument that decides a key, by the key
 * @returns the values, of which those that are not known yet are checked when they are
 */
export function checkRawValues(
  refuse: Refuser,
  { version, keys, unknownKey }: Chart,
  values: ChartValues,
  decided: Record<string, string>,
): ChartValues {
  const check = (path: string, value: unknown): unknown => {
    const property = `helmValues.${path}`;
    const argument = longestPrefix(decided, path);
    if (argument !== undefined)
      refuse(property, `is decided by the argument ${argument.value}`, `write ${argument.value} instead`);
    const shape = keys.get(path);
    if (shape !== undefined && isKnown(value) && !fits(shape, value)) refuse(property, ...remedies[shape]);
    // Below a map of the chart are keys of the user's own.
    const inMap = longestPrefix(Object.fromEntries(keys), path)?.value === "map";
    if (shape !== undefined || inMap) return withoutSecrets(refuse, property, value);
    const isGroup = [...keys.keys()].some((key) => key.startsWith(`${path}.`));
    // In an unknown group, what is said of the key in it is more exact.
    if (!isGroup && !(isMap(value) && Object.keys(value).length > 0))
      refuse(property, `is no key of the chart of ${version}, which would ignore it`, unknownKey(path));
    if (!isMap(value)) refuse(property, "is a group of keys", "write the keys in it, and make outputs of their values");
    return group(value, `${path}.`);
  };
  const group = (inner: ChartValues, prefix: string): ChartValues =>
    Object.fromEntries(
      Object.entries(inner).map(([key, value]) => {
        let checked: unknown;
        continueAfterFault(() => {
          checked = check(prefix + key, value);
        });
        return [key, checked];
      }),
    );
  return group(values, "");
}

/** Returns whether it is a plain object: keys and values, not a list and not an Output. */
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && isKnown(value);

const isKnown = (value: unknown) => !pulumi.Output.isInstance(value) && !(value instanceof Promise);

function fits(shape: ChartKeyShape, value: unknown): boolean {
  if (shape === "list") return Array.isArray(value);
  return shape === "map" ? isMap(value) : !isMap(value) && !Array.isArray(value);
}

/** Refuses secrets in values: `helm get values` and the release's Secret show them. */
export function withoutSecrets(refuse: Refuser, property: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(refuse, `${property}[${index}]`, item));
  if (isMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withoutSecrets(refuse, `${property}.${key}`, item)]),
    );
  if (isKnown(value)) {
    refuseSecretText(refuse, property, value);
    return value;
  }
  const output = pulumi.output(value);
  return pulumi.all([output, pulumi.isSecret(output)]).apply(([known, secret]) => {
    if (secret) refuse(property, "is a secret", "keep it in a Secret, and give the name of that");
    refuseSecretText(refuse, property, known);
    return known;
  });
}

function refuseSecretText(refuse: Refuser, property: string, value: unknown): void {
  if (typeof value !== "string") return;
  if (/eyJ[\w-]{8,}\.[\w-]+\.[\w-]+/.test(value))
    refuse(property, "has a JSON Web Token in it", "keep it in a LicenseSecret or RegistrySecret, and give its name");
  if (/^\s*["']?kind["']?\s*:\s*["']?Secret\b/m.test(value) || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value))
    refuse(property, "has a Secret in it", "make the Secret a resource of its own");
}
