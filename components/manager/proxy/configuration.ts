import type { NginxConfigNode } from "../../nginx";
import { AgentMtls, type InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import { type BackendPart, passNodes, upstreamNodes } from "./backends";
import { grpcAnswer, grpcErrorNodes } from "./grpc-errors";
import { listenNodes } from "./http2";
import { paths } from "./paths";

/** What every gRPC service of agents of version 2 is called below. */
export const agentServices = "f5.nginx.agent.";

/** The nodes of the `http` block: three servers on one port, told apart by the name in the TLS handshake. */
export function httpNodes(args: InstanceManagerProxyArgs): NginxConfigNode[] {
  return [
    logFormat,
    { name: "access_log", args: ["/dev/stdout", "manager"] },
    ...upstreamNodes(args),
    defaultServer(args),
    managerServer(args),
    agentServer(args),
    ...(args.snippets?.http ?? []),
  ];
}

/** Whoever asks for no name, or for another one, gets no certificate and no connection. */
function defaultServer(args: InstanceManagerProxyArgs): NginxConfigNode {
  return {
    name: "server",
    block: [
      ...listenNodes(args, "default_server"),
      { name: "server_name", args: ["_"] },
      { name: "ssl_reject_handshake", args: ["on"] },
      // OpenSSL takes these of the default server for every handshake, before it knows the name.
      ...tlsNodes("off"),
    ],
  };
}

/** The web interface and the API. Usage reports come here too: NGINX Plus shows no certificate with them. */
function managerServer(args: InstanceManagerProxyArgs): NginxConfigNode {
  const { strictTransportSeconds = 31_536_000, snippets } = args;
  const header = (name: string, value: string) => ({ name: "add_header", args: [name, value, "always"] });
  return {
    name: "server",
    block: [
      ...listenNodes(args),
      { name: "server_name", args: [args.hostname.manager] },
      { name: "status_zone", args: ["manager"], plus: true },
      ...tlsNodes("shared:manager:10m"),
      ...certificateNodes(paths.certificate),
      { name: "client_max_body_size", args: ["50m"] },
      // Instance Manager's own of these is misspelt, so that no browser heeds it.
      { name: "proxy_hide_header", args: ["Strict-Transport-Security"] },
      ...(strictTransportSeconds > 0 ? [header("Strict-Transport-Security", `max-age=${strictTransportSeconds}`)] : []),
      header("X-Content-Type-Options", "nosniff"),
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
          ...passNodes(args, "proxy", "apigw"),
        ],
      },
      // Instance Manager has the agents' services behind its own gateway too, without a certificate.
      { name: "location", args: ["^~", `/${agentServices}`], block: grpcAnswer("permission_denied", 7) },
      ...(snippets?.manager ?? []),
    ],
  };
}

/** Agents: the only server with their services. */
function agentServer(args: InstanceManagerProxyArgs): NginxConfigNode {
  const { agentMtls = AgentMtls.required, agentCertificate, agentVerifyDepth = 2, snippets } = args;
  return {
    name: "server",
    block: [
      ...listenNodes(args),
      { name: "server_name", args: [args.hostname.agents] },
      { name: "status_zone", args: ["manager_agents"], plus: true },
      ...tlsNodes("shared:manager_agents:10m"),
      ...certificateNodes(agentCertificate ? paths.agentCertificate : paths.certificate),
      ...(agentMtls === AgentMtls.off
        ? []
        : [
            { name: "ssl_verify_client", args: [agentMtls === AgentMtls.required ? "on" : "optional"] },
            { name: "ssl_verify_depth", args: [`${agentVerifyDepth}`] },
            { name: "ssl_client_certificate", args: [`${paths.agentAuthorities}/ca.crt`] },
          ]),
      ...grpcErrorNodes(),
      { name: "location", args: ["/"], block: [{ name: "return", args: ["404"] }] },
      service(args, "Commander", "dpm"),
      service(args, "MetricsService", "ingestion"),
      ...(snippets?.agents ?? []),
    ],
  };
}

function service(args: InstanceManagerProxyArgs, name: string, part: BackendPart): NginxConfigNode {
  const { agentSilenceSeconds = 300, agentPauseSeconds = 600 } = args;
  return {
    name: "location",
    args: [`/${agentServices}sdk.${name}/`],
    block: [
      // A stream is one request for as long as the agent runs.
      { name: "client_max_body_size", args: ["0"] },
      { name: "client_body_timeout", args: [`${agentPauseSeconds}s`] },
      { name: "grpc_socket_keepalive", args: ["on"] },
      { name: "grpc_connect_timeout", args: ["5s"] },
      { name: "grpc_read_timeout", args: [`${agentSilenceSeconds}s`] },
      { name: "grpc_send_timeout", args: [`${agentSilenceSeconds}s`] },
      { name: "grpc_intercept_errors", args: ["on"] },
      ...passNodes(args, "grpc", part),
    ],
  };
}

/** TLS 1.2 with forward secrecy, and 1.3. No tickets, and no cache for two servers: a session of one would open the other. */
function tlsNodes(sessionCache: string): NginxConfigNode[] {
  return [
    { name: "ssl_protocols", args: ["TLSv1.2", "TLSv1.3"] },
    { name: "ssl_ciphers", args: [ciphers] },
    { name: "ssl_prefer_server_ciphers", args: ["off"] },
    { name: "ssl_session_cache", args: [sessionCache] },
    { name: "ssl_session_timeout", args: ["10m"] },
    { name: "ssl_session_tickets", args: ["off"] },
  ];
}

const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

const certificateNodes = (folder: string): NginxConfigNode[] => [
  { name: "ssl_certificate", args: [`${folder}/tls.crt`] },
  { name: "ssl_certificate_key", args: [`${folder}/tls.key`] },
];

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
