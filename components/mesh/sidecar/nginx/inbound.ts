import {
  block,
  directive,
  evaluated,
  flat,
  type MapEntry,
  mapBlock,
  type NginxConfigNode,
  type NginxConfigNodes,
  when,
} from "../../../nginx";
import { spiffeId } from "../../trust-domain";
import type { InboundHops } from "../ports";
import type { InboundSettings, SidecarSettings } from "../settings";
import { MeshMode, MeshProtocol } from "../sidecar-args";
import { accessLog, inboundLog, logFormat } from "./log";
import { grpcProxy, httpProxy, listen, listenInternally, location, requestLimits, tcpProxy } from "./servers";
import { serverTls } from "./tls";

/** An inbound port with the ports of NGINX that its connections pass. */
interface InboundPort extends InboundSettings {
  hops: InboundHops;
  settings: SidecarSettings;
}

const inboundPorts = (settings: SidecarSettings): InboundPort[] =>
  settings.inbound.map((inbound) => ({ ...inbound, hops: settings.ports.inbound[inbound.port]!, settings }));

const isTcp = ({ protocol }: InboundPort) => protocol === MeshProtocol.tcp;
const isGrpc = ({ protocol }: InboundPort) => protocol === MeshProtocol.grpc;
const isStrict = ({ mode }: InboundPort) => mode === MeshMode.strict;
const isPermissive = ({ mode }: InboundPort) => mode === MeshMode.permissive;

/** Returns the nodes of the `stream` block: servers that split TLS from plaintext, and proxies of tcp. */
export function renderInboundStream(settings: SidecarSettings): NginxConfigNode[] {
  const ports = inboundPorts(settings);
  const tcp = ports.filter(isTcp);
  const logged = ports.filter((port) => isTcp(port) || isPermissive(port));
  return flat([
    logged.map(({ port }) => logFormat("stream", inboundLog("stream", port))),
    when(tcp.length > 0, allowedMap(tcp)),
    ports.filter(({ hops }) => hops.accept !== hops.tls).map((port) => [tlsSplitMap(port), tlsSplitServer(port)]),
    tcp.map(tcpServer),
    ports.filter(isPermissive).map(plainTcpServer),
  ]);
}

/** Returns the nodes of the `http` block: servers for requests by mutual TLS, and for declared requests in plaintext. */
export function renderInboundHttp(settings: SidecarSettings): NginxConfigNode[] {
  const ports = inboundPorts(settings).filter((port) => !isTcp(port));
  const strict = ports.filter(isStrict);
  return flat([
    ports.map(({ port }) => logFormat("http", inboundLog("http", port))),
    when(ports.length > 0, allowedMap(ports)),
    when(strict.length > 0, plainPathsMap(strict)),
    ports.map(applicationUpstream),
    ports.map(tlsServer),
    strict.map(plainServer),
  ]);
}

const denied: MapEntry = { default: true, value: "no" };

/** Returns the map that is `yes` for SPIFFE IDs allowed on a port: whole IDs, or all of the trust domain. */
const allowedMap = (ports: InboundPort[]): NginxConfigNode =>
  mapBlock("$server_port $mesh_peer", "$mesh_allowed", [
    ...ports.flatMap(({ allow = [], allowTrustDomain, hops, settings: { trustDomain } }) => [
      ...(allowTrustDomain ? [{ prefix: `${hops.tls} spiffe://${trustDomain}/`, value: "yes" }] : []),
      ...allow.map(({ namespace, serviceAccount }) => ({
        exact: `${hops.tls} ${spiffeId(trustDomain, namespace, serviceAccount)}`,
        value: "yes",
      })),
    ]),
    denied,
  ]);

/** Returns the map that is `yes` for plaintext requests allowed in strict mode: method and URI as the client wrote them. */
const plainPathsMap = (ports: InboundPort[]): NginxConfigNode =>
  mapBlock("$server_port $request_method $request_uri", "$mesh_plain", [
    ...ports.flatMap((port) =>
      (port.plainPaths ?? []).flatMap((path) =>
        (isGrpc(port) ? ["POST"] : ["GET", "HEAD"]).map((method) => ({
          exact: `${port.hops.plain} ${method} ${path}`,
          value: "yes",
        })),
      ),
    ),
    denied,
  ]);

const upstreamName = ({ port }: InboundPort) => `mesh_application_${port}`;

const applicationUpstream = (port: InboundPort): NginxConfigNode =>
  block("upstream", [upstreamName(port)], [directive("server", applicationAddress(port))]);

