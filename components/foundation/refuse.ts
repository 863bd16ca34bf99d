import { InputPropertyError } from "@pulumi/pulumi";

/**
 * Throws the error of one argument.
 *
 * @param property path of the argument, as the user wrote it: `routes[0].clientId`
 * @param wrong what was wrong with it; never a secret's value
 * @param remedy what to write instead
 */
export type Refuser = (property: string, wrong: string, remedy: string) => never;

/** Makes the refuser of one component, so that each error names the component, the argument, the fault and the remedy. */
export function refuser(component: string, name: string): Refuser {
  return (property, wrong, remedy) => {
    throw new InputPropertyError({
      propertyPath: property,
      reason: `${component} "${name}": ${property} ${wrong}; ${remedy}`,
    });
  };
}
