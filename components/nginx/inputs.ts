import * as pulumi from "@pulumi/pulumi";

/** Whether the value is known now: neither an Output nor a Promise. */
export const isPlainInput = <T>(input: pulumi.Input<T>): input is T =>
  !pulumi.Output.isInstance(input) && !(input instanceof Promise);

/** A value made from a text, at once when that is plain: so it can be checked before anything is registered. */
export function derived<T>(input: pulumi.Input<string>, make: (text: string) => T): pulumi.Input<T> {
  return isPlainInput(input) ? make(input) : (pulumi.output(input).apply(make) as pulumi.Output<T>);
}
