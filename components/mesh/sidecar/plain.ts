import { isPlainInput } from "../../foundation";

/** A value of a template that is known now; an output is checked when it is. */
export function plain<T>(input: T): Exclude<T, PromiseLike<unknown>> | undefined {
  return isPlainInput(input) ? (input as Exclude<T, PromiseLike<unknown>>) : undefined;
}
