import { argumentTable } from "./table";

/** Type of a value, as the table writes it. */
export type Shape = { input: boolean; secret: boolean } & (
  | { kind: "string" | "number" | "boolean" | "scalar" | "any" }
  | { kind: "enum"; members: string[] }
  | { kind: "list" | "record"; of: Shape }
  | { kind: "object"; type: string }
);

/** A field of an interface. */
export interface Field {
  name: string;
  required: boolean;
  shape: Shape;
  /** Default as JSON, where it is a text, a number or a boolean. */
  default?: string;
  /** Meaning of a required field, for the message that it is missing. */
  hint: string;
}

const read = new Map<string, ReadonlyMap<string, Field>>();

const table = new Map(Object.entries(argumentTable));

/** Returns whether the table has an interface of this name. */
export const isArgumentType = (type: string) => table.has(type);

/** Returns the fields of an interface by their names. */
export function fieldsOf(type: string): ReadonlyMap<string, Field> {
  const known = read.get(type);
  if (known) return known;
  const lines = table.get(type);
  if (lines === undefined) throw new Error(`the table of arguments has no ${type}; run \`npm run arguments\``);
  const fields = new Map(
    Object.entries(lines).map(([key, line]) => {
      const field = readField(key, line);
      return [field.name, field];
    }),
  );
  read.set(type, fields);
  return fields;
}

function readField(key: string, line: string): Field {
  const required = !key.endsWith("?");
  const [, shape = "", value, hint = ""] = /^(\S+)(?: =("(?:[^"\\]|\\.)*"|\S+))?(?: (.*))?$/.exec(line) ?? [];
  return {
    name: required ? key : key.slice(0, -1),
    required,
    shape: readShape(shape),
    ...(value !== undefined && { default: value }),
    hint,
  };
}

function readShape(text: string): Shape {
  const input = text.startsWith("~");
  const secret = text.endsWith("!");
  const marks = { input, secret };
  const body = text.slice(input ? 1 : 0, secret ? -1 : undefined);
  if (body.startsWith("[")) return { ...marks, kind: "list", of: readShape(body.slice(1, -1)) };
  if (body.startsWith("{")) return { ...marks, kind: "record", of: readShape(body.slice(1, -1)) };
  if (body.startsWith("<")) return { ...marks, kind: "enum", members: body.slice(1, -1).split("|") };
  switch (body) {
    case "string":
    case "number":
    case "boolean":
    case "scalar":
    case "any":
      return { ...marks, kind: body };
    default:
      return { ...marks, kind: "object", type: body };
  }
}
