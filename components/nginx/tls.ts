import type { Input } from "@pulumi/pulumi";
import { directive, flat, type NginxConfigNode, when } from "./conf";

const protocols = ["TLSv1.2", "TLSv1.3"];

/** Forward secrecy and authenticated encryption; TLS 1.3 has nothing else. */
const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** TLS 1.2 and 1.3 with modern ciphers, in the directives of a server (`ssl`) or of a module that connects (`grpc_ssl`). */
export const modernTls = (directives: "ssl" | "proxy_ssl" | "grpc_ssl"): NginxConfigNode[] => [
  directive(`${directives}_protocols`, ...protocols),
  directive(`${directives}_ciphers`, ciphers),
];

/** TLS to servers of an upstream. */
export interface UpstreamTls {
  /** File with the authorities of their certificates, and the depth of the chain; undefined where certificates are not verified. */
  verified?: { authorities: string; depth: number };
  /** Files of the certificate that they see. */
  certificate?: { certificate: string; key: string };
}

/**
 * Returns TLS to servers of an upstream.
 *
 * @param serverName node that sets the name of their certificates: NGINX's default is the name of the upstream block
 */
export function upstreamTls(
  module: "proxy" | "grpc",
  serverName: NginxConfigNode,
  { verified, certificate: pair }: UpstreamTls,
): NginxConfigNode[] {
  const ssl = (name: string, ...values: Input<string>[]) => directive(`${module}_ssl_${name}`, ...values);
  return flat([
    ssl("protocols", ...protocols),
    ssl("server_name", "on"),
    serverName,
    ssl("verify", verified ? "on" : "off"),
    when(verified, ({ authorities, depth }) => [
      ssl("verify_depth", `${depth}`),
      ssl("trusted_certificate", authorities),
    ]),
    when(pair, ({ certificate, key }) => [ssl("certificate", certificate), ssl("certificate_key", key)]),
  ]);
}
