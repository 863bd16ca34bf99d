import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode } from "../../nginx";
import type { BackendLayout } from "./layout";

/** The upstream block of one part of Instance Manager. */
export const upstreamNode = (
  { upstream, address }: BackendLayout,
  zone = upstream,
  keepalive = 20,
): NginxConfigNode => ({
  name: "upstream",
  args: [upstream],
  block: [
    { name: "zone", args: [zone, "64k"] },
    { name: "server", args: [address] },
    { name: "keepalive", args: [`${keepalive}`] },
  ],
});

/** Sends a location's requests to one part, over gRPC or HTTP, as NGINX's module of that name calls its directives. */
export function passNodes({ upstream, tls }: BackendLayout, module: "grpc" | "proxy"): NginxConfigNode[] {
  const plain = { grpc: "grpc", proxy: "http" }[module];
  const pass = (scheme: string): NginxConfigNode => ({ name: `${module}_pass`, args: [`${scheme}://${upstream}`] });
  if (!tls) return [pass(plain)];
  const ssl = (name: string, ...values: Input<string>[]): NginxConfigNode => ({
    name: `${module}_ssl_${name}`,
    args: values,
  });
  return [
    ssl("protocols", "TLSv1.2", "TLSv1.3"),
    ssl("server_name", "on"),
    // The default would be the upstream's name, which no server certificate carries.
    ssl("name", tls.serverName),
    ssl("verify", "on"),
    ssl("verify_depth", `${tls.verifyDepth}`),
    ssl("trusted_certificate", tls.authorities),
    ...(tls.certificate
      ? [ssl("certificate", tls.certificate.certificate), ssl("certificate_key", tls.certificate.key)]
      : []),
    pass(`${plain}s`),
  ];
}
