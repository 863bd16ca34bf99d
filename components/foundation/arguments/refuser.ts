import { Faults } from "./faults";

/**
 * Refuses one argument: the rule that calls it ends.
 *
 * @param property path of the argument, as the user wrote it: `routes[0].clientId`
 * @param wrong what is wrong with it; never a secret's value
 * @param remedy what to write instead
 */
export type Refuser = (property: string, wrong: string, remedy: string) => never;

/** Returns the refuser of one component, which throws each fault as an error of its own. */
export function refuser(component: string, name: string): Refuser {
  const faults = new Faults(`${component} ${JSON.stringify(name)}`, "throw");
  return (path, wrong, remedy) => {
    faults.add({ path, wrong, remedy });
    throw new Error("unreachable: a fault is thrown");
  };
}
