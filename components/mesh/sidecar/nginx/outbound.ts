import {
  block,
  completeServiceHost,
  directive,
  evaluated,
  flat,
  type NginxConfigNode,
  type NginxConfigNodes,
  when,
} from "../../../nginx";
import { spiffeId } from "../../trust-domain";
import type { OutboundSettings, SidecarSettings } from "../settings";
import { MeshProtocol } from "../sidecar-args";
import { type AccessLog, accessLog, logFormat, misdirectedLog, outboundLog } from "./log";
import { grpcProxy, httpProxy, listen, location, requestLimits, tcpProxy } from "./servers";
import { clientTls } from "./tls";

const isTcp = ({ protocol }: OutboundSettings) => protocol === MeshProtocol.tcp;
const isGrpc = ({ protocol }: OutboundSettings) => protocol === MeshProtocol.grpc;

/** Returns the nodes of the `stream` block: proxies to workloads by tcp. */
export function renderOutboundStream(settings: SidecarSettings): NginxConfigNode[] {
  const workloads = settings.outbound.filter(isTcp);
  return flat([
    workloads.map((workload) => logFormat("stream", logOf(workload, settings))),
    workloads.map((workload) => [upstream(workload, settings), tcpServer(workload, settings)]),
  ]);
}

/** Returns the nodes of the `http` block: proxies to workloads by http and grpc, selected by port, and by Host where they share one. */
export function renderOutboundHttp(settings: SidecarSettings): NginxConfigNode[] {
  const workloads = settings.outbound.filter((workload) => !isTcp(workload));
  const firstOfPort = workloads.filter(
    ({ port }, index) => settings.redirect && workloads.findIndex((one) => one.port === port) === index,
  );
  return flat([
    workloads.map((workload) => logFormat("http", logOf(workload, settings))),
    firstOfPort.map(({ port }) => logFormat("http", misdirectedLog(port))),
    firstOfPort.map((workload) => misdirectedServer(workload, settings)),
    workloads.map((workload) => [upstream(workload, settings), httpServer(workload, settings)]),
  ]);
}

const logOf = ({ name, peer }: OutboundSettings, { trustDomain }: SidecarSettings): AccessLog =>
  outboundLog(name, spiffeId(trustDomain, peer.namespace, peer.serviceAccount));

const upstreamName = ({ name }: OutboundSettings) => `mesh_${name}`;

function upstream(workload: OutboundSettings, settings: SidecarSettings): NginxConfigNode {
  const { host, port, keepalive = 0 } = workload;
  const server = settings.asksNameServers
    ? directive("server", `${completeHost(host, settings)}:${port}`, "resolve")
    : directive("server", `${host}:${port}`);
  return block(
    "upstream",
    [upstreamName(workload)],
    [
      // Room for some 400 addresses of a headless Service.
      directive("zone", upstreamName(workload), settings.asksNameServers ? "256k" : "64k"),
      server,
      when(keepalive > 0, directive("keepalive", `${keepalive}`)),
    ],
  );
}

/** Returns the whole name of a Service, as the search list of the pod makes it: NGINX's resolver has none. */
function completeHost(host: string, { namespace, clusterDomain }: SidecarSettings): string {
  if (!host.includes(".")) return `${host}.${namespace}.svc.${clusterDomain}`;
  return completeServiceHost(host, clusterDomain);
}

/** Returns the directives by which the application reaches a workload on a loopback address. */
const listenFor = (workload: OutboundSettings, settings: SidecarSettings, ...options: "default_server"[]) =>
  listen(
    settings,
    settings.ports.outbound[workload.name]!,
    "loopback",
    ...options,
    ...(isGrpc(workload) ? (["http2"] as const) : []),
  );

const tcpServer = (workload: OutboundSettings, settings: SidecarSettings): NginxConfigNode =>
  block("server", [
    listenFor(workload, settings),
    accessLog(logOf(workload, settings)),
    tcpProxy(settings),
    directive("proxy_ssl", "on"),
    clientTls("proxy", workload, settings),
    directive("proxy_pass", upstreamName(workload)),
  ]);

const httpServer = (workload: OutboundSettings, settings: SidecarSettings): NginxConfigNode =>
  block("server", [
    listenFor(workload, settings),
    when(settings.redirect, directive("server_name", ...hostNames(workload, settings))),
    accessLog(logOf(workload, settings)),
    requestLimits(settings),
    location(isGrpc(workload) ? grpcToWorkload(workload, settings) : httpToWorkload(workload, settings)),
  ]);

/** Returns the server for undeclared hosts on a declared port: the redirect hides the address that the application called. */
const misdirectedServer = (first: OutboundSettings, settings: SidecarSettings): NginxConfigNode =>
  block("server", [
    listenFor(first, settings, "default_server"),
    accessLog(misdirectedLog(first.port)),
    directive("return", "421"),
  ]);

const grpcToWorkload = (workload: OutboundSettings, settings: SidecarSettings): NginxConfigNodes => [
  grpcProxy(settings),
  hostHeader("grpc", workload, settings),
  clientTls("grpc", workload, settings),
  directive("grpc_pass", `grpcs://${upstreamName(workload)}`),
];

const httpToWorkload = (workload: OutboundSettings, settings: SidecarSettings): NginxConfigNodes => [
  httpProxy(settings),
  evaluated("proxy_set_header", "Upgrade", "$http_upgrade"),
  evaluated("proxy_set_header", "Connection", workload.keepalive ? "$mesh_connection_kept" : "$mesh_connection_once"),
  hostHeader("proxy", workload, settings),
  clientTls("proxy", workload, settings),
  directive("proxy_pass", `https://${upstreamName(workload)}`),
];

/** Returns header Host. Without redirect the application calls 127.0.0.1, a name that the workload does not have. */
function hostHeader(module: "proxy" | "grpc", { host, port }: OutboundSettings, { redirect }: SidecarSettings) {
  if (redirect) return evaluated(`${module}_set_header`, "Host", "$http_host");
  return directive(`${module}_set_header`, "Host", port === 80 ? host : `${host}:${port}`);
}

/** Returns the names by which an application may call a workload. */
const hostNames = ({ host, aliases }: OutboundSettings, settings: SidecarSettings): string[] => [
  ...new Set([host, ...(aliases ?? shortNames(host, settings))]),
];

/** Returns the other names of a Service in the search domains of a pod. */
function shortNames(host: string, { namespace: podNamespace, clusterDomain }: SidecarSettings): string[] {
  const [, service, namespace, domain] = /^([^.]+)\.([^.]+)\.svc(\..+)?$/.exec(host) ?? [];
  if (service === undefined) return [];
  return [
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    ...(domain === undefined ? [`${service}.${namespace}.svc.${clusterDomain}`] : []),
    ...(namespace === podNamespace ? [service] : []),
  ];
}
