import * as registration from "@pulumi/pulumi/runtime/resource";
import fc from "fast-check";
import { fieldsOf, Refusal, type Shape } from "../../components/foundation";
import { record } from "../../engine";
import { type ComponentClass, exportedComponents as components } from "./exported-components";
import { validArguments } from "./valid-arguments";

/** Number of mutations over all components. */
const mutations = 20_000;

/** Values of every JSON type, empty and not, and names that every JavaScript object has. */
const values = [
  undefined,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  70_000,
  "",
  "text",
  "8883",
  "toString",
  "__proto__",
  "constructor",
  "a..b",
  "${x}",
  "{",
  [],
  {},
  [[]],
  [null],
  [{}],
  [""],
  { name: "x" },
  { secretName: "x" },
  { length: 1 },
  { toString: "x" },
  JSON.parse('{"__proto__": 1}'),
];

type Path = (string | number)[];

/** Paths of everything within a value, itself first. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((entry, index) => pathsOf(entry, [...path, index]))];
  if (typeof value === "object" && value !== null)
    return [path, ...Object.entries(value).flatMap(([key, entry]) => pathsOf(entry, [...path, key]))];
  return [path];
}

/** A copy with the entry at a path changed; a change to nothing drops it. */
function changed(
  value: unknown,
  [key, ...rest]: Path,
  change: (container: never, key: string | number) => void,
): unknown {
  const copy: Record<string | number, unknown> = (
    Array.isArray(value) ? [...value] : { ...(value as object) }
  ) as never;
  if (rest.length === 0) change(copy as never, key!);
  else copy[key!] = changed(copy[key!], rest, change);
  return copy;
}

const mutation = (args: object) => {
  const paths = pathsOf(args).slice(1);
  return fc
    .record({
      path: fc.constantFrom(...paths),
      kind: fc.constantFrom("drop", "rename", "retype", "nest", "empty", "twice"),
      value: fc.constantFrom(...values),
    })
    .map(({ path, kind, value }) =>
      changed(args, path, (container: Record<string | number, unknown>, key) => {
        const former = container[key];
        if (kind === "retype") container[key] = value;
        else if (kind === "nest") container[key] = Array.isArray(former) ? { list: former } : [former];
        else if (kind === "empty") container[key] = Array.isArray(former) ? [] : typeof former === "string" ? "" : {};
        else if (kind === "twice" && Array.isArray(former)) container[key] = [...former, ...former];
        else if (Array.isArray(container)) container.splice(Number(key), 1);
        else {
          delete container[key];
          if (kind === "rename") container[`${String(key).slice(0, -1)}_`] = former;
        }
      }),
    );
};

/** Thrown in place of a registration: the arguments were accepted. */
class Registered extends Error {}

/** Result of arguments, before anything is registered. */
function outcome(component: ComponentClass, args: unknown): "accepted" | Error {
  const register = jest.spyOn(registration, "registerResource").mockImplementation(() => {
    throw new Registered();
  });
  try {
    new component("x", args as never);
    return new Error("nothing was registered or refused");
  } catch (error) {
    if (error instanceof Registered) return "accepted";
    return error as Error;
  } finally {
    register.mockRestore();
  }
}

test("every component has accepted arguments to start from", () => {
  expect(components.filter(([name]) => validArguments[name] === undefined).map(([name]) => name)).toEqual([]);
});

const cases = components.flatMap(([name, component]) =>
  (validArguments[name] ?? []).map((args, index) => ({ name, index, component, args })),
);

test.each(cases)("$name: arguments $index are accepted by the engine", async ({ component, args }) => {
  const { requests } = await record(() => void new component("x", args as never), { preview: true });
  expect(requests.length).toBeGreaterThan(0);
});

test.each(cases)(
  "$name: arguments $index, changed anywhere, are accepted or properly refused",
  ({ component, args }) => {
    fc.assert(
      fc.property(mutation(args), (mutated) => {
        const found = outcome(component, mutated);
        if (found instanceof Error && !(found instanceof Refusal)) throw found;
      }),
      { numRuns: Math.ceil(mutations / cases.length) },
    );
  },
);

/** The arguments with every default that the schema has, as SDKs of other languages fill it in. */
function withDefaults(type: string, value: object): object {
  const filled: Record<string, unknown> = { ...value };
  for (const { name, shape, default: json } of fieldsOf(type).values())
    filled[name] = filled[name] === undefined ? json && JSON.parse(json) : defaultsIn(shape, filled[name]);
  return filled;
}

function defaultsIn(shape: Shape, value: unknown): unknown {
  if (shape.kind === "object") return withDefaults(shape.type, value as object);
  if (shape.kind === "list") return (value as unknown[]).map((entry) => defaultsIn(shape.of, entry));
  if (shape.kind === "record")
    return Object.fromEntries(
      Object.entries(value as object).map(([key, entry]) => [key, defaultsIn(shape.of, entry)]),
    );
  return value;
}

test.each(cases)("$name: arguments $index may name every default of the schema", ({ name, component, args }) => {
  expect(outcome(component, withDefaults(`${name}Args`, args))).toBe("accepted");
});

test.each(components)("%s: arguments that are no object at all are refused", (_name, component) => {
  for (const value of ["", "text", 0, 1.5, true, [], [{}]])
    expect([value, outcome(component, value)]).toEqual([value, expect.any(Refusal)]);
});

test.each(components)("%s: no arguments at all are accepted or refused", (_name, component) => {
  const found = outcome(component, undefined);
  expect(found === "accepted" || found instanceof Refusal || found).toBe(true);
});
