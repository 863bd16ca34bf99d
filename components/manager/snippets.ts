import type { Argument } from "../foundation";
import { checkRepeated, type NginxConfigNode } from "../nginx";

/** Package of the gRPC services of agents of version 2. */
export const agentServices = "f5.nginx.agent.";

/** Directives that decide which clients get in, under which name, and where agents' calls go. */
const reserved = /^(?:server|include|listen|server_name|http2|http3|error_page|grpc_pass|ssl_.+)$/;

/** The user's nodes, by the objects that are in the configuration. */
export type SnippetOrigins = Map<object, Argument<unknown>>;

/** Checks that no snippet opens a way around the agents' server, and returns its nodes. */
export function resolveSnippets<T extends object>(snippets: Argument<T | undefined>): SnippetOrigins {
  const origins: SnippetOrigins = new Map();
  for (const [, nodes] of (
    snippets as Argument<unknown> as Argument<Record<string, NginxConfigNode[]> | undefined>
  ).record())
    checkNodes(nodes, origins);
  return origins;
}

function checkNodes(nodes: Argument<NginxConfigNode[] | undefined>, origins: SnippetOrigins): void {
  for (const node of nodes.entries()) {
    const { name = "", args = [] } = node.value;
    if (reserved.test(name))
      node.refuse(`is ${name}, which the component decides alone`, "take it out, or write an NGINX of your own for it");
    else if (args.some((arg) => typeof arg === "string" && arg.includes(agentServices)))
      node.refuse("names a service of agents, which stands in one server only", "take it out");
    // One fault is enough: NGINX's own rules apply to the other nodes.
    else origins.set(node.value, node);
    checkNodes(node.field("block"), origins);
  }
}

/** Checks that a snippet repeats no directive of the component in the same block; `instead` has the arguments for some. */
export const checkSnippet = (
  snippet: Argument<NginxConfigNode[] | undefined>,
  own: NginxConfigNode[],
  instead?: Record<string, string>,
): void =>
  checkRepeated(
    snippet,
    own.filter(({ name }) => !reserved.test(name)),
    instead,
  );
