import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import type { HclNode } from "./node";

/** Returns the text of a configuration: at once where all values are plain, otherwise as soon as they are known. */
export function printHcl(nodes: HclNode[]): pulumi.Input<string> {
  return isPlain(nodes)
    ? printNodes(nodes as Known[], "")
    : pulumi.output(nodes).apply((known) => printNodes(known, ""));
}

const isPlain = (nodes: HclNode[]): boolean =>
  nodes.every(
    ({ text, texts = [], block = [] }) =>
      isPlainInput(text) && texts.every((one) => isPlainInput(one)) && isPlain(block),
  );

/** A node whose values are known. */
type Known = pulumi.Unwrap<HclNode>;

function printNodes(nodes: Known[], indent: string): string {
  return nodes.map((node) => `${indent}${printNode(node, indent)}\n`).join("");
}

function printNode({ name, labels = [], block, ...value }: Known, indent: string): string {
  const key = printKey(name);
  if (block === undefined) return `${key} = ${printValue(name, value)}`;
  const head = [key, ...labels.map(quoteHcl)].join(" ");
  return block.length === 0 ? `${head} {\n${indent}}` : `${head} {\n${printNodes(block, `${indent}  `)}${indent}}`;
}

function printValue(name: string, { text, texts, number, flag, environment }: Omit<Known, "name">): string {
  if (text !== undefined) return quoteHcl(text);
  if (texts !== undefined) return `[${texts.map(quoteHcl).join(", ")}]`;
  if (number !== undefined) return `${number}`;
  if (flag !== undefined) return `${flag}`;
  if (environment !== undefined) return `"\${${environment}}"`;
  throw new Error(`the key ${name} has no value`);
}

/** Returns a key, quoted where HCL would read it as something else, such as `true`. */
const printKey = (name: string) =>
  /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && name !== "true" && name !== "false" ? name : quoteHcl(name);

/**
 * Returns a text in quotes, as HCL 1 reads it. A dollar sign is printed as its code point: `${` would begin an interpolation, in which HCL 1 has no escapes.
 * With `-expandEnv` SPIRE would also expand any `$name` before it parses HCL.
 */
export function quoteHcl(text: string): string {
  return `"${text.replace(/["\\$]|[^ -~]/gu, escaped)}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, "0");
