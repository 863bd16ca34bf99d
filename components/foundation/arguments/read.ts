import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../inputs";
import { areOutputs } from "./facts";
import type { Faults } from "./faults";
import { foreignNames } from "./foreign-names";
import { nearestName } from "./nearest";
import { entryPath, fieldPath } from "./path";
import { type Field, fieldsOf, type Shape } from "./shape";

/** Deeper than any argument that works; a value of another language may hold itself. */
const maximumDepth = 64;
const maximumShown = 60;

/** A value as rules see it: `undefined` where it was not of its type. */
type Cleaned = unknown;

/** Holds values against the table, and records each fault with its path. */
export class ArgumentReader {
  constructor(
    private readonly component: string,
    private readonly faults: Faults,
  ) {}

  /** Returns the arguments of a component: the same object where every value is of its type, otherwise a copy without the others. */
  readArguments(type: string, value: unknown): Cleaned {
    const shape: Shape = { kind: "object", type, input: false, secret: false };
    const missing = value === undefined || value === null;
    return this.read(shape, missing ? {} : value, "", "write an object");
  }

  private read(shape: Shape, value: unknown, path: string, remedy: string, depth = 0): Cleaned {
    if (depth > maximumDepth) return this.refuse(path, `is nested more than ${maximumDepth} deep`, "write less");
    if (shape.kind === "any") return value;
    if (!isPlainInput<unknown>(value)) return this.readLater(shape, value, path, remedy, depth);
    switch (shape.kind) {
      case "list":
        return this.readList(shape.of, value, path, remedy, depth);
      case "record":
        return this.readRecord(shape.of, value, path, remedy, depth);
      case "object":
        return this.readObject(shape.type, value, path, remedy, depth);
      case "enum":
        return this.readMember(shape.members, value, path);
      case "number":
        return Number.isFinite(value) ? value : this.refuseType(shape, value, path, remedy);
      case "scalar":
        return typeof value === "string" || Number.isFinite(value)
          ? value
          : this.refuseType(shape, value, path, remedy);
      case "string":
        if (typeof value === "string" && value.startsWith("urn:pulumi:")) return this.refuseResource(value, path);
        return typeof value === "string" ? value : this.refuseType(shape, value, path, remedy);
      case "boolean":
        return typeof value === "boolean" ? value : this.refuseType(shape, value, path, remedy);
    }
  }

  /** Structure has to be known now. A leaf is held against its type once it is known. */
  private readLater(shape: Shape, value: unknown, path: string, remedy: string, depth: number): Cleaned {
    if (!shape.input)
      return this.refuse(
        path,
        "is one output as a whole, so what is in it is not known yet",
        "give the list or object itself, and make outputs or secrets of the values in it",
      );
    (pulumi.output(value) as pulumi.Output<unknown>).apply((known) => {
      if (known !== undefined && known !== null) this.read({ ...shape, secret: true }, known, path, remedy, depth);
    });
    return value;
  }

  private readObject(type: string, value: unknown, path: string, remedy: string, depth: number): Cleaned {
    if (!isObject(value))
      return this.refuseType({ kind: "object", type, input: false, secret: false }, value, path, remedy);
    const fields = fieldsOf(type);
    const resource = pulumi.Resource.isInstance(value);
    if (resource && [...fields.values()].some(({ name, required }) => required && !(name in value)))
      return this.refuseResource(value, path, type);
    const changed: Record<string, unknown> = {};
    const meant = new Set<string | undefined>();
    // A component that stands for a reference to itself has outputs besides, and so has a group of them.
    if (!resource && !areOutputs(value))
      for (const key of Object.keys(value))
        if (!fields.has(key)) {
          if (value[key] !== undefined && value[key] !== null)
            meant.add(this.refuseUnknown(type, key, path, [...fields.keys()]));
          changed[key] = undefined;
        }
    for (const field of fields.values()) {
      const given = value[field.name];
      // A misspelt name is why the right one is missing.
      if (meant.has(field.name) && (given === undefined || given === null)) continue;
      const cleaned = this.readField(field, given, fieldPath(path, field.name), depth);
      if (cleaned !== given) changed[field.name] = cleaned;
    }
    return Object.keys(changed).length === 0 ? value : defined({ ...value, ...changed });
  }

  private readField(field: Field, value: unknown, path: string, depth: number): Cleaned {
    const remedy = `write ${describeShape(field.shape)}${field.hint ? `: ${field.hint}` : ""}`;
    if (value !== undefined && value !== null) return this.read(field.shape, value, path, remedy, depth + 1);
    if (field.required) this.refuse(path, "is missing", remedy);
    return undefined;
  }

  private readList(of: Shape, value: unknown, path: string, remedy: string, depth: number): Cleaned {
    if (!Array.isArray(value))
      return this.refuseType({ kind: "list", of, input: false, secret: false }, value, path, remedy);
    const entries = Array.from(value, (entry: unknown, index) => {
      const at = entryPath(path, index);
      const write = `write ${describeShape(of)}`;
      return entry === undefined || entry === null
        ? this.refuse(at, "is missing", write)
        : this.read(of, entry, at, write, depth + 1);
    });
    return entries.every((entry, index) => entry === value[index])
      ? value
      : entries.filter((entry) => entry !== undefined);
  }

