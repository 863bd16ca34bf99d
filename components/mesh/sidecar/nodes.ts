import { isFromVersion, type NginxConfigNode } from "../../nginx";
import type { SidecarSettings } from "./settings";

/** A directive whose arguments are data. */
export const directive = (name: string, ...args: string[]): NginxConfigNode => ({ name, args });

/** A directive whose arguments have variables. */
export const evaluated = (name: string, ...args: string[]): NginxConfigNode => ({ name, args, variables: true });

/** A block. */
export const block = (name: string, args: string[], nodes: NginxConfigNode[]): NginxConfigNode => ({
  name,
  args,
  block: nodes,
});

export const server = (nodes: NginxConfigNode[]) => block("server", [], nodes);

/** The one location of a server. */
export const everyPath = (nodes: NginxConfigNode[]) => block("location", ["/"], nodes);

/** How a server listens on all addresses of the pod, or on its loopback ones. */
export function listen(
  { ipv4, ipv6 }: SidecarSettings,
  port: number,
  where: "everywhere" | "loopback",
  ...options: string[]
): NginxConfigNode[] {
  const v4 = where === "everywhere" ? `${port}` : `127.0.0.1:${port}`;
  const v6 = where === "everywhere" ? `[::]:${port}` : `[::1]:${port}`;
  return [...(ipv4 ? [v4] : []), ...(ipv6 ? [v6] : [])].map((address) => directive("listen", address, ...options));
}

/** How a server listens between two of NGINX's own, which hand on the client's address. */
export const listenInside = (port: number, ...options: string[]): NginxConfigNode[] => [
  directive("listen", `127.0.0.1:${port}`, "proxy_protocol", ...options),
  directive("set_real_ip_from", "127.0.0.1"),
];

/** The words of `listen` and the directive that make a server speak HTTP/2. */
export const http2 = ({ version }: SidecarSettings): { words: string[]; nodes: NginxConfigNode[] } =>
  isFromVersion(version, [1, 25, 1])
    ? { words: [], nodes: [directive("http2", "on")] }
    : { words: ["http2"], nodes: [] };

/** A client's request goes through as it came, however long it takes. */
export const untouched = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("client_max_body_size", "0"),
  directive("client_body_timeout", `${idleSeconds}s`),
  directive("send_timeout", `${idleSeconds}s`),
];

/** A request to the next hop, as it came. */
export const proxied = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("proxy_http_version", "1.1"),
  directive("proxy_buffering", "off"),
  directive("proxy_request_buffering", "off"),
  directive("proxy_connect_timeout", "5s"),
  directive("proxy_read_timeout", `${idleSeconds}s`),
  directive("proxy_send_timeout", `${idleSeconds}s`),
  evaluated("proxy_set_header", "Upgrade", "$http_upgrade"),
];

/** A gRPC call to the next hop, as it came. */
export const calledOn = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("grpc_connect_timeout", "5s"),
  directive("grpc_read_timeout", `${idleSeconds}s`),
  directive("grpc_send_timeout", `${idleSeconds}s`),
  directive("grpc_socket_keepalive", "on"),
  evaluated("grpc_set_header", "Host", "$http_host"),
];

/** A TCP connection to the next hop, as it came. */
export const passedOn = ({ idleSeconds }: SidecarSettings): NginxConfigNode[] => [
  directive("proxy_connect_timeout", "5s"),
  directive("proxy_timeout", `${idleSeconds}s`),
  directive("proxy_socket_keepalive", "on"),
];
