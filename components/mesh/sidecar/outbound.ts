import type { NginxConfigNode } from "../../nginx";
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
  passedOn,
  proxied,
  server,
  untouched,
} from "./nodes";
import type { SidecarSettings } from "./settings";
import { MeshProtocol } from "./sidecar-args";
import { clientTls } from "./tls";

type Outbound = SidecarSettings["outbound"][number];

/** Nodes of the `stream` block: workloads that are called by tcp. */
export const outboundStream = (settings: SidecarSettings): NginxConfigNode[] =>
  settings.outbound
    .filter(({ protocol }) => protocol === MeshProtocol.tcp)
    .flatMap((outbound) => [upstream(outbound, settings), tcpServer(outbound, settings)]);

/** Nodes of the `http` block: workloads that are called by http and grpc, told apart by port, and by Host where the port is shared. */
export function outboundHttp(settings: SidecarSettings): NginxConfigNode[] {
  const all = settings.outbound.filter(({ protocol }) => protocol !== MeshProtocol.tcp);
  const shared = settings.redirect
    ? all.filter(({ port }, index) => all.findIndex((one) => one.port === port) === index)
    : [];
  return [
    ...shared.map((first) => misdirectedServer(first, settings)),
    ...all.flatMap((outbound) => [upstream(outbound, settings), httpServer(outbound, settings)]),
  ];
}

const upstreamName = ({ name }: Outbound) => `mesh_${name}`;

function upstream(outbound: Outbound, { resolver }: SidecarSettings): NginxConfigNode {
  const { host, port, keepalive = 0 } = outbound;
  return block(
    "upstream",
    [upstreamName(outbound)],
    [
      directive("zone", upstreamName(outbound), "64k"),
      directive("server", `${host}:${port}`, ...(resolver ? ["resolve"] : [])),
      ...(keepalive > 0 ? [directive("keepalive", `${keepalive}`)] : []),
    ],
  );
}

const identity = ({ trustDomain }: SidecarSettings, { namespace, serviceAccount }: Outbound["peer"]) =>
  spiffeId(trustDomain, namespace, serviceAccount);

function tcpServer(outbound: Outbound, settings: SidecarSettings): NginxConfigNode {
  return server([
    ...listen(settings, settings.ports.outbound[outbound.name]!, "loopback"),
    ...logged("outbound", outbound.name, identity(settings, outbound.peer)),
    ...passedOn(settings),
    directive("proxy_ssl", "on"),
    ...clientTls("proxy", outbound.peer, settings),
    directive("proxy_pass", upstreamName(outbound)),
  ]);
}

const secondOf = ({ protocol }: Outbound, settings: SidecarSettings) =>
  protocol === MeshProtocol.grpc ? http2(settings) : { words: [], nodes: [] };

function httpServer(outbound: Outbound, settings: SidecarSettings): NginxConfigNode {
  const second = secondOf(outbound, settings);
  return server([
    ...listen(settings, settings.ports.outbound[outbound.name]!, "loopback", ...second.words),
    ...second.nodes,
    ...(settings.redirect ? [directive("server_name", ...hostNames(outbound, settings.namespace))] : []),
    ...logged("outbound", outbound.name, identity(settings, outbound.peer)),
    ...untouched(settings),
    everyPath(toWorkload(outbound, settings)),
  ]);
}

/** Whoever calls a host that is not declared, on a port that is: where it was to go is lost with the redirect. */
function misdirectedServer(first: Outbound, settings: SidecarSettings): NginxConfigNode {
  const second = secondOf(first, settings);
  return server([
    ...listen(settings, settings.ports.outbound[first.name]!, "loopback", "default_server", ...second.words),
    ...second.nodes,
    ...logged("outbound", `${first.port}`),
    directive("return", "421"),
  ]);
}

function toWorkload(outbound: Outbound, settings: SidecarSettings): NginxConfigNode[] {
  const { host, port, protocol, peer, keepalive = 0 } = outbound;
  // Without a redirect the application calls 127.0.0.1, which the workload does not know itself by.
  const hostHeader = settings.redirect ? evaluated : directive;
  const named = settings.redirect ? "$http_host" : port === 80 ? host : `${host}:${port}`;
  if (protocol === MeshProtocol.grpc)
    return [
      ...calledOn(settings).filter(({ name }) => name !== "grpc_set_header"),
      hostHeader("grpc_set_header", "Host", named),
      ...clientTls("grpc", peer, settings),
      directive("grpc_pass", `grpcs://${upstreamName(outbound)}`),
    ];
  return [
    ...proxied(settings),
    evaluated("proxy_set_header", "Connection", keepalive > 0 ? "$mesh_connection_kept" : "$mesh_connection_once"),
    hostHeader("proxy_set_header", "Host", named),
    ...clientTls("proxy", peer, settings),
    directive("proxy_pass", `https://${upstreamName(outbound)}`),
  ];
}

/** The names by which an application may call a workload. */
export function hostNames({ host, aliases }: Outbound, namespace: string): string[] {
  return [...new Set([host, ...(aliases ?? shortForms(host, namespace))])];
}

function shortForms(host: string, namespace: string): string[] {
  const [, service, its, domain = ""] = /^([^.]+)\.([^.]+)\.svc(\..+)?$/.exec(host) ?? [];
  if (service === undefined) return [];
  const forms = [`${service}.${its}`, `${service}.${its}.svc`];
  return [
    ...forms,
    ...(domain === "" ? [`${service}.${its}.svc.cluster.local`] : []),
    ...(its === namespace ? [service] : []),
  ];
}
