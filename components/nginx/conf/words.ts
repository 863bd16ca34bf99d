import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode } from "./node";

/** Nodes of a configuration, with lists inside lists as `when` and the like return them. */
export type NginxConfigNodes = readonly (NginxConfigNode | NginxConfigNodes)[];

/** Returns a directive whose arguments are data. */
export const directive = (name: string, ...args: Input<string>[]): NginxConfigNode => ({ name, args });

/** Returns a directive whose arguments contain NGINX variables. */
export const evaluated = (name: string, ...args: Input<string>[]): NginxConfigNode => ({ name, args, variables: true });

/** Returns a block, with or without arguments before its brace. */
export function block(name: string, nodes: NginxConfigNodes): NginxConfigNode;
export function block(name: string, args: Input<string>[], nodes: NginxConfigNodes): NginxConfigNode;
export function block(
  name: string,
  ...rest: [NginxConfigNodes] | [Input<string>[], NginxConfigNodes]
): NginxConfigNode {
  return rest.length === 1 ? { name, block: flat(rest[0]) } : { name, args: rest[0], block: flat(rest[1]) };
}

/** Returns a block whose arguments contain NGINX variables. */
export const evaluatedBlock = (name: string, args: Input<string>[], nodes: NginxConfigNodes): NginxConfigNode => ({
  ...block(name, args, nodes),
  variables: true,
});

/** Nodes, or a function that makes them from a value that is there. */
type NodesFrom<T> = NginxConfigNode | NginxConfigNodes | ((value: T) => NginxConfigNode | NginxConfigNodes);

/** Returns the nodes where the value is there and not false; a function is called with the value only then. */
export const when = <T>(value: T, ...nodes: NodesFrom<Exclude<NonNullable<T>, false>>[]): NginxConfigNode[] =>
  value === undefined || value === null || value === false
    ? []
    : flat(nodes.map((node) => (typeof node === "function" ? node(value as Exclude<NonNullable<T>, false>) : node)));

/** Returns the node for NGINX Plus only: the open-source edition leaves it out. */
export const plusOnly = (node: NginxConfigNode): NginxConfigNode => ({ ...node, plus: true });

/** Returns one list of nodes from lists inside lists. */
export const flat = (nodes: NginxConfigNodes): NginxConfigNode[] =>
  nodes.flatMap((node) => (isList(node) ? flat(node) : [node]));

const isList = (node: NginxConfigNode | NginxConfigNodes): node is NginxConfigNodes => Array.isArray(node);
