import { mapInput } from "../../../foundation";
import { block, directive, evaluated, flat, type NginxConfigNode, plusOnly, when } from "../../../nginx";
import { checkSnippet } from "../../snippets";
import type { ManagerServer, RedirectServer, ResolvedFront } from "../model";
import { passNodes } from "./backends";
import { grpcAnswer } from "./grpc-errors";
import { withHeaders } from "./headers";
import { accessLogNode } from "./logs";
import { certificateNodes, listenNodes, rejectingServer, tlsNodes } from "./tls";

/** Returns the servers of the interface's port: the redirect, the rejection of unknown names, the interface itself. */
export const managerServers = (manager: ManagerServer, front: ResolvedFront): NginxConfigNode[] => [
  ...when(manager.redirect, (redirect) => redirectServer(manager, redirect)),
  rejectingServer({ ...front, port: manager.port }),
  managerServer(manager, front),
];

/** Returns the server of the web interface and the API. Usage reports come here too: NGINX Plus shows no certificate with them. */
function managerServer(manager: ManagerServer, { http2Directive, snippets }: ResolvedFront): NginxConfigNode {
  const { backend, headers, rejectedServices } = manager;
  const own = flat([
    listenNodes({ port: manager.port, http2Directive }, "ssl"),
    directive("server_name", manager.hostname),
    plusOnly(directive("status_zone", manager.statusZone)),
    accessLogNode(manager.accessLog),
    tlsNodes(),
    certificateNodes(manager.certificate),
    manager.settings,
    block(
      "location",
      ["/"],
      [
        manager.locationSettings,
        directive("proxy_http_version", "1.1"),
        directive("proxy_set_header", "Connection", ""),
        evaluated("proxy_set_header", "Host", "$host"),
        when(manager.realIpHeader, evaluated("proxy_set_header", "X-Real-IP", "$remote_addr")),
        evaluated("proxy_set_header", "X-Forwarded-For", "$remote_addr"),
        directive("proxy_set_header", "X-Forwarded-Proto", "https"),
        passNodes(backend, "proxy"),
        manager.healthCheck,
      ],
    ),
    when(rejectedServices, (prefix) =>
      block("location", ["^~", prefix], [headers, grpcAnswer("permission_denied", 7)]),
    ),
  ]);
  checkSnippet(snippets.manager, own);
  return block("server", [own, withHeaders(snippets.manager.value ?? [], headers, snippets.origins)]);
}

/** Returns the server without TLS that redirects browsers to HTTPS. */
const redirectServer = ({ hostname }: ManagerServer, { port, httpsPort, headers }: RedirectServer): NginxConfigNode =>
  block("server", [
    directive("listen", `${port}`),
    directive("server_name", hostname),
    headers,
    evaluated(
      "return",
      "301",
      mapInput(hostname, (host) => `https://${host}${httpsPort === 443 ? "" : `:${httpsPort}`}$request_uri`),
    ),
  ]);
