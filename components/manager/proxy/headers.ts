import type { NginxConfigNode } from "../../nginx";

/** Repeats the headers in each block with an `add_header` of its own: such a block inherits none from around it. */
export function withHeaders(nodes: NginxConfigNode[], headers: NginxConfigNode[]): NginxConfigNode[] {
  return nodes.map((node) => {
    if (node.block === undefined) return node;
    const own = node.block.some(({ name }) => name === "add_header");
    return { ...node, block: [...(own ? headers : []), ...withHeaders(node.block, headers)] };
  });
}