const applicationAddress = ({ hops }: InboundPort) => `127.0.0.1:${hops.application}`;

const splitTarget = ({ port }: InboundPort) => `$mesh_target_${port}`;

const tlsSplitMap = (port: InboundPort): NginxConfigNode =>
  mapBlock("$ssl_preread_protocol", splitTarget(port), [
    { exact: "", value: `127.0.0.1:${port.hops.plain}` },
    { default: true, value: `127.0.0.1:${port.hops.tls}` },
  ]);

/** Returns the server that passes TLS to one port and plaintext to another, without terminating either. */
const tlsSplitServer = (port: InboundPort): NginxConfigNode =>
  block("server", [
    listen(port.settings, port.hops.accept, "all"),
    directive("ssl_preread", "on"),
    directive("preread_timeout", "10s"),
    directive("access_log", "off"),
    tcpProxy(port.settings),
    directive("proxy_protocol", "on"),
    evaluated("proxy_pass", splitTarget(port)),
  ]);

const tcpServer = (port: InboundPort): NginxConfigNode =>
  block("server", [
    port.hops.tls === port.hops.accept
      ? listen(port.settings, port.hops.tls, "all", "ssl")
      : listenInternally(port.settings, port.hops.tls, "ssl"),
    accessLog(inboundLog("stream", port.port)),
    serverTls(port.settings),
    directive("js_preread", "identity.admit"),
    tcpProxy(port.settings),
    directive("proxy_pass", applicationAddress(port)),
  ]);

/** Returns the server for plaintext of any protocol in permissive mode; its log shows clients without mutual TLS. */
const plainTcpServer = (port: InboundPort): NginxConfigNode =>
  block("server", [
    listenInternally(port.settings, port.hops.plain),
    accessLog(inboundLog("stream", port.port)),
    tcpProxy(port.settings),
    directive("proxy_pass", applicationAddress(port)),
  ]);

const tlsServer = (port: InboundPort): NginxConfigNode =>
  block("server", [
    listenInternally(port.settings, port.hops.tls, "ssl", ...http2(port)),
    directive("real_ip_header", "proxy_protocol"),
    accessLog(inboundLog("http", port.port)),
    serverTls(port.settings),
    requestLimits(port.settings),
    forbidUnless("$mesh_allowed"),
    location(isGrpc(port) ? grpcToApplication(port) : [httpProxy(port.settings), upgrade, httpToApplication(port)]),
  ]);

/** Returns the server for probes and metrics in strict mode, which answers all other plaintext with 403. */
const plainServer = (port: InboundPort): NginxConfigNode =>
  block("server", [
    listenInternally(port.settings, port.hops.plain, ...http2(port)),
    directive("real_ip_header", "proxy_protocol"),
    accessLog(inboundLog("http", port.port)),
    forbidUnless("$mesh_plain"),
    location(isGrpc(port) ? grpcToApplication(port) : [bodiless, httpProxy(port.settings), httpToApplication(port)]),
  ]);

const http2 = (port: InboundPort): ["http2"] | [] => (isGrpc(port) ? ["http2"] : []);

const forbidUnless = (variable: string): NginxConfigNode => ({
  ...evaluated("if", `(${variable}`, "!=", "yes)"),
  block: [directive("return", "403")],
});

/** Directives by which a request keeps its line and headers only: without body, and without a switch of protocols. */
const bodiless: NginxConfigNode[] = [
  directive("proxy_pass_request_body", "off"),
  directive("proxy_set_header", "Content-Length", ""),
  directive("proxy_set_header", "Upgrade", ""),
  directive("proxy_set_header", "Connection", "close"),
];

/** Headers of a request that may switch protocols. Each has its own connection: one that the application closes meanwhile would fail a request. */
const upgrade: NginxConfigNode[] = [
  evaluated("proxy_set_header", "Upgrade", "$http_upgrade"),
  evaluated("proxy_set_header", "Connection", "$mesh_connection_once"),
];

const httpToApplication = (port: InboundPort): NginxConfigNodes => [
  evaluated("proxy_set_header", "Host", "$http_host"),
  evaluated("proxy_set_header", "X-Forwarded-For", "$proxy_add_x_forwarded_for"),
  directive("proxy_pass", `http://${upstreamName(port)}`),
];

const grpcToApplication = (port: InboundPort): NginxConfigNodes => [
  grpcProxy(port.settings),
  evaluated("grpc_set_header", "Host", "$http_host"),
  directive("grpc_pass", `grpc://${upstreamName(port)}`),
];
