import {
  Edition,
  isFromVersion,
  managementNode,
  mapBlock,
  type NginxConfigNode,
  type NginxManagement,
} from "../../nginx";
import { inboundHttp, inboundStream } from "./inbound";
import { formatsOf } from "./log";
import { block, directive, evaluated, everyPath, listen, server } from "./nodes";
import { outboundHttp, outboundStream } from "./outbound";
import { fileNames, folders, pidFile } from "./places";
import type { SidecarSettings } from "./settings";
import type { SidecarSnippets } from "./sidecar-args";

/** Nodes of the user's own in the configuration, with outputs in them. */
export interface OwnNodes {
  management?: NginxManagement;
  snippets?: SidecarSnippets;
}

/** Returns the whole configuration of the sidecar's NGINX. */
export function sidecarConfiguration(settings: SidecarSettings, { management, snippets }: OwnNodes): NginxConfigNode[] {
  const stream = [...inboundStream(settings), ...outboundStream(settings), ...(snippets?.stream ?? [])];
  return [
    ...(settings.inbound.length > 0
      ? [
          directive("load_module", "modules/ngx_http_js_module.so"),
          directive("load_module", "modules/ngx_stream_js_module.so"),
        ]
      : []),
    directive("worker_processes", "1"),
    directive("worker_rlimit_nofile", "16384"),
    directive("worker_shutdown_timeout", `${settings.drainSeconds}s`),
    directive("pid", pidFile),
    directive("error_log", "stderr", "notice"),
    ...(settings.edition === Edition.plus ? [managementNode(management)] : []),
    block("events", [], [directive("worker_connections", "4096")]),
    block("http", [], httpNodes(settings, snippets)),
    ...(stream.length > 0
      ? [
          block(
            "stream",
            [],
            [...formatsOf("stream", stream), ...identityProgram(settings), ...resolver(settings), ...stream],
          ),
        ]
      : []),
  ];
}

function httpNodes(settings: SidecarSettings, snippets?: SidecarSnippets): NginxConfigNode[] {
  const servers = [...inboundHttp(settings), ...outboundHttp(settings)];
  return [
    directive("access_log", "off"),
    ...httpDirectives(settings.version),
    ...formatsOf("http", servers),
    ...identityProgram(settings),
    ...resolver(settings),
    connection("$mesh_connection_once", "close"),
    connection("$mesh_connection_kept", ""),
    statusServer(settings),
    ...servers,
    ...(snippets?.http ?? []),
  ];
}

const httpDirectives = (version: string): NginxConfigNode[] => [
  directive("server_tokens", "off"),
  // A header that the application takes, it gets; names with `_` too.
  directive("underscores_in_headers", "on"),
  // Connections that an application or a peer keeps are closed with a new certificate, and not under a request.
  ...(isFromVersion(version, [1, 27, 4]) ? [directive("keepalive_min_timeout", "70s")] : []),
  ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((part) =>
    directive(`${part}_temp_path`, `${folders.run}/${part}_temp`),
  ),
];

/** Returns directives that the sidecar writes in a block, where they may stand once. */
export const writtenDirectives = (context: "http" | "stream", resolver: boolean): NginxConfigNode[] => [
  ...(context === "http" ? httpDirectives("1.27.4") : []),
  ...(resolver ? [directive("resolver")] : []),
];

const identityProgram = ({ inbound }: SidecarSettings): NginxConfigNode[] =>
  inbound.length > 0
    ? [
        directive("js_import", "identity", "from", `${folders.configuration}/${fileNames.identityProgram}`),
        evaluated("js_set", "$mesh_peer", "identity.peer"),
      ]
    : [];

const resolver = ({ resolver }: SidecarSettings): NginxConfigNode[] =>
  resolver ? [directive("resolver", ...resolver, "valid=10s")] : [];

/** Header Connection towards the next hop: what switches protocols does so. */
const connection = (variable: string, otherwise: string): NginxConfigNode =>
  mapBlock("$http_upgrade", variable, [
    { exact: "", value: otherwise },
    { default: true, value: "upgrade" },
  ]);

/** Answers the probes of NGINX itself. */
const statusServer = (settings: SidecarSettings): NginxConfigNode =>
  server([
    ...listen(settings, settings.ports.status, "everywhere"),
    directive("default_type", "text/plain"),
    everyPath([directive("return", "404")]),
    block("location", ["=", "/healthz"], [directive("return", "200", "ok\n")]),
  ]);
