import { block, directive, flat, type NginxConfigNode, plusOnly, when } from "../../../nginx";
import { checkSnippet } from "../../snippets";
import { AgentMtls } from "../agents";
import type { AgentServer, AgentService, AgentTls, PassthroughServer, ResolvedFront } from "../model";
import { revocationServerNodes } from "../revocation";
import { passNodes } from "./backends";
import { grpcErrorNodes } from "./grpc-errors";
import { accessLogNode } from "./logs";
import { certificateNodes, listenNodes, rejectingServer, tlsNodes } from "./tls";

/** Returns the servers of the agents' port, the only ones with their services. A port that the interface has too rejects unknown names already. */
export const agentServers = (agents: AgentServer, front: ResolvedFront): NginxConfigNode[] => [
  ...when(agents.tls && agents.port !== front.manager?.port, rejectingServer({ ...front, port: agents.port })),
  agentServer(agents, front),
];

function agentServer(agents: AgentServer, { http2Directive, snippets }: ResolvedFront): NginxConfigNode {
  const { port, tls, services } = agents;
  const own = flat([
    listenNodes({ port, http2Directive }, ...(tls ? ["ssl"] : [])),
    directive("server_name", agents.hostname),
    plusOnly(directive("status_zone", agents.statusZone)),
    accessLogNode(agents.accessLog),
    when(tls, agentTlsNodes),
    agents.settings,
    grpcErrorNodes(agents.errorHeaders),
    when(!services.some(({ path }) => path === "/"), block("location", ["/"], [directive("return", "404")])),
    services.map((service) => serviceLocation(service, agents)),
  ]);
  checkSnippet(snippets.agents, own, snippets.instead);
  return block("server", [own, snippets.agents.value ?? []]);
}

/** Returns TLS to agents, and the client certificates that they show. */
const agentTlsNodes = ({ certificate, mtls, ...tls }: AgentTls): NginxConfigNode[] =>
  flat([
    tlsNodes(),
    certificateNodes(certificate),
    when(mtls !== AgentMtls.off, [
      directive("ssl_verify_client", mtls === AgentMtls.required ? "on" : "optional"),
      directive("ssl_verify_depth", `${tls.verifyDepth}`),
      directive("ssl_client_certificate", tls.authorities),
      revocationServerNodes(tls.crl, tls.revocation),
    ]),
  ]);

const serviceLocation = (
  { path, backend, settings, healthCheck }: AgentService,
  { silenceSeconds }: AgentServer,
): NginxConfigNode =>
  block(
    "location",
    [path],
    [
      settings,
      directive("grpc_socket_keepalive", "on"),
      directive("grpc_connect_timeout", "5s"),
      directive("grpc_read_timeout", `${silenceSeconds}s`),
      directive("grpc_send_timeout", `${silenceSeconds}s`),
      directive("grpc_intercept_errors", "on"),
      passNodes(backend, "grpc"),
      healthCheck,
    ],
  );

/** Returns the limits of agents' streams: a stream is one request for as long as the agent runs. */
export const streamLimits = (pauseSeconds: number): NginxConfigNode[] => [
  directive("client_max_body_size", "0"),
  directive("client_body_timeout", `${pauseSeconds}s`),
];

/** Returns the nodes of the `stream` block that pass TLS on as it is. */
export const passthroughNodes = ({ port, statusZone, backend, idleSeconds }: PassthroughServer): NginxConfigNode[] => [
  block("upstream", [backend.upstream], [directive("zone", statusZone, "64k"), directive("server", backend.address)]),
  block("server", [
    directive("listen", `${port}`),
    plusOnly(directive("status_zone", statusZone)),
    directive("proxy_timeout", `${idleSeconds}s`),
    directive("proxy_pass", backend.upstream),
  ]),
];
