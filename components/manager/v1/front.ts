import { type Argument, mapInput } from "../../foundation";
import { mapBlock, type NginxConfigNode } from "../../nginx";
import { AgentMtls } from "../agents";
import {
  certificateNodes,
  checkSnippet,
  grpcErrorNodes,
  listenNodes,
  passNodes,
  rejectingServer,
  type SnippetOrigins,
  tlsNodes,
  upstreamNode,
  withHeaders,
} from "../proxy";
import { revocationHttpNodes, revocationServerNodes } from "../revocation";
import {
  AgentPublication,
  type InstanceManagerV1Agents,
  type InstanceManagerV1Api,
  type InstanceManagerV1Front,
} from "./front-options";
import { hideHeaders, plainHeaders, secureHeaders } from "./headers";
import { type FrontLayout, upstreamNames } from "./layout";
import { statusServer } from "./status";

/** The front's files of each block, by name; each upstream, map and log format is in one of them. */
export interface FrontNodes {
  http: Record<string, NginxConfigNode[]>;
  stream?: Record<string, NginxConfigNode[]>;
}

const week = 604_800;

/** Returns the nodes of a front; `origins` are those of its snippets. */
export function frontNodes(
  front: Argument<InstanceManagerV1Front>,
  layout: FrontLayout,
  origins: SnippetOrigins,
): FrontNodes {
  const { api, agents, status, snippets } = front.value;
  const passed = agents?.publication === AgentPublication.passthrough;
  const upstreams = [
    ...(api ? [upstreamNode(layout.gateway, upstreamNames.gateway, 64)] : []),
    ...(agents && !passed ? [upstreamNode(layout.grpc, "nginx-manager_grpc")] : []),
  ];
  const http = {
    "nginx-manager-upstreams": upstreams,
    "nginx-manager-api": api ? apiServers(front, api, layout, origins) : [],
    "nginx-manager-grpc": agents && !passed ? agentNodes(front, agents, layout) : [],
    "nginx-manager-status": status ? [statusServer(status, layout)] : [],
    "nginx-manager-snippets": snippets?.http ?? [],
  };
  return {
    http: Object.fromEntries(Object.entries(http).filter(([, nodes]) => nodes.length > 0)),
    ...(passed && { stream: { "nginx-grpc-stream": streamNodes(layout) } }),
  };
}

/** HTTPS for the interface and the API. On request a server without TLS redirects to it. */
function apiServers(
  front: Argument<InstanceManagerV1Front>,
  api: InstanceManagerV1Api,
  layout: FrontLayout,
  origins: SnippetOrigins,
): NginxConfigNode[] {
  const listening = { port: layout.ports.api, http2Directive: layout.http2Directive };
  const headers = secureHeaders(front.value.headers);
  const { port = 443, redirectPort, healthCheck = true } = api;
  const redirect: NginxConfigNode = {
    name: "server",
    block: [
      { name: "listen", args: [`${layout.ports.redirect}`] },
      { name: "server_name", args: [layout.hostname] },
      ...plainHeaders(front.value.headers),
      {
        name: "return",
        args: [
          "301",
          mapInput(layout.hostname, (host) => `https://${host}${port === 443 ? "" : `:${port}`}$request_uri`),
        ],
        variables: true,
      },
    ],
  };
  const own: NginxConfigNode[] = [
    ...listenNodes(listening),
    { name: "server_name", args: [layout.hostname] },
    { name: "status_zone", args: ["nginx-manager_https"], plus: true },
    ...accessLog(layout),
    ...tlsNodes(),
    ...certificateNodes(layout.certificate),
    ...headers,
    ...hideHeaders(headers),
    {
      name: "location",
      args: ["/"],
      block: [
        { name: "client_max_body_size", args: ["0"] },
        { name: "proxy_http_version", args: ["1.1"] },
        { name: "proxy_set_header", args: ["Connection", ""] },
        { name: "proxy_set_header", args: ["Host", "$host"], variables: true },
        { name: "proxy_set_header", args: ["X-Forwarded-For", "$remote_addr"], variables: true },
        { name: "proxy_set_header", args: ["X-Forwarded-Proto", "https"] },
        ...passNodes(layout.gateway, "proxy"),
        ...(healthCheck ? [{ name: "health_check", args: ["uri=/swagger-ui/"], plus: true }] : []),
      ],
    },
  ];
  const snippet = front.field("snippets").field("api");
  checkSnippet(snippet, own);
  const server = { name: "server", block: [...own, ...withHeaders(snippet.value ?? [], headers, origins)] };
  return [...(redirectPort === undefined ? [] : [redirect]), rejectingServer(listening), server];
}

