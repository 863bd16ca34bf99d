import { directive, type NginxConfigNode, when } from "../../nginx";
import type { ResolvedBrokerTls, ResolvedUpstream } from "../model";
import { fromArgument } from "./argument-paths";

/** Folders and files that the configuration refers to, and the component mounts. */
export const paths = {
  clientCertificate: "/etc/nginx/mqtt-client-certificate",
  trustedCertificates: "/etc/nginx/mqtt-trust/ca.crt",
};

/** Returns the name by which the brokers of an upstream are verified. */
export const serverNameNode = ({ serverName, serverNamePath }: ResolvedUpstream): NginxConfigNode =>
  fromArgument(serverNamePath, directive("proxy_ssl_name", serverName));

/** Returns TLS to the brokers in `stream`, verified by the name that the node `serverName` sets. */
export const brokerTlsNodes = (tls: ResolvedBrokerTls, serverName: NginxConfigNode): NginxConfigNode[] => [
  directive("proxy_ssl", "on"),
  ...httpBrokerTlsNodes(tls, serverName),
];

/** Returns the same in `http`, where TLS follows from the scheme of `proxy_pass`. */
export function httpBrokerTlsNodes(tls: ResolvedBrokerTls, serverName: NginxConfigNode): NginxConfigNode[] {
  return [
    directive("proxy_ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("proxy_ssl_server_name", "on"),
    serverName,
    ...(tls.verify
      ? [
          { name: "proxy_ssl_verify", args: ["on"] },
          { name: "proxy_ssl_verify_depth", args: [`${tls.verifyDepth}`] },
          { name: "proxy_ssl_trusted_certificate", args: [paths.trustedCertificates] },
        ]
      : [{ name: "proxy_ssl_verify", args: ["off"] }]),
    ...when(
      tls.clientCertificate,
      directive("proxy_ssl_certificate", `${paths.clientCertificate}/tls.crt`),
      directive("proxy_ssl_certificate_key", `${paths.clientCertificate}/tls.key`),
    ),
  ];
}
