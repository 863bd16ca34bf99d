import type { Input } from "@pulumi/pulumi";
import { block, directive, flat, type NginxConfigNode, when } from "../../../nginx";
import type { BackendLayout } from "../model";

/** Returns the upstream block of a service of Instance Manager. */
export const upstreamNode = ({ upstream, zone = upstream, keepalive = 20, address }: BackendLayout): NginxConfigNode =>
  block(
    "upstream",
    [upstream],
    [directive("zone", zone, "64k"), directive("server", address), directive("keepalive", `${keepalive}`)],
  );

/** Returns the directives that send a location's requests to a service, with the prefix of NGINX's module for gRPC or HTTP. */
export function passNodes({ upstream, tls }: BackendLayout, module: "grpc" | "proxy"): NginxConfigNode[] {
  const plain = { grpc: "grpc", proxy: "http" }[module];
  const pass = (scheme: string) => directive(`${module}_pass`, `${scheme}://${upstream}`);
  if (!tls) return [pass(plain)];
  const ssl = (name: string, ...values: Input<string>[]) => directive(`${module}_ssl_${name}`, ...values);
  return flat([
    ssl("protocols", "TLSv1.2", "TLSv1.3"),
    ssl("server_name", "on"),
    // The default is the upstream's name, which no server certificate carries.
    ssl("name", tls.serverName),
    ssl("verify", "on"),
    ssl("verify_depth", `${tls.verifyDepth}`),
    ssl("trusted_certificate", tls.authorities),
    when(tls.certificate, ({ certificate, key }) => [ssl("certificate", certificate), ssl("certificate_key", key)]),
    pass(`${plain}s`),
  ]);
}
