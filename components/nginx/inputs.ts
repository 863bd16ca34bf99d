import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../foundation";

/** A value made from a text, at once when that is plain: so it can be checked before anything is registered. */
export function derived<T>(input: pulumi.Input<string>, make: (text: string) => T): pulumi.Input<T> {
  return isPlainInput(input) ? make(input) : (pulumi.output(input).apply(make) as pulumi.Output<T>);
}
