import type { NginxConfigNode, NginxConfiguration } from "../../nginx";

/** Paths of the arguments that nodes have their text from: a fault of the rendered configuration then names the argument. */
const paths = new WeakMap<NginxConfigNode, string>();

/** Records the argument that a node has its text from, and returns the node. */
export function fromArgument(path: string, node: NginxConfigNode): NginxConfigNode {
  paths.set(node, path);
  return node;
}

/** Returns the path of the argument behind a text of the configuration, by its path there: `configuration.stream[3].block[0].args[1]`. Other texts come from the routes. */
export function argumentAt(configuration: NginxConfiguration, path: string): string {
  const [, part = "", rest = ""] = /^configuration\.(\w+)(.*)$/.exec(path) ?? [];
  let nodes: NginxConfigNode[] | undefined = configuration[part as keyof NginxConfiguration];
  let found: string | undefined;
  for (const [, list, index] of rest.matchAll(/(?:\.(\w+))?\[(\d+)\]/g)) {
    if (list === "args") break;
    const node: NginxConfigNode | undefined = nodes?.[Number(index)];
    found = (node && paths.get(node)) ?? found;
    nodes = node?.block;
  }
  return found ?? "routes";
}
