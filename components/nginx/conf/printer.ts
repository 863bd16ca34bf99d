import { Edition } from "../edition";
import { dollarRule, isDataBlock, NginxContext } from "./dollar";
import { NginxConfigError } from "./error";
import type { NginxConfigNode } from "./node";
import { isPlusOnly } from "./plus-only";
import { quote } from "./quote";

/** What a block's nodes are printed in. */
interface Scope {
  context: NginxContext;
  edition: Edition;
  /** Names of the blocks around, from the outside in. */
  path: string[];
  /** Shared by all scopes of one `http` or `stream` block: whether something in it needs `${dollar}`. */
  needs: { dollar: boolean };
}

// The value of a geo is not evaluated, so this is how a dollar sign gets into what is.
const dollarVariable: NginxConfigNode = {
  name: "geo",
  args: ["$dollar"],
  variables: true,
  block: [{ name: "default", args: ["$"] }],
};

/**
 * Prints a configuration whose arguments are all known.
 *
 * @param context where the nodes will stand: `main` for a whole file, `http` or `stream` for one that is included there
 */
export function printConfig(
  nodes: NginxConfigNode[],
  edition: Edition,
  context: NginxContext = NginxContext.main,
): string {
  return printNodes(nodes, { context, edition, path: [], needs: { dollar: false } }).join("");
}

/** The lines of one block, with the definition of `$dollar` before them where a context begins. */
function printNodes(nodes: NginxConfigNode[], scope: Scope, own = scope.context !== NginxContext.main): string[] {
  const lines = nodes
    .filter((node) => !(node.plus && scope.edition === Edition.oss))
    .flatMap((node) => printNode(node, scope));
  return own && scope.needs.dollar ? [...printNode(dollarVariable, scope), ...lines] : lines;
}

function printNode(node: NginxConfigNode, scope: Scope): string[] {
  const words = [printName(node, scope), ...(node.args ?? []).map((_, index) => printArgument(node, index, scope))];
  const indent = "    ".repeat(scope.path.length);
  if (node.block === undefined) return [`${indent}${words.join(" ")};\n`];
  const path = [...scope.path, node.name];
  const opened = scope.path.length === 0 && scope.context === NginxContext.main ? contextOf(node.name) : undefined;
  const inner = opened
    ? printNodes(node.block, { ...scope, path, context: opened, needs: { dollar: false } }, true)
    : printNodes(node.block, { ...scope, path }, false);
  return [`${indent}${words.join(" ")} {\n`, ...inner, `${indent}}\n`];
}

const contextOf = (block: string) =>
  block === NginxContext.http || block === NginxContext.stream ? NginxContext[block] : undefined;

function printName({ name, plus }: NginxConfigNode, { path, edition }: Scope): string {
  const where = [...path, name].join(" > ");
  if (isDataBlock(path.at(-1))) return quote(name, `${path.join(" > ")} has a key that`);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new NginxConfigError(
      path.join(" > ") || "the top level",
      `has a directive name of ${Buffer.byteLength(name)} bytes that is none`,
      "write the name alone, and what follows it as args",
    );
  if (edition === Edition.oss && !plus && isPlusOnly(name))
    throw new NginxConfigError(
      where,
      "is a directive that only NGINX Plus has",
      'take it out, mark the node with plus: true to leave it out for edition "oss", or use edition "plus"',
    );
  return name;
}

function printArgument(node: NginxConfigNode, index: number, { context, path, needs }: Scope): string {
  const parent = path.at(-1);
  // A key may be a client's name or address; the block around it says enough.
  const where = `${(isDataBlock(parent) ? path : [...path, node.name]).join(" > ")}: argument ${index + 1}`;
  const value = node.args![index];
  if (typeof value !== "string")
    throw new NginxConfigError(where, `is ${value === null ? "null" : typeof value}`, "write a string");
  if (node.variables || !value.includes("$")) return quote(value, where);
  switch (dollarRule(node.name, parent, context)) {
    case "raw":
      return quote(value, where);
    case "variable":
      needs.dollar = true;
      return quote(
        value.replace(/\$/g, () => "${dollar}"),
        where,
      );
    case "impossible":
      throw new NginxConfigError(
        where,
        "has a dollar sign, and there are no variables here to write it with",
        'print the nodes for the context "http" or "stream" in which they will stand',
      );
    case "unknown":
      throw new NginxConfigError(
        where,
        "has a dollar sign, and it is not known whether NGINX evaluates this directive",
        "if it begins a variable, set variables: true on the node; if it is data, define a variable with that value by map and use that",
      );
  }
}
