import { block, directive, isFromVersion, type NginxConfigNode, type NginxConfigNodes, when } from "../../../nginx";
import type { SidecarSettings } from "../settings";

/** Returns the one location of a server. */
export const location = (nodes: NginxConfigNodes): NginxConfigNode => block("location", ["/"], nodes);

type ListenOption = "ssl" | "default_server" | "http2";

/** Returns the directives by which a server listens on all addresses of the pod, or on its loopback addresses. */
export function listen(
  settings: SidecarSettings,
  port: number,
  addresses: "all" | "loopback",
  ...options: ListenOption[]
): NginxConfigNode[] {
  const ipv4 = addresses === "all" ? `${port}` : `127.0.0.1:${port}`;
  const ipv6 = addresses === "all" ? `[::]:${port}` : `[::1]:${port}`;
  const parameters = listenParameters(settings, options);
  return [
    ...when(settings.ipv4, directive("listen", ipv4, ...parameters)),
    ...when(settings.ipv6, directive("listen", ipv6, ...parameters)),
    ...http2Directive(settings, options),
  ];
}

/** Returns the directives by which a server listens to another server of this NGINX, which passes the client's address. */
export const listenInternally = (
  settings: SidecarSettings,
  port: number,
  ...options: ListenOption[]
): NginxConfigNode[] => [
  directive("listen", `127.0.0.1:${port}`, "proxy_protocol", ...listenParameters(settings, options)),
  directive("set_real_ip_from", "127.0.0.1"),
  ...http2Directive(settings, options),
];

/** Returns whether HTTP/2 is a directive of its own; before NGINX 1.25.1 it is a parameter of `listen`. */
const hasHttp2Directive = ({ version }: SidecarSettings) => isFromVersion(version, [1, 25, 1]);

const listenParameters = (settings: SidecarSettings, options: ListenOption[]): string[] =>
  options.filter((option) => option !== "http2" || !hasHttp2Directive(settings));

const http2Directive = (settings: SidecarSettings, options: ListenOption[]): NginxConfigNode[] =>
  when(options.includes("http2") && hasHttp2Directive(settings), directive("http2", "on"));

/** Returns the limits of a request: none on its size, and the idle time between two reads or writes. */
export const requestLimits = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("client_max_body_size", "0"),
  directive("client_body_timeout", `${idleSeconds}s`),
  directive("send_timeout", `${idleSeconds}s`),
];

/** Returns the settings of an HTTP proxy that streams requests and responses. */
export const httpProxy = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("proxy_http_version", "1.1"),
  directive("proxy_buffering", "off"),
  directive("proxy_request_buffering", "off"),
  directive("proxy_connect_timeout", "5s"),
  directive("proxy_read_timeout", `${idleSeconds}s`),
  directive("proxy_send_timeout", `${idleSeconds}s`),
];

/** Returns the settings of a gRPC proxy. */
export const grpcProxy = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("grpc_connect_timeout", "5s"),
  directive("grpc_read_timeout", `${idleSeconds}s`),
  directive("grpc_send_timeout", `${idleSeconds}s`),
  directive("grpc_socket_keepalive", "on"),
];

/** Returns the settings of a TCP proxy. */
export const tcpProxy = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("proxy_connect_timeout", "5s"),
  directive("proxy_timeout", `${idleSeconds}s`),
  directive("proxy_socket_keepalive", "on"),
];
