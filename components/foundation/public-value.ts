import * as pulumi from "@pulumi/pulumi";
import type { Argument } from "./arguments";
import { isPlainInput } from "./inputs";

/**
 * Returns a value for a place that everyone may read, such as a ConfigMap. A secret one is refused, also in a preview that does not know it yet.
 *
 * @param refuse refuses the argument; runs as soon as the value is known to be a secret
 */
export const publicValue = <T>(value: pulumi.Input<T>, refuse: () => void): pulumi.Input<T> =>
  isPlainInput(value) ? value : (afterChecks(value, [foundPublic(value, refuse)]) as pulumi.Input<T>);

/**
 * Refuses secrets among values that become text of a ConfigMap, at any depth.
 *
 * @returns outputs that are known once the values have been found to be public; `publicText` waits for them
 */
export function refuseSecrets(argument: Argument<unknown>, remedy: string): pulumi.Output<unknown>[] {
  const { value } = argument;
  if (!isPlainInput(value))
    return [foundPublic(value, () => argument.refuse("is a secret, and would be readable in a ConfigMap", remedy))];
  if (Array.isArray(value))
    return (argument as Argument<unknown[]>).entries().flatMap((entry) => refuseSecrets(entry, remedy));
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  return (argument as Argument<Record<string, unknown>>).record().flatMap(([, field]) => refuseSecrets(field, remedy));
}

/** Returns a text as soon as no value in it has turned out to be a secret. */
export const publicText = (
  text: pulumi.Input<string>,
  checks: readonly pulumi.Output<unknown>[],
): pulumi.Input<string> => (checks.length === 0 ? text : afterChecks(text, checks));

/** Returns an output that is known once the value has been found to be public, even where the value itself is not known yet. */
const foundPublic = (value: pulumi.Input<unknown>, refuse: () => void): pulumi.Output<boolean> =>
  pulumi.output(pulumi.isSecret(pulumi.output(value))).apply((secret) => {
    if (secret) refuse();
    return !secret;
  });

const afterChecks = <T>(value: pulumi.Input<T>, checks: readonly pulumi.Output<unknown>[]) =>
  pulumi.all([pulumi.output(value), pulumi.all([...checks])]).apply(([known]) => known);
