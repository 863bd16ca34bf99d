import type { NginxConfigNode } from "../../nginx";
import { AgentMtls } from "../agents";
import { revocationHttpNodes, revocationServerNodes } from "../revocation";
import { passNodes, upstreamNode } from "./backends";
import type { ResolvedOptions } from "./checks";
import { grpcAnswer, grpcErrorNodes } from "./grpc-errors";
import { withHeaders } from "./headers";
import { listenNodes } from "./http2";
import { agentServices, type BackendPart, backendParts, type ProxyLayout } from "./layout";
import { checkSnippet } from "./snippets";
import { certificateNodes, rejectingServer, tlsNodes } from "./tls";

/** The proxy's part of the `http` block, in parts for a file each. */
export interface ProxyNodes {
  /** Nodes that the servers share. */
  common: NginxConfigNode[];
  /** The upstream block of each part of Instance Manager. */
  upstreams: NginxConfigNode[];
  /** Three servers on one port, told apart by the name in the TLS handshake. */
  servers: NginxConfigNode[];
  /** The user's own. */
  snippets: NginxConfigNode[];
}

/** Returns the nodes of the `http` block. */
export function proxyNodes(options: ResolvedOptions, layout: ProxyLayout): ProxyNodes {
  const common = [logFormat, ...(layout.ownLog ? [] : accessLog(layout)), ...revocationHttpNodes(options.revocation)];
  checkSnippet(options.snippets.field("http"), common);
  return {
    common,
    upstreams: backendParts.map((part) => upstreamNode(layout.backends[part])),
    servers: [rejectingServer(layout), managerServer(options, layout), agentServer(options, layout)],
    snippets: options.snippets.value?.http ?? [],
  };
}

const accessLog = ({ accessLog: path }: ProxyLayout): NginxConfigNode[] => [
  { name: "access_log", args: [path, "manager"] },
];

/** The web interface and the API. Usage reports come here too: NGINX Plus shows no certificate with them. */
function managerServer(options: ResolvedOptions, layout: ProxyLayout): NginxConfigNode {
  const { strictTransportSeconds, snippets, origins } = options;
  const header = (name: string, value: string) => ({ name: "add_header", args: [name, value, "always"] });
  const headers = [
    ...(strictTransportSeconds > 0 ? [header("Strict-Transport-Security", `max-age=${strictTransportSeconds}`)] : []),
    header("X-Content-Type-Options", "nosniff"),
  ];
  // Instance Manager has the agents' services behind its own gateway too, without a certificate.
  const refused = { name: "location", args: ["^~", `/${agentServices}`], block: grpcAnswer("permission_denied", 7) };
  const own: NginxConfigNode[] = [
    ...listenNodes(layout),
    { name: "server_name", args: [options.hostname.manager] },
    { name: "status_zone", args: ["manager"], plus: true },
    ...(layout.ownLog ? accessLog(layout) : []),
    ...tlsNodes(),
    ...certificateNodes(layout.certificate),
    { name: "client_max_body_size", args: ["50m"] },
    // Instance Manager's own of these is misspelt, so that no browser heeds it.
    { name: "proxy_hide_header", args: ["Strict-Transport-Security"] },
    ...headers,
    {
      name: "location",
      args: ["/"],
      block: [
        { name: "proxy_http_version", args: ["1.1"] },
        { name: "proxy_set_header", args: ["Connection", ""] },
        { name: "proxy_set_header", args: ["Host", "$host"], variables: true },
        { name: "proxy_set_header", args: ["X-Real-IP", "$remote_addr"], variables: true },
        { name: "proxy_set_header", args: ["X-Forwarded-For", "$remote_addr"], variables: true },
        { name: "proxy_set_header", args: ["X-Forwarded-Proto", "https"] },
        ...passNodes(layout.backends.apigw, "proxy"),
      ],
    },
    ...withHeaders([refused], headers),
  ];
  checkSnippet(snippets.field("manager"), own);
  return { name: "server", block: [...own, ...withHeaders(snippets.value?.manager ?? [], headers, origins)] };
}

/** Agents: the only server with their services. */
function agentServer(options: ResolvedOptions, layout: ProxyLayout): NginxConfigNode {
  const { mtls, verifyDepth, revocation, snippets } = options;
  const own: NginxConfigNode[] = [
    ...listenNodes(layout),
    { name: "server_name", args: [options.hostname.agents] },
    { name: "status_zone", args: ["manager_agents"], plus: true },
    ...(layout.ownLog ? accessLog(layout) : []),
    ...tlsNodes(),
    ...certificateNodes(layout.agentCertificate),
    ...(mtls === AgentMtls.off
      ? []
      : [
          { name: "ssl_verify_client", args: [mtls === AgentMtls.required ? "on" : "optional"] },
          { name: "ssl_verify_depth", args: [`${verifyDepth}`] },
          { name: "ssl_client_certificate", args: [layout.agentAuthorities] },
          ...revocationServerNodes(layout.agentCrl, revocation),
        ]),
    ...grpcErrorNodes(),
    { name: "location", args: ["/"], block: [{ name: "return", args: ["404"] }] },
    service(options, layout, "Commander", "dpm"),
    service(options, layout, "MetricsService", "ingestion"),
  ];
  checkSnippet(snippets.field("agents"), own);
  return { name: "server", block: [...own, ...(snippets.value?.agents ?? [])] };
}

function service(
  { silenceSeconds, pauseSeconds }: ResolvedOptions,
  layout: ProxyLayout,
  name: string,
  part: BackendPart,
): NginxConfigNode {
  return {
    name: "location",
    args: [`/${agentServices}sdk.${name}/`],
    block: [
      // A stream is one request for as long as the agent runs.
      { name: "client_max_body_size", args: ["0"] },
      { name: "client_body_timeout", args: [`${pauseSeconds}s`] },
      { name: "grpc_socket_keepalive", args: ["on"] },
      { name: "grpc_connect_timeout", args: ["5s"] },
      { name: "grpc_read_timeout", args: [`${silenceSeconds}s`] },
      { name: "grpc_send_timeout", args: [`${silenceSeconds}s`] },
      { name: "grpc_intercept_errors", args: ["on"] },
      ...passNodes(layout.backends[part], "grpc"),
    ],
  };
}

// One JSON object a line. A gRPC status comes in the header of an answer without messages, otherwise behind them.
const logFormat: NginxConfigNode = {
  name: "log_format",
  args: [
    "manager",
    "escape=json",
    `{${[
      '"time":"$time_iso8601"',
      '"client":"$remote_addr"',
      '"server":"$server_name"',
      '"request":"$request_method $uri"',
      '"status":"$status"',
      '"grpc_status":"$sent_http_grpc_status$sent_trailer_grpc_status"',
      '"client_certificate":"$ssl_client_s_dn"',
      '"client_verify":"$ssl_client_verify"',
      '"upstream":"$upstream_addr"',
      '"bytes_sent":"$bytes_sent"',
      '"request_time":"$request_time"',
    ].join(",")}}`,
  ],
  variables: true,
};
