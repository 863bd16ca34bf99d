import * as pulumi from "@pulumi/pulumi";
import { type Argument, isPlainInput } from "../foundation";

/**
 * Refuses secrets among values that become text of a ConfigMap, at any depth.
 *
 * @returns outputs that are known once the values have been found to be open; a text made of them has to wait for these
 */
export function refuseSecrets(argument: Argument<unknown>, remedy: string): pulumi.Output<unknown>[] {
  const { value } = argument;
  if (!isPlainInput(value)) {
    const output = pulumi.output(value);
    return [
      pulumi.all([output, pulumi.isSecret(output)]).apply(([, secret]) => {
        if (secret) argument.refuse("is a secret, and would be readable in a ConfigMap", remedy);
      }),
    ];
  }
  if (Array.isArray(value))
    return (argument as Argument<unknown[]>).entries().flatMap((entry) => refuseSecrets(entry, remedy));
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  return (argument as Argument<Record<string, unknown>>).record().flatMap(([, field]) => refuseSecrets(field, remedy));
}

/** Returns a text as soon as no value in it has turned out to be a secret. */
export const publicText = (
  text: pulumi.Input<string>,
  open: readonly pulumi.Output<unknown>[],
): pulumi.Input<string> =>
  open.length === 0 ? text : pulumi.all([text, pulumi.all([...open])]).apply(([known]) => known);
