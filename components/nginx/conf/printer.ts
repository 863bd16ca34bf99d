import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import { Edition } from "../edition";
import { dollarRule, dollarVariable, isDataBlock, NginxContext } from "./dollar";
import { NginxConfigError } from "./error";
import type { NginxConfigNode } from "./node";
import { isPlusOnly } from "./plus-only";
import { quote, wordFault } from "./quote";

/** A fault of one node of a tree: of one of its arguments, or of its name. No text of it quotes a value. */
export interface NodeFault {
  node: NginxConfigNode;
  /** Index of the argument; undefined for the name. */
  argument?: number;
  /** Place, from the outside in: `stream > server > proxy_pass: argument 1`. */
  where: string;
  wrong: string;
  remedy: string;
}

/** Takes the faults of a tree: throws, or records them. */
export type ReportFault = (fault: NodeFault) => void;

/** An argument that is known later. */
interface LateWord {
  value: pulumi.Input<string>;
  node: NginxConfigNode;
  argument: number;
  print(text: string): string;
}

/** Printed text, an argument that is known later, or a text that depends on those. */
type Piece = string | LateWord | (() => string);

/** Surroundings of the nodes of a block. */
interface Scope {
  context: NginxContext;
  edition: Edition;
  /** Names of the blocks around, from the outside in. */
  path: string[];
  /** Shared by all scopes of one `http` or `stream` block: whether something in it needs `${dollar}`. */
  needs: { dollar: boolean };
  report: ReportFault;
}

// The value of a geo is not evaluated, so this is how a dollar sign gets into an evaluated argument.

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
  const report: ReportFault = ({ where, wrong, remedy }) => {
    throw new NginxConfigError(where, wrong, remedy);
  };
  return joinPieces(printNodes(nodes, { context, edition, path: [], needs: { dollar: false }, report }));
}

/**
 * Prints a configuration: at once where all arguments are plain, otherwise as soon as they are known. Faults of plain arguments are reported at once.
 *
 * @param refuseSecret reports an argument that is a secret
 * @param context where the nodes will stand: `main` for a whole file, `http` or `stream` for one that is included there
 */
export function printTree(
  nodes: NginxConfigNode[],
  edition: Edition,
  report: ReportFault,
  refuseSecret?: (node: NginxConfigNode, argument: number) => void,
  context: NginxContext = NginxContext.main,
): pulumi.Input<string> {
  const scope: Scope = { context, edition, path: [], needs: { dollar: false }, report };
  const pieces = printNodes(nodes, scope);
  const late = pieces.filter((piece): piece is LateWord => typeof piece === "object");
  if (late.length === 0) return joinPieces(pieces);
  const outputs = late.map(({ value }) => pulumi.output(value));
  return pulumi
    .all([pulumi.all(outputs), Promise.all(outputs.map((output) => pulumi.isSecret(output)))])
    .apply(([texts, secrets]) => {
      const words = new Map(
        late.map((word, index) => {
          if (secrets[index] && refuseSecret) refuseSecret(word.node, word.argument);
          return [word, word.print(texts[index]!)];
        }),
      );
      return joinPieces(pieces.map((piece) => (typeof piece === "object" ? words.get(piece)! : piece)));
    });
}

const joinPieces = (pieces: Piece[]) =>
  pieces.map((piece) => (typeof piece === "function" ? piece() : (piece as string))).join("");

/** The text of one block, with the definition of `$dollar` before it where a context begins. */
function printNodes(nodes: NginxConfigNode[], scope: Scope, own = scope.context !== NginxContext.main): Piece[] {
  const pieces = nodes
    .filter((node) => !(node.plus && scope.edition === Edition.oss))
    .flatMap((node) => printNode(node, scope));
  const dollar = () => (scope.needs.dollar ? joinPieces(printNode(dollarVariable, scope)) : "");
  return own ? [dollar, ...pieces] : pieces;
}

function printNode(node: NginxConfigNode, scope: Scope): Piece[] {
  const indent = "    ".repeat(scope.path.length);
  const end = node.block === undefined ? ";\n" : " {\n";
  const words = (node.args ?? []).map((_, index) => printArgument(node, index, scope));
  const name = `${indent}${printName(node, scope)}`;
  const line: Piece[] = words.every((word): word is string => typeof word === "string")
    ? [`${[name, ...words].join(" ")}${end}`]
    : [name, ...words.flatMap((word) => [" ", word]), end];
  if (node.block === undefined) return line;
  const path = [...scope.path, node.name];
  const opened = scope.path.length === 0 && scope.context === NginxContext.main ? contextOf(node.name) : undefined;
  const inner = opened
    ? printNodes(node.block, { ...scope, path, context: opened, needs: { dollar: false } }, true)
    : printNodes(node.block, { ...scope, path }, false);
  return [...line, ...inner, `${indent}}\n`];
}

const contextOf = (block: string) =>
  block === NginxContext.http || block === NginxContext.stream ? NginxContext[block] : undefined;

function printName(node: NginxConfigNode, { path, edition, report }: Scope): string {
  const { name, plus } = node;
  if (isDataBlock(path.at(-1))) {
    const fault = wordFault(name);
    if (fault) report({ node, where: `${path.join(" > ")}: a key`, ...fault });
    return quote(name);
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    report({
      node,
      where: `${path.join(" > ") || "the top level"}: the name of a node`,
      wrong: "is not the name of a directive",
      remedy: "write the name alone, and its arguments in args",
    });
  else if (edition === Edition.oss && !plus && isPlusOnly(name))
    report({
      node,
      where: [...path, name].join(" > "),
      wrong: "is a directive that only NGINX Plus has",
      remedy: 'remove it, mark the node with plus: true to leave it out for edition "oss", or use edition "plus"',
    });
  return name;
}

function printArgument(node: NginxConfigNode, argument: number, scope: Scope): string | LateWord {
  const value = node.args![argument];
  const print = (text: string) => printWord(node, argument, text, scope);
  return value !== undefined && !isPlainInput(value) ? { value, node, argument, print } : print(value as string);
}

function printWord(node: NginxConfigNode, argument: number, value: unknown, scope: Scope): string {
  const { context, path, needs, report } = scope;
  const parent = path.at(-1);
  const refuse = (wrong: string, remedy: string) => {
    // A key may be a client's name or address; the block around it says enough.
    const names = isDataBlock(parent) ? path : [...path, node.name];
    report({ node, argument, where: `${names.join(" > ")}: argument ${argument + 1}`, wrong, remedy });
    return "";
  };
  if (typeof value !== "string") return refuse(`is ${value === null ? "null" : typeof value}`, "write a string");
  let text = value;
  if (!node.variables && value.includes("$"))
    switch (dollarRule(node.name, parent, context)) {
      case "raw":
        break;
      case "variable":
        needs.dollar = true;
        text = value.replace(/\$/g, () => "${dollar}");
        break;
      case "impossible":
        return refuse(
          "has a dollar sign, and there are no variables here to write it with",
          'print the nodes for the context "http" or "stream" in which they will stand',
        );
      case "unknown":
        return refuse(
          "has a dollar sign, and it is not known whether NGINX evaluates this directive",
          "if it begins a variable, set variables: true on the node; if it is data, define a variable with that value by map and use that",
        );
    }
  const fault = wordFault(text);
  return fault ? refuse(fault.wrong, fault.remedy) : quote(text);
}
