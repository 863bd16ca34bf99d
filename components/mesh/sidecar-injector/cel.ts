/** An expression in CEL, the language of admission policies. Text of a user is never an expression: `cel` quotes it. */
export class CelExpression {
  constructor(readonly text: string) {}
}

/** A JSON value with expressions in it. */
export type CelValue =
  | string
  | number
  | boolean
  | CelExpression
  | readonly CelValue[]
  | { readonly [key: string]: CelValue | undefined };

/** Returns an expression: `` cel`object.metadata.name == ${name}` ``. Values in `${}` are printed as literals, expressions as they are. */
export function cel(texts: TemplateStringsArray, ...values: CelValue[]): CelExpression {
  return new CelExpression(
    texts.map((text, index) => `${index === 0 ? "" : printCel(values[index - 1]!)}${text}`).join(""),
  );
}

/** Returns a value as a literal. */
export function printCel(value: CelValue): string {
  if (value instanceof CelExpression) return value.text;
  if (typeof value === "string") return printText(value);
  if (typeof value === "number") return printNumber(value);
  if (typeof value === "boolean") return `${value}`;
  if (isList(value)) return `[${value.map(printCel).join(", ")}]`;
  // The values of a map must have one type in Kubernetes: dyn() gives them one.
  const fields = Object.entries(value).filter((field): field is [string, CelValue] => field[1] !== undefined);
  return `{${fields.map(([key, inner]) => `${printText(key)}: dyn(${printCel(inner)})`).join(", ")}}`;
}

const isList = (value: CelValue): value is readonly CelValue[] => Array.isArray(value);

/** Returns a text in JSON's quotes and escapes, which CEL reads too, except for unpaired surrogates. */
function printText(text: string): string {
  if (/[\ud800-\udfff]/u.test(text)) throw new RangeError("a text with an unpaired surrogate cannot be written in CEL");
  return JSON.stringify(text);
}

function printNumber(number: number): string {
  if (!Number.isSafeInteger(number)) throw new RangeError(`${number} is not an integer of CEL`);
  return `${number}`;
}

/** Returns an expression that holds where all of these do. */
export const every = (...expressions: CelExpression[]) =>
  new CelExpression(expressions.map(({ text }) => `(${text})`).join(" && "));
