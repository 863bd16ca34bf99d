import type { Argument } from "../../../foundation";
import { directive, type NginxConfigNode, plusOnly } from "../../../nginx";
import type { SnippetOrigins } from "../../snippets";
import { AgentMtls } from "../agents";
import type { AgentServer, ManagerServer, ResolvedFront, StatusServer } from "../model";
import { type FrontNodes, grpcLog, header, streamLimits } from "../nginx";
import {
  AgentPublication,
  type InstanceManagerV1Agents,
  type InstanceManagerV1Api,
  type InstanceManagerV1Front,
  type InstanceManagerV1Headers,
  type InstanceManagerV1Status,
} from "./front-options";
import { hideHeaders, plainHeaders, secureHeaders } from "./headers";
import { type FrontLayout, upstreamNames } from "./layout";
import { isLoopback } from "./status";

const week = 604_800;

/** Returns the front of Instance Manager 1: the interface and agents on ports of their own, under one name. */
export function resolveVersion1(
  front: Argument<InstanceManagerV1Front>,
  layout: FrontLayout,
  origins: SnippetOrigins,
): ResolvedFront {
  const { api, agents, status, headers } = front.value;
  const passed = agents?.publication === AgentPublication.passthrough;
  const snippets = front.field("snippets");
  return {
    http2Directive: layout.http2Directive,
    logFormats: agents && !passed ? grpcLog : [],
    manager: api && resolveManagerServer(api, headers, layout),
    agents: agents && !passed ? resolveAgentServer(agents, layout) : undefined,
    passthrough: passed
      ? {
          port: layout.ports.agents,
          statusZone: "nginx-manager_stream_grpc",
          backend: { ...layout.grpc, upstream: upstreamNames.stream },
          idleSeconds: week,
        }
      : undefined,
    status: status && resolveStatusServer(status, layout),
    snippets: {
      ...{ http: snippets.field("http"), manager: snippets.field("api"), agents: snippets.field("agents"), origins },
      instead: { client_body_timeout: front.field("agents").field("pauseSeconds").path },
    },
  };
}

function resolveManagerServer(
  { port = 443, redirectPort, healthCheck = true }: InstanceManagerV1Api,
  given: InstanceManagerV1Headers | undefined,
  { hostname, ports, certificate, gateway }: FrontLayout,
): ManagerServer {
  const headers = secureHeaders(given);
  return {
    ...{ hostname, port: ports.api, statusZone: "nginx-manager_https", certificate, headers },
    backend: { ...gateway, keepalive: 64 },
    settings: [...headers, ...hideHeaders(headers)],
    locationSettings: [directive("client_max_body_size", "0")],
    realIpHeader: false,
    healthCheck: healthCheck ? [plusOnly(directive("health_check", "uri=/swagger-ui/"))] : [],
    ...(redirectPort !== undefined && {
      redirect: { port: ports.redirect, httpsPort: port, headers: plainHeaders(given) },
    }),
  };
}

function resolveAgentServer(agents: InstanceManagerV1Agents, layout: FrontLayout): AgentServer {
  const { mtls = AgentMtls.required, verifyDepth = 2, revocation } = agents;
  const { pauseSeconds = week, silenceSeconds = week, healthCheck = true, corsOrigin } = agents;
  const clear = agents.publication === AgentPublication.clear;
  return {
    ...{ hostname: layout.hostname, port: layout.ports.agents, statusZone: "nginx-manager_grpc", silenceSeconds },
    accessLog: { file: layout.agentLog, format: "grpc_json" },
    tls: clear
      ? undefined
      : {
          ...{ certificate: layout.agentCertificate, authorities: layout.agentAuthorities, crl: layout.agentCrl },
          ...{ mtls, verifyDepth, revocation },
        },
    settings: [...streamLimits(pauseSeconds), directive("default_type", "application/grpc")],
    errorHeaders: corsOrigin === undefined ? [] : corsHeaders(corsOrigin),
    services: [
      {
        path: "/",
        backend: { ...layout.grpc, zone: "nginx-manager_grpc" },
        settings: [],
        // 12, UNIMPLEMENTED: Instance Manager has no health service, and answers so when it is healthy.
        healthCheck: healthCheck ? [plusOnly(directive("health_check", "type=grpc", "grpc_status=12"))] : [],
      },
    ],
  };
}

function resolveStatusServer(
  { write = false, allow, tls = false }: InstanceManagerV1Status,
  { status: { address, port }, hostname, certificate, users, writers }: FrontLayout,
): StatusServer {
  return {
    ...{ address, port, write, users, writers },
    allow: allow ?? (address !== undefined && isLoopback(address) ? [loopbackOf(address)] : undefined),
    tls: tls ? { hostname, certificate } : undefined,
  };
}

/** Returns the addresses that reach a loopback address. */
const loopbackOf = (address: string) => (address === "127.0.0.1" || address === "::1" ? address : "127.0.0.0/8");

/** Returns headers by which scripts of one origin may read the status of a failed call. */
const corsHeaders = (origin: string): NginxConfigNode[] => [
  header("Access-Control-Allow-Origin", origin),
  header("Access-Control-Expose-Headers", "grpc-status,grpc-message"),
  header("Vary", "Origin"),
];

/** Returns the files of a host's `conf.d`, in their order, and those of the `stream` block. */
export function filesOfVersion1({ common, upstreams, manager, agents, status, snippets, stream }: FrontNodes) {
  const http = {
    "nginx-manager-upstreams": upstreams,
    "nginx-manager-api": manager,
    "nginx-manager-grpc": [...common, ...agents],
    "nginx-manager-status": status,
    "nginx-manager-snippets": snippets,
  };
  return {
    http: Object.fromEntries(Object.entries(http).filter(([, nodes]) => nodes.length > 0)),
    ...(stream && { stream: { "nginx-grpc-stream": stream } }),
  };
}
