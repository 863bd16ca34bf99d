import { Argument } from "./argument";
import { containedResolution } from "./contained";
import { Faults } from "./faults";
import { ArgumentReader } from "./read";

/**
 * Returns what a component makes of its arguments, or throws every fault in them in one error.
 *
 * @param component name of the class, `MqttProxy`
 * @param name name of the component, as the user wrote it
 * @param type interface of the arguments, by which the values are held against the table
 * @param rules rules beyond types and every default; they see values of the right types, or undefined, and touch nothing outside
 */
export function resolveArguments<T extends object, R>(
  component: string,
  name: string,
  type: string,
  args: T,
  rules: (argument: Argument<T>) => R,
): R {
  const before = containedResolution(args);
  if (before !== undefined) return before as R;
  const title = `${component} ${JSON.stringify(name)}`;
  const faults = new Faults(title);
  if (typeof name !== "string" || name === "")
    faults.addTypeFault({ path: "", wrong: "has no name", remedy: "write it as the first parameter, a string" });
  const cleaned = new ArgumentReader(title, faults).readArguments(type, args) as T;
  let resolved: R | undefined;
  faults.attempt(() => {
    resolved = rules(new Argument(faults, "", cleaned));
  });
  faults.close();
  return resolved as R;
}
