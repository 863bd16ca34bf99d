import type { Argument } from "../foundation";
import type { NginxConfigNode } from "./conf";

/** Arguments of the user by the values that a component has taken from them, as they are, into the arguments of an NginxPlus. */
export type Origins = ReadonlyMap<object, Argument<unknown>>;

/**
 * Returns where nodes, files or Secrets come from that a component takes from its user into the arguments of its NginxPlus.
 *
 * @param lists lists of objects, each as the user wrote it: `argument.field("snippets").field("stream")`
 */
export const originsOf = (...lists: Argument<readonly object[] | undefined>[]): Map<object, Argument<unknown>> =>
  new Map(lists.flatMap((list) => list.entries()).map((entry) => [entry.value, entry]));

/** A node at its place in the configuration. */
export interface PlacedNode {
  node: NginxConfigNode;
  /** The block around it; undefined in the outermost one. */
  parent: PlacedNode | undefined;
  /** Names of the blocks around it, from the outside in: `["stream", "server"]`. */
  path: string[];
  /** The user wrote it, and not a component that contains the NginxPlus. */
  written: boolean;
  /** Its nodes; undefined for a directive. */
  block: PlacedNode[] | undefined;
  /** Returns it as an argument of the user. */
  argument(): Argument<NginxConfigNode>;
}

/**
 * Returns the nodes of one part of the configuration at their places.
 *
 * @param part the list of nodes
 * @param path the block that the part stands in: `["stream"]`
 * @param origins nodes of the user; undefined where all are
 */
export const placeNodes = (
  part: Argument<NginxConfigNode[] | undefined>,
  path: string[],
  origins: Origins | undefined,
): PlacedNode[] => placeAll(part.value ?? [], () => part, { path, origins, written: origins === undefined });

interface Around {
  path: string[];
  origins: Origins | undefined;
  written: boolean;
  parent?: PlacedNode;
}

const placeAll = (
  nodes: NginxConfigNode[],
  list: () => Argument<NginxConfigNode[] | undefined>,
  around: Around,
): PlacedNode[] =>
  nodes.map((node, index) => {
    const origin = around.origins?.get(node) as Argument<NginxConfigNode> | undefined;
    const argument = () => origin ?? list().with(`${list().path}[${index}]`, node);
    const placed: PlacedNode = {
      node,
      parent: around.parent,
      path: around.path,
      written: around.written || origin !== undefined,
      block: undefined,
      argument,
    };
    if (node.block)
      placed.block = placeAll(node.block, () => argument().field("block"), {
        ...around,
        path: [...around.path, node.name],
        written: placed.written,
        parent: placed,
      });
    return placed;
  });

/** Returns all nodes of a tree, each before those of its block. */
export function everyNode(nodes: readonly PlacedNode[]): PlacedNode[] {
  return nodes.flatMap((placed) => [placed, ...everyNode(placed.block ?? [])]);
}
