import { Output } from "@pulumi/pulumi";
import type { Refuser } from "./refuse";

/**
 * Refuses structure that is not known yet: what exists is decided before anything runs, so only leaves may be outputs.
 *
 * TypeScript says the same; a program in another language that marks a whole list as secret gets here.
 */
export function checkPlain(refuse: Refuser, structure: Record<string, unknown>): void {
  for (const [property, value] of Object.entries(structure))
    if (Output.isInstance(value) || value instanceof Promise)
      refuse(
        property,
        "is one output as a whole, so what is in it is not known yet",
        "give the list or object itself, and make outputs or secrets of the values in it",
      );
}
