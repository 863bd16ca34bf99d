import { type MapEntry, mapBlock, type NginxConfigNode } from "../../nginx";
import { spiffeId } from "../trust-domain";
import { logged } from "./log";
import {
  block,
  calledOn,
  directive,
  evaluated,
  everyPath,
  http2,
  listen,
  listenInside,
  passedOn,
  proxied,
  server,
  untouched,
} from "./nodes";
import type { InboundPorts } from "./ports";
import type { SidecarSettings } from "./settings";
import { MeshMode, MeshProtocol } from "./sidecar-args";
import { serverTls } from "./tls";

type Inbound = SidecarSettings["inbound"][number];

/** One inbound port, and the ports that NGINX has for it. */
interface Entry {
  inbound: Inbound;
  ports: InboundPorts;
  settings: SidecarSettings;
}

const entries = (settings: SidecarSettings, ...protocols: MeshProtocol[]): Entry[] =>
  settings.inbound
    .filter(({ protocol }) => protocols.includes(protocol))
    .map((inbound) => ({ inbound, ports: settings.ports.inbound[inbound.port]!, settings }));

/** Nodes of the `stream` block: TLS and plaintext part here, and tcp is passed on. */
export function inboundStream(settings: SidecarSettings): NginxConfigNode[] {
  const all = entries(settings, MeshProtocol.http, MeshProtocol.grpc, MeshProtocol.tcp);
  const tcp = entries(settings, MeshProtocol.tcp);
  const parting = all.filter(({ ports }) => ports.accept !== ports.tls);
  return [
    ...(tcp.length > 0 ? allowed(tcp) : []),
    ...parting.flatMap(partingServer),
    ...tcp.map(tcpServer),
    ...all.filter(({ inbound }) => inbound.mode === MeshMode.permissive).map(plainStreamServer),
  ];
}

/** Nodes of the `http` block: requests of http and grpc, by mutual TLS or as declared in plaintext. */
export function inboundHttp(settings: SidecarSettings): NginxConfigNode[] {
  const all = entries(settings, MeshProtocol.http, MeshProtocol.grpc);
  const strict = all.filter(({ inbound }) => inbound.mode === MeshMode.strict);
  return all.length === 0
    ? []
    : [
        ...allowed(all),
        ...(strict.length > 0 ? [plainPaths(strict)] : []),
        ...all.map(({ inbound, ports }) =>
          block("upstream", [application(inbound)], [directive("server", `127.0.0.1:${ports.application}`)]),
        ),
        ...all.map(tlsServer),
        ...strict.map(plainServer),
      ];
}

/** Who is allowed on which port: the whole ID, exactly, unless any of the trust domain is. */
function allowed(all: Entry[]): NginxConfigNode[] {
  const rules = all.flatMap(({ inbound: { allow = [], allowTrustDomain }, ports, settings: { trustDomain } }) => [
    ...(allowTrustDomain ? [{ prefix: `${ports.tls} spiffe://${trustDomain}/`, value: "yes" }] : []),
    ...allow.map(({ namespace, serviceAccount }) => ({
      exact: `${ports.tls} ${spiffeId(trustDomain, namespace, serviceAccount)}`,
      value: "yes",
    })),
  ]);
  return [mapBlock("$server_port $mesh_peer", "$mesh_allowed", [...rules, otherwise])];
}

/** What plaintext gets in strict mode: the request as the client wrote it, compared as a whole. */
const plainPaths = (all: Entry[]): NginxConfigNode =>
  mapBlock("$server_port $request_method $request_uri", "$mesh_plain", [
    ...all.flatMap(({ inbound: { plainPaths = [], protocol }, ports }) =>
      plainPaths.flatMap((path) =>
        (protocol === MeshProtocol.grpc ? ["POST"] : ["GET", "HEAD"]).map((method) => ({
          exact: `${ports.plain} ${method} ${path}`,
          value: "yes",
        })),
      ),
    ),
    otherwise,
  ]);

const otherwise: MapEntry = { default: true, value: "no" };

const application = ({ port }: Inbound) => `mesh_application_${port}`;

