/** An expression in CEL, the language of admission policies. Text of a user never is one: `cel` quotes what stands in it. */
export class CelExpression {
  constructor(readonly text: string) {}
}

/** JSON, in which a part may be an expression. */
export type CelValue =
  | string
  | number
  | boolean
  | CelExpression
  | readonly CelValue[]
  | { readonly [key: string]: CelValue | undefined };

/** An expression: `` cel`object.metadata.name == ${name}` ``. What stands in `${}` is printed as a literal, unless it is an expression itself. */
export function cel(texts: TemplateStringsArray, ...values: CelValue[]): CelExpression {
  return new CelExpression(
    texts.map((text, index) => `${index === 0 ? "" : printCel(values[index - 1]!)}${text}`).join(""),
  );
}

/** Prints a value as a literal. */
export function printCel(value: CelValue): string {
  if (value instanceof CelExpression) return value.text;
  if (typeof value === "string") return printText(value);
  if (typeof value === "number") return printNumber(value);
  if (typeof value === "boolean") return `${value}`;
  if (isList(value)) return `[${value.map(printCel).join(", ")}]`;
  // Kubernetes wants the values of a map to be of one type: dyn() is a type for all.
  const fields = Object.entries(value).filter((field): field is [string, CelValue] => field[1] !== undefined);
  return `{${fields.map(([key, inner]) => `${printText(key)}: dyn(${printCel(inner)})`).join(", ")}}`;
}

const isList = (value: CelValue): value is readonly CelValue[] => Array.isArray(value);

/** CEL's quotes and escapes are a superset of JSON's, but for halves of a surrogate pair. */
function printText(text: string): string {
  if (/[\ud800-\udfff]/u.test(text)) throw new RangeError("a text that is no Unicode cannot stand in CEL");
  return JSON.stringify(text);
}

function printNumber(number: number): string {
  if (!Number.isSafeInteger(number)) throw new RangeError(`${number} is no number that CEL has as an integer`);
  return `${number}`;
}

/** Expressions of which every one has to hold. */
export const every = (...expressions: CelExpression[]) =>
  new CelExpression(expressions.map(({ text }) => `(${text})`).join(" && "));
