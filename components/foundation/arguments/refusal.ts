import { InputPropertiesError } from "@pulumi/pulumi";
import type { UserLocation } from "./location";

/** A fault of one argument. No text of it holds a secret. */
export interface Fault {
  /** Path of the argument, as the user writes it: `routes[0].clientId`. */
  path: string;
  /** What is wrong with it, after the path: `is missing`. */
  wrong: string;
  /** What to write instead: `write a string`. */
  remedy: string;
}

/**
 * The error of a component whose arguments cannot work: one sentence a fault.
 *
 * The SDK prints it without a stack, and without a look at what else it has: printing its stack takes Node.js 20 minutes.
 */
export class Refusal extends InputPropertiesError {
  /** The mark of the SDK's RunError, of which a program's runner prints the message alone. */
  readonly __pulumiRunError = true;

  constructor(
    component: string,
    readonly faults: Fault[],
    location: UserLocation,
  ) {
    const errors = faults.map(({ path, wrong, remedy }) => ({
      propertyPath: path,
      reason: `${component}: ${[path, wrong].filter((part) => part !== "").join(" ")}; ${remedy}`,
    }));
    const place = location.describe();
    const sentences = [...new Set(errors.map(({ reason }) => reason))];
    super({ message: [...sentences, ...(place ? [`    at ${place}`] : [])].join("\n"), errors });
    this.stack = this.message;
  }
}
