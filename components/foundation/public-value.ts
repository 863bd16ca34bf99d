import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "./inputs";

/**
 * Returns a value for a place that everyone may read, such as a ConfigMap. A secret one is refused, also in a preview that does not know it yet.
 *
 * @param refuse refuses the argument; runs as soon as the value is known to be a secret
 */
export function publicValue<T>(value: pulumi.Input<T>, refuse: () => void): pulumi.Input<T> {
  if (isPlainInput(value)) return value;
  const output = pulumi.output(value);
  const isPublic = pulumi.output(pulumi.isSecret(output)).apply((secret) => {
    if (secret) refuse();
    return !secret;
  });
  return pulumi.all([output, isPublic]).apply(([known]) => known) as pulumi.Output<T>;
}
