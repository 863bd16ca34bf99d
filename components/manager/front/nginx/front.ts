import { flat, type NginxConfigNode, when } from "../../../nginx";
import { checkSnippet } from "../../snippets";
import type { ResolvedFront } from "../model";
import { revocationHttpNodes } from "../revocation";
import { agentServers, passthroughNodes } from "./agent-server";
import { upstreamNode } from "./backends";
import { accessLogNode } from "./logs";
import { managerServers } from "./manager-server";
import { statusServer } from "./status-server";

/** Configuration of a front, in parts that hosts have as files. */
export interface FrontNodes {
  /** Logs and maps that servers share. */
  common: NginxConfigNode[];
  /** Upstream block of each service of Instance Manager. */
  upstreams: NginxConfigNode[];
  /** Servers of the interface. */
  manager: NginxConfigNode[];
  /** Servers of agents. */
  agents: NginxConfigNode[];
  /** Server of NGINX's status. */
  status: NginxConfigNode[];
  /** The user's nodes at the end of the `http` block. */
  snippets: NginxConfigNode[];
  /** The `stream` block, where TLS is passed on. */
  stream?: NginxConfigNode[];
}

/** Returns the configuration of a front. */
export function frontNodes(front: ResolvedFront): FrontNodes {
  const { manager, agents, passthrough, status, snippets } = front;
  const backends = new Set([
    ...(manager ? [manager.backend] : []),
    ...(agents?.services.map(({ backend }) => backend) ?? []),
  ]);
  const common = flat([front.logFormats, accessLogNode(front.accessLog), revocationHttpNodes(agents?.tls?.revocation)]);
  checkSnippet(snippets.http, common);
  return {
    common,
    upstreams: [...backends].map(upstreamNode),
    manager: when(manager, (server) => managerServers(server, front)),
    agents: when(agents, (server) => agentServers(server, front)),
    status: when(status, statusServer),
    snippets: snippets.http.value ?? [],
    ...(passthrough && { stream: passthroughNodes(passthrough) }),
  };
}
