import { checkPlain, type Refuser } from "../../foundation";
import type { NginxConfigNode } from "../../nginx";
import type { InstanceManagerProxySnippets } from "../instance-manager-proxy-options";
import { agentServices } from "./configuration";

// What decides who gets in, under which name, and where agents' calls go: the component's own to say.
const reserved = /^(?:server|include|listen|server_name|http2|http3|error_page|grpc_pass|ssl_.+)$/;

/** Refuses snippets with which someone could walk around the agents' server. */
export function checkSnippets(snippets: InstanceManagerProxySnippets, refuse: Refuser): void {
  for (const [part, nodes] of Object.entries(snippets)) {
    checkPlain(refuse, { [`snippets.${part}`]: nodes });
    checkNodes(nodes ?? [], `snippets.${part}`, refuse);
  }
}

function checkNodes(nodes: NginxConfigNode[], property: string, refuse: Refuser): void {
  for (const [index, { name, args = [], block = [] }] of nodes.entries()) {
    const path = `${property}[${index}]`;
    if (reserved.test(name))
      refuse(
        path,
        `is ${name}, which the component decides alone`,
        "take it out, or write an NGINX of your own for it",
      );
    if (args.some((arg) => typeof arg === "string" && arg.includes(agentServices)))
      refuse(path, "names a service of agents, which stands in one server only", "take it out");
    checkNodes(block, `${path}.block`, refuse);
  }
}
