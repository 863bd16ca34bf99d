import * as pulumi from "@pulumi/pulumi";
import { record } from "../../engine";

/** One wrong argument, and the error that it must cause. */
export interface Refusal {
  /** What the rule is about. */
  rule: string;
  component: new (name: string, args: never) => pulumi.ComponentResource;
  /** The arguments; a function where they need something that is made before the tests. */
  args: object | (() => object);
  /** The whole message after `<Class> "wrong": `; it begins with the path of the argument. */
  error: string;
  /** Further faults of the same arguments, as `error`. @default none */
  also?: string[];
  /** Texts that must not be in the error. */
  secrets?: string[];
  /** The argument is plain in the component's interface. */
  plain?: boolean;
}

/** Runs the corpus: each case throws at once, before anything is registered, and says the same when the text is an Output. */
export function testRefusals(cases: Refusal[]): void {
  test.each(cases)("$rule", async ({ component, args: given, error, also = [], secrets = [], plain = false }) => {
    const args = typeof given === "function" ? given() : given;
    const [reason = "", ...others] = [error, ...also].map((fault) => `${component.name} "wrong": ${fault}`);
    // No engine is running: a registration would fail with the SDK's own words.
    const thrown = thrownBy(() => new component("wrong", args as never));
    expect(thrown).toBeInstanceOf(pulumi.InputPropertiesError);
    const { errors, message, stack } = thrown as pulumi.InputPropertiesError;
    expect(errors).toEqual(
      [reason, ...others].map((one, index) => ({ propertyPath: [error, ...also][index]!.split(" ")[0], reason: one })),
    );
    // The sentences, and the line of this program that constructs the component; no stack.
    expect(withoutPlace(message)).toBe([reason, ...others].join("\n"));
    expect(stack).toBe(message);
    for (const secret of secrets) expect(message).not.toContain(secret);

    const later = plain ? undefined : withOutput(args, error.split(" ")[0]!);
    if (later === undefined) return;
    const failure = await record(() => void new component("wrong", later as never)).then(
      () => new Error("nothing was refused"),
      (thrown: Error) => thrown,
    );
    expect(failure.message).toContain(reason);
    for (const secret of secrets) expect(failure.stack).not.toContain(secret);
  });
}

/** The message without its last line, which names the line of the program. */
export const withoutPlace = (message: string) => message.replace(/\n {4}at \S+:\d+:\d+$/, "");

/** Returns the error that an action throws; undefined where it throws none. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

/** The arguments with the text at a path (`signed.chainPem`, `registries[0]`) as an Output; undefined when there is no text. */
function withOutput(args: object, path: string): object | undefined {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  const replace = (value: unknown, rest: string[]): unknown => {
    if (rest.length === 0) return typeof value === "string" ? pulumi.output(value) : undefined;
    if (typeof value !== "object" || value === null) return undefined;
    const [key, ...others] = rest as [string, ...string[]];
    const child = replace((value as Record<string, unknown>)[key], others);
    if (child === undefined) return undefined;
    return Array.isArray(value)
      ? value.map((item, index) => (String(index) === key ? child : item))
      : { ...value, [key]: child };
  };
  return replace(args, keys) as object | undefined;
}