  private readRecord(of: Shape, value: unknown, path: string, remedy: string, depth: number): Cleaned {
    if (!isObject(value))
      return this.refuseType({ kind: "record", of, input: false, secret: false }, value, path, remedy);
    if (pulumi.Resource.isInstance(value)) return this.refuseResource(value, path);
    const entries = Object.entries(value).map(([key, entry]) => {
      const missing = entry === undefined || entry === null;
      return [
        key,
        missing ? undefined : this.read(of, entry, fieldPath(path, key), `write ${describeShape(of)}`, depth + 1),
      ];
    });
    return entries.every(([key, entry]) => entry === value[key as string])
      ? value
      : defined(Object.fromEntries(entries));
  }

  private readMember(members: string[], value: unknown, path: string): Cleaned {
    if (typeof value === "string" && members.includes(value)) return value;
    const all = members.map((member) => JSON.stringify(member)).join(", ");
    return this.refuse(path, `is ${shown(value)}`, `write ${members.length === 1 ? "" : "one of "}${all}`);
  }

  /** Refuses an unknown name, and returns the one that it most likely stands for. */
  private refuseUnknown(type: string, key: string, path: string, names: string[]): string | undefined {
    const elsewhere = new Map(Object.entries(foreignNames[type] ?? {})).get(key);
    const near = nearestName(key, names);
    const remedy = elsewhere
      ? remedyOf(elsewhere, path, names)
      : near
        ? `write ${fieldPath(path, near)}`
        : `remove it; ${path === "" ? this.component.split(" ")[0] : path} has ${names.join(", ")}`;
    this.refuse(fieldPath(path, key), "is not an argument", remedy);
    return elsewhere ? undefined : near;
  }

  private refuseType(shape: Shape, value: unknown, path: string, remedy: string): undefined {
    if (pulumi.Resource.isInstance(value)) return this.refuseResource(value, path);
    // A text in place of an object, or one that may be a secret, is not shown.
    const simple = shape.kind === "number" || shape.kind === "boolean";
    const visible = simple && !shape.secret;
    return this.refuse(path, visible ? `is ${shown(value)}` : `is ${kindOf(value)}`, remedy);
  }

  /** Refuses a component, or the URN that it becomes on the way from another language, in place of one of its outputs. */
  private refuseResource(value: unknown, path: string, type?: string): undefined {
    const outputs = isObject(value) ? Object.keys(value).filter((key) => !key.startsWith("_") && key !== "urn") : [];
    const preferred = ["name", "secretName", "gatewayClassName"].find((output) => outputs.includes(output));
    const required = type === undefined ? [] : [...fieldsOf(type).values()].filter((field) => field.required);
    return this.refuse(
      path,
      `is ${typeof value === "string" ? "a resource" : `a ${(value as object).constructor.name}`} as a whole`,
      required.length > 0
        ? `write an object with ${required.map(({ name }) => name).join(", ")}`
        : preferred
          ? `write its output ${preferred}`
          : "write one of its outputs",
    );
  }

  private refuse(path: string, wrong: string, remedy: string): undefined {
    this.faults.addTypeFault({ path, wrong, remedy });
    return undefined;
  }
}

/** Returns what to write in place of a foreign name: a field beside it, by its whole path, or the words of the table. */
function remedyOf(elsewhere: string, path: string, names: readonly string[]): string {
  if (elsewhere.startsWith("remove ")) return elsewhere;
  const beside = path !== "" && names.includes(/^\w+/.exec(elsewhere)?.[0] ?? "");
  return `write ${beside ? `${path}.` : ""}${elsewhere}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === "[object Object]";

/** The fields that have a value. */
const defined = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));

function shown(value: unknown): string {
  if (typeof value === "string") {
    const text = JSON.stringify(value);
    return text.length > maximumShown ? `${text.slice(0, maximumShown)}…"` : `${text}`;
  }
  if (typeof value === "number" || typeof value === "boolean") return `${value}`;
  return kindOf(value);
}

/** Returns what a value is, without the value: `a string`, `a list`, `a Buffer`. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  if (typeof value === "object" && value !== null) return `a ${value.constructor?.name ?? "foreign object"}`;
  return `a ${typeof value}`;
}

/** Returns what to write for a type: `a whole number`, `a list of texts`. */
function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case "string":
      return "a string";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "scalar":
      return "a string or a number";
    case "any":
      return "a value";
    case "enum":
      return `one of ${shape.members.map((member) => JSON.stringify(member)).join(", ")}`;
    case "list":
      return `a list, each entry ${describeShape(shape.of)}`;
    case "record":
      return `an object, each value ${describeShape(shape.of)}`;
    case "object": {
      const required = [...fieldsOf(shape.type).values()].filter((field) => field.required).map(({ name }) => name);
      return required.length === 0 ? "an object" : `an object with ${required.join(", ")}`;
    }
  }
}
