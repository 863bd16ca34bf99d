import * as pulumi from "@pulumi/pulumi";

/**
 * Checks a value at once when it is plain, otherwise as soon as it is known, with the same error.
 *
 * A value that is still unknown in a preview is not checked there.
 */
export function validateWhenKnown<T>(input: pulumi.Input<T>, check: (value: T) => void): pulumi.Input<T> {
  if (isPlainInput(input)) {
    check(input as T);
    return input;
  }
  return pulumi.output(input).apply((value) => {
    check(value as T);
    return value;
  }) as pulumi.Output<T>;
}

/** Reads several texts together: at once when all are plain, otherwise in one apply that throws the same errors. */
export function mapInputs<K extends string, R>(
  inputs: Record<K, pulumi.Input<string> | undefined>,
  read: (texts: Record<K, string | undefined>) => R,
): pulumi.Output<pulumi.Unwrap<R>> {
  const result = Object.values(inputs).every(isPlainInput)
    ? read(inputs as Record<K, string | undefined>)
    : pulumi.output(inputs).apply((texts) => read(texts as Record<K, string | undefined>));
  return pulumi.output(result) as pulumi.Output<pulumi.Unwrap<R>>;
}

/** Returns whether a value is known now, not an output or a promise of one. */
export function isPlainInput<T>(input: pulumi.Input<T>): input is T {
  return !pulumi.Output.isInstance(input) && !(input instanceof Promise);
}

/** Returns whether a value and everything in it is known now. */
export const isPlainThroughout = (value: unknown): boolean =>
  isPlainInput<unknown>(value) &&
  (typeof value !== "object" || value === null || Object.values(value).every(isPlainThroughout));

/** Returns a value made from a text, at once if that is plain: it can then be checked before anything is registered. */
export function mapInput<T>(input: pulumi.Input<string>, make: (text: string) => T): pulumi.Input<T> {
  return isPlainInput(input) ? make(input) : (pulumi.output(input).apply(make) as pulumi.Output<T>);
}
