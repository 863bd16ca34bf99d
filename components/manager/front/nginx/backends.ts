import { block, directive, type NginxConfigNode, upstreamTls, when } from "../../../nginx";
import type { BackendLayout } from "../model";

/** Returns the upstream block of a service of Instance Manager. */
export const upstreamNode = ({
  upstream,
  zone = upstream,
  keepalive = 20,
  address,
  resolver,
}: BackendLayout): NginxConfigNode =>
  block(
    "upstream",
    [upstream],
    [
      directive("zone", zone, "64k"),
      ...when(resolver, (servers) => directive("resolver", ...servers, "valid=10s")),
      directive("server", address, ...(resolver ? ["resolve"] : [])),
      directive("keepalive", `${keepalive}`),
    ],
  );

/** Returns the directives that send a location's requests to a service, with the prefix of NGINX's module for gRPC or HTTP. */
export function passNodes({ upstream, tls }: BackendLayout, module: "grpc" | "proxy"): NginxConfigNode[] {
  const plain = { grpc: "grpc", proxy: "http" }[module];
  const pass = (scheme: string) => directive(`${module}_pass`, `${scheme}://${upstream}`);
  if (!tls) return [pass(plain)];
  const { serverName, authorities, verifyDepth, certificate } = tls;
  return [
    ...upstreamTls(module, directive(`${module}_ssl_name`, serverName), {
      verified: { authorities, depth: verifyDepth },
      certificate,
    }),
    pass(`${plain}s`),
  ];
}