/** gRPC in the `http` block: its log, and its server. */
function agentNodes(
  front: Argument<InstanceManagerV1Front>,
  agents: InstanceManagerV1Agents,
  layout: FrontLayout,
): NginxConfigNode[] {
  const clear = agents.publication === AgentPublication.clear;
  const listening = { port: layout.ports.agents, http2Directive: layout.http2Directive };
  const { pauseSeconds = week, silenceSeconds = week, healthCheck = true, corsOrigin } = agents;
  const own: NginxConfigNode[] = [
    ...(clear ? clearListenNodes(layout) : listenNodes(listening)),
    { name: "server_name", args: [layout.hostname] },
    { name: "status_zone", args: ["nginx-manager_grpc"], plus: true },
    { name: "access_log", args: [layout.agentLog, "grpc_json"] },
    ...(clear ? [] : agentTlsNodes(agents, layout)),
    // A stream is one request for as long as the agent runs.
    { name: "client_max_body_size", args: ["0"] },
    { name: "client_body_timeout", args: [`${pauseSeconds}s`] },
    { name: "default_type", args: ["application/grpc"] },
    ...grpcErrorNodes(corsOrigin === undefined ? [] : corsHeaders(corsOrigin)),
    {
      name: "location",
      args: ["/"],
      block: [
        { name: "grpc_socket_keepalive", args: ["on"] },
        { name: "grpc_connect_timeout", args: ["5s"] },
        { name: "grpc_read_timeout", args: [`${silenceSeconds}s`] },
        { name: "grpc_send_timeout", args: [`${silenceSeconds}s`] },
        { name: "grpc_intercept_errors", args: ["on"] },
        ...passNodes(layout.grpc, "grpc"),
        // 12, UNIMPLEMENTED: Instance Manager has no health service, and says so when it is well.
        ...(healthCheck ? [{ name: "health_check", args: ["type=grpc", "grpc_status=12"], plus: true }] : []),
      ],
    },
  ];
  const snippet = front.field("snippets").field("agents");
  checkSnippet(snippet, own, { client_body_timeout: front.field("agents").field("pauseSeconds").path });
  const server = { name: "server", block: [...own, ...(snippet.value ?? [])] };
  return [
    grpcStatus,
    grpcLog,
    ...revocationHttpNodes(agents.revocation),
    ...(clear ? [] : [rejectingServer(listening)]),
    server,
  ];
}

/** TLS to agents, and the client certificates that they show. */
function agentTlsNodes(agents: InstanceManagerV1Agents, layout: FrontLayout): NginxConfigNode[] {
  const { mtls = AgentMtls.required, verifyDepth = 2, revocation } = agents;
  return [
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
  ];
}

/** HTTP/2 without TLS: from 1.25.1 on NGINX tells it from HTTP/1.1 by how a connection begins. */
const clearListenNodes = ({ ports, http2Directive }: FrontLayout): NginxConfigNode[] =>
  http2Directive
    ? [
        { name: "listen", args: [`${ports.agents}`] },
        { name: "http2", args: ["on"] },
      ]
    : [{ name: "listen", args: [`${ports.agents}`, "http2"] }];

/** TLS goes through as it came. */
const streamNodes = ({ ports, grpc }: FrontLayout): NginxConfigNode[] => [
  {
    name: "upstream",
    args: [upstreamNames.stream],
    block: [
      { name: "zone", args: ["nginx-manager_stream_grpc", "64k"] },
      { name: "server", args: [grpc.address] },
    ],
  },
  {
    name: "server",
    block: [
      { name: "listen", args: [`${ports.agents}`] },
      { name: "status_zone", args: ["nginx-manager_stream_grpc"], plus: true },
      { name: "proxy_timeout", args: [`${week}s`] },
      { name: "proxy_pass", args: [upstreamNames.stream] },
    ],
  },
];

const accessLog = ({ accessLog: file }: FrontLayout): NginxConfigNode[] =>
  file === undefined ? [] : [{ name: "access_log", args: [file] }];

/** Scripts of one origin may read the status of what failed. */
const corsHeaders = (origin: string): NginxConfigNode[] =>
  [
    ["Access-Control-Allow-Origin", origin],
    ["Access-Control-Expose-Headers", "grpc-status,grpc-message"],
    ["Vary", "Origin"],
  ].map(([name, value]) => ({ name: "add_header", args: [name!, value!, "always"] }));

// A status comes behind the messages, or in the header of an answer without any, whoever wrote that.
const grpcStatus = mapBlock("$upstream_trailer_grpc_status", "$grpc_status", [
  { default: true, value: "$upstream_trailer_grpc_status", variables: true },
  { exact: "", value: "$sent_http_grpc_status", variables: true },
]);

// Every value is a string: one that is empty leaves the line JSON.
const grpcLog: NginxConfigNode = {
  name: "log_format",
  args: [
    "grpc_json",
    "escape=json",
    `{${[
      '"timestamp":"$time_iso8601"',
      '"client":"$remote_addr"',
      '"uri":"$uri"',
      '"http-status":"$status"',
      '"grpc-status":"$grpc_status"',
      '"upstream":"$upstream_addr"',
      '"client-certificate":"$ssl_client_s_dn"',
      '"client-verify":"$ssl_client_verify"',
      '"rx-bytes":"$request_length"',
      '"tx-bytes":"$bytes_sent"',
    ].join(",")}}`,
  ],
  variables: true,
};
