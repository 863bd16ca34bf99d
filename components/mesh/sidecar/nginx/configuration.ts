import {
  block,
  directive,
  Edition,
  evaluated,
  flat,
  isFromVersion,
  managementNode,
  mapBlock,
  type NginxConfigNode,
  type NginxConfigNodes,
  type NginxManagement,
  temporaryPaths,
  when,
  withHashSizes,
} from "../../../nginx";
import { fileNames, folders, pidFile, resolverFile } from "../layout";
import type { SidecarSettings } from "../settings";
import type { SidecarSnippets } from "../sidecar-args";
import { resolverParameters } from "../start-script";
import { renderInboundHttp, renderInboundStream } from "./inbound";
import { renderOutboundHttp, renderOutboundStream } from "./outbound";
import { listen, location } from "./servers";

/** Nodes of the configuration that the user writes, with outputs in them. */
export interface UserNodes {
  management?: NginxManagement;
  snippets?: SidecarSnippets;
}

/** Returns the whole configuration of the sidecar's NGINX. */
export function renderNginx(settings: SidecarSettings, { management, snippets }: UserNodes): NginxConfigNode[] {
  const stream = [...renderInboundStream(settings), ...renderOutboundStream(settings), ...(snippets?.stream ?? [])];
  return flat([
    when(
      settings.inbound.length > 0,
      directive("load_module", "modules/ngx_http_js_module.so"),
      directive("load_module", "modules/ngx_stream_js_module.so"),
    ),
    directive("worker_processes", "1"),
    directive("worker_rlimit_nofile", `${settings.connections + otherFiles}`),
    directive("worker_shutdown_timeout", `${settings.drainSeconds}s`),
    directive("pid", pidFile),
    directive("error_log", "stderr", "notice"),
    // spiffe-helper writes into the same files: NGINX would take those of two rotations within a second for unchanged.
    when(isFromVersion(settings.version, [1, 27, 4]), directive("ssl_object_cache_inheritable", "off")),
    when(settings.edition === Edition.plus, managementNode(management)),
    block("events", [directive("worker_connections", `${settings.connections}`)]),
    block("http", withHashSizes(flat([renderHttp(settings), snippets?.http ?? []]))),
    when(
      stream.length > 0,
      block("stream", withHashSizes([...identityProgram(settings), ...resolver(settings), ...stream])),
    ),
  ]);
}

/** Number of open files beside the connections: listening sockets, logs, channels of workers. */
const otherFiles = 1024;

const renderHttp = (settings: SidecarSettings): NginxConfigNodes => [
  directive("access_log", "off"),
  httpDirectives(settings),
  identityProgram(settings),
  resolver(settings),
  connectionMap("$mesh_connection_once", "close"),
  connectionMap("$mesh_connection_kept", ""),
  statusServer(settings),
  renderInboundHttp(settings),
  renderOutboundHttp(settings),
];

const httpDirectives = ({ version, headerKilobytes }: HttpSettings): NginxConfigNode[] =>
  flat([
    directive("server_tokens", "off"),
    headerLimits(headerKilobytes),
    // Idle connections are closed after a new certificate, but not under a request.
    when(isFromVersion(version, [1, 27, 4]), directive("keepalive_min_timeout", "70s")),
    temporaryPaths(folders.run),
  ]);

type HttpSettings = Pick<SidecarSettings, "version" | "headerKilobytes">;

/** Returns the directives by which headers pass as they came, up to a size. */
function headerLimits(kilobytes: number): NginxConfigNode[] {
  // A header up to the limit fits into one buffer together with the line before it. A pipelined request begins in the buffer of the previous one, so there are two.
  const size = `${kilobytes + 4}k`;
  return [
    // Of HTTP/2 too: one field up to one buffer, all fields up to both.
    directive("large_client_header_buffers", "2", size),
    // gRPC has names with `.`, and applications have some with `_`. NGINX would drop both. An application that takes `X_Forwarded_For` for `X-Forwarded-For` learns nothing false by it:
    // a client can write that header itself, to which NGINX appends, and who the client is stands in no header.
    directive("ignore_invalid_headers", "off"),
    directive("underscores_in_headers", "on"),
    directive("proxy_buffer_size", size),
    // Responses are not buffered, but NGINX compares these with the size before.
    directive("proxy_buffers", "4", size),
    directive("grpc_buffer_size", size),
  ];
}

/** Returns the directives of the sidecar in a block, which NGINX accepts there once. */
export const listDirectives = (context: "http" | "stream", hasResolver: boolean): NginxConfigNode[] => [
  ...when(context === "http", httpDirectives({ version: "1.27.4", headerKilobytes: 60 })),
  ...when(hasResolver, directive("resolver")),
];

const identityProgram = ({ inbound }: SidecarSettings): NginxConfigNode[] =>
  when(
    inbound.length > 0,
    directive("js_import", "identity", "from", `${folders.configuration}/${fileNames.identityProgram}`),
    evaluated("js_set", "$mesh_peer", "identity.peer"),
  );

const resolver = ({ asksNameServers, resolver, ipFamilies }: SidecarSettings): NginxConfigNode[] =>
  when(
    asksNameServers,
    resolver === undefined
      ? directive("include", resolverFile)
      : directive("resolver", ...resolver, ...resolverParameters(ipFamilies)),
  );

/** Returns the map for header Connection to the next hop: `upgrade` for a request that switches protocols. */
const connectionMap = (variable: string, withoutUpgrade: string): NginxConfigNode =>
  mapBlock("$http_upgrade", variable, [
    { exact: "", value: withoutUpgrade },
    { default: true, value: "upgrade" },
  ]);

/** Returns the server for the probes of NGINX itself. */
const statusServer = (settings: SidecarSettings): NginxConfigNode =>
  block("server", [
    listen(settings, settings.ports.status, "all"),
    directive("default_type", "text/plain"),
    location([directive("return", "404")]),
    block("location", ["=", "/healthz"], [directive("return", "200", "ok\n")]),
  ]);
