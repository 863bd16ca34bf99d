import type { NginxConfigNode } from "../../../nginx";
import type { SnippetOrigins } from "../../snippets";

/** Repeats the headers in each block with an `add_header` of its own: such a block inherits none from around it. */
export function withHeaders(
  nodes: NginxConfigNode[],
  headers: NginxConfigNode[],
  origins?: SnippetOrigins,
): NginxConfigNode[] {
  return nodes.map((node) => {
    if (node.block === undefined) return node;
    const own = node.block.some(({ name }) => name === "add_header");
    const repeated = { ...node, block: [...(own ? headers : []), ...withHeaders(node.block, headers, origins)] };
    const origin = origins?.get(node);
    if (origin) origins!.set(repeated, origin);
    return repeated;
  });
}
