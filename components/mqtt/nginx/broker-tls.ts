import { directive, type NginxConfigNode, upstreamTls } from "../../nginx";
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
export const httpBrokerTlsNodes = (
  { verify, verifyDepth, clientCertificate }: ResolvedBrokerTls,
  serverName: NginxConfigNode,
): NginxConfigNode[] =>
  upstreamTls("proxy", serverName, {
    verified: verify ? { authorities: paths.trustedCertificates, depth: verifyDepth } : undefined,
    certificate: clientCertificate && {
      certificate: `${paths.clientCertificate}/tls.crt`,
      key: `${paths.clientCertificate}/tls.key`,
    },
  });
