import { InputPropertiesError } from "@pulumi/pulumi";
import type { UserLocation } from "./location";

/** A fault of one argument. No text of it holds a secret. */
export interface Fault {
  /** Path of the argument, as the user writes it: `routes[0].clientId`. */
  path: string;
  /** Fault, after the path: `is missing`. */
  wrong: string;
  /** Remedy: `write a string`. */
  remedy: string;
  /** Paths of other arguments, one of which would do: a value of the wrong type there explains this fault. */
  alternatives?: readonly string[];
}

/**
 * The error of a component whose arguments cannot work: one sentence a fault.
 *
 * The SDK prints its message alone: the stack says nothing more, and takes Node.js 20 minutes to print.
 */
export class Refusal extends InputPropertiesError {
  /** The mark of the SDK's RunError, of which a program's runner prints the message alone. */
  readonly __pulumiRunError = true;

  /** @param component the component as messages name it: `MqttProxy "edge"` */
  constructor(
    readonly component: string,
    readonly faults: Fault[],
    location: UserLocation,
  ) {
    // One fault may be found in several places of the configuration.
    const sentences = new Map(
      faults.map(({ path, wrong, remedy }) => [
        `${component}: ${[path, wrong].filter((part) => part !== "").join(" ")}; ${remedy}`,
        path,
      ]),
    );
    const errors = Array.from(sentences, ([reason, propertyPath]) => ({ propertyPath, reason }));
    const place = location.describe();
    const message = [...sentences.keys(), ...(place ? [`    at ${place}`] : [])].join("\n");
    super({ message, errors });
    // The SDK puts the name of the resource's property that waits for the value before the message.
    Object.defineProperty(this, "message", { get: () => message, set: () => undefined });
    this.stack = message;
  }
}