/** Sends TLS one way and plaintext another, without ending either. */
function partingServer({ inbound: { port }, ports, settings }: Entry): NginxConfigNode[] {
  const target = `$mesh_target_${port}`;
  return [
    mapBlock("$ssl_preread_protocol", target, [
      { exact: "", value: `127.0.0.1:${ports.plain}` },
      { default: true, value: `127.0.0.1:${ports.tls}` },
    ]),
    server([
      ...listen(settings, ports.accept, "everywhere"),
      directive("ssl_preread", "on"),
      directive("preread_timeout", "10s"),
      directive("access_log", "off"),
      ...passedOn(settings),
      directive("proxy_protocol", "on"),
      evaluated("proxy_pass", target),
    ]),
  ];
}

function tcpServer({ inbound: { port }, ports, settings }: Entry): NginxConfigNode {
  return server([
    ...(ports.tls === ports.accept ? listen(settings, ports.tls, "everywhere", "ssl") : listenInside(ports.tls, "ssl")),
    ...logged("inbound", `${port}`),
    ...serverTls(settings),
    directive("js_preread", "identity.admit"),
    ...passedOn(settings),
    directive("proxy_pass", `127.0.0.1:${ports.application}`),
  ]);
}

/** Plaintext in permissive mode, whatever it is; the log says who still speaks it. */
function plainStreamServer({ inbound: { port }, ports, settings }: Entry): NginxConfigNode {
  return server([
    ...listenInside(ports.plain),
    ...logged("inbound", `${port}`),
    ...passedOn(settings),
    directive("proxy_pass", `127.0.0.1:${ports.application}`),
  ]);
}

function tlsServer({ inbound, ports, settings }: Entry): NginxConfigNode {
  const second = inbound.protocol === MeshProtocol.grpc ? http2(settings) : { words: [], nodes: [] };
  return server([
    ...listenInside(ports.tls, "ssl", ...second.words),
    ...second.nodes,
    directive("real_ip_header", "proxy_protocol"),
    ...logged("inbound", `${inbound.port}`),
    ...serverTls(settings),
    ...untouched(settings),
    ...unless("$mesh_allowed"),
    everyPath(toApplication(inbound, settings)),
  ]);
}

/** Probes and metrics in strict mode, and 403 for all else. */
function plainServer({ inbound, ports, settings }: Entry): NginxConfigNode {
  const grpc = inbound.protocol === MeshProtocol.grpc;
  const second = grpc ? http2(settings) : { words: [], nodes: [] };
  return server([
    ...listenInside(ports.plain, ...second.words),
    ...second.nodes,
    directive("real_ip_header", "proxy_protocol"),
    ...logged("inbound", `${inbound.port}`),
    ...unless("$mesh_plain"),
    everyPath(grpc ? toApplication(inbound, settings) : withoutBody(toApplication(inbound, settings))),
  ]);
}

/** A request that is nothing but its line and headers, and stays one: no body, no other protocol. */
const withoutBody = (nodes: NginxConfigNode[]): NginxConfigNode[] => [
  directive("proxy_pass_request_body", "off"),
  directive("proxy_set_header", "Content-Length", ""),
  directive("proxy_set_header", "Upgrade", ""),
  directive("proxy_set_header", "Connection", "close"),
  ...nodes.filter(({ name, args }) => name !== "proxy_set_header" || !switching.includes(args?.[0] as string)),
];

const switching = ["Upgrade", "Connection"];

const unless = (variable: string): NginxConfigNode[] => [
  { ...evaluated("if", `(${variable}`, "!=", "yes)"), block: [directive("return", "403")] },
];

function toApplication(inbound: Inbound, settings: SidecarSettings): NginxConfigNode[] {
  if (inbound.protocol === MeshProtocol.grpc)
    return [...calledOn(settings), directive("grpc_pass", `grpc://${application(inbound)}`)];
  return [
    ...proxied(settings),
    // A connection of its own for each request: one that the application closes meanwhile would fail a request.
    evaluated("proxy_set_header", "Connection", "$mesh_connection_once"),
    evaluated("proxy_set_header", "Host", "$http_host"),
    evaluated("proxy_set_header", "X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    directive("proxy_pass", `http://${application(inbound)}`),
  ];
}
