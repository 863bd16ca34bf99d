import type { NginxConfigNode } from "../nginx";
import type { MqttBrokerTls } from "./mqtt-proxy-args";

/** Folders and files that the configuration refers to, and the component mounts. */
export const paths = {
  clientCertificate: "/etc/nginx/mqtt-client-certificate",
  trustedCertificates: "/etc/nginx/mqtt-trust/ca.crt",
};

/** TLS to the brokers, verified under the name that `serverName` gives. */
export const brokerTlsNodes = (tls: MqttBrokerTls, serverName: NginxConfigNode): NginxConfigNode[] => [
  { name: "proxy_ssl", args: ["on"] },
  ...httpBrokerTlsNodes(tls, serverName),
];

/** The same in `http`, where the scheme of `proxy_pass` says that it is TLS. */
export function httpBrokerTlsNodes(tls: MqttBrokerTls, serverName: NginxConfigNode): NginxConfigNode[] {
  return [
    { name: "proxy_ssl_protocols", args: ["TLSv1.2", "TLSv1.3"] },
    { name: "proxy_ssl_server_name", args: ["on"] },
    serverName,
    ...(tls.unsafeSkipVerification
      ? [{ name: "proxy_ssl_verify", args: ["off"] }]
      : [
          { name: "proxy_ssl_verify", args: ["on"] },
          { name: "proxy_ssl_verify_depth", args: [`${tls.verifyDepth ?? 3}`] },
          { name: "proxy_ssl_trusted_certificate", args: [paths.trustedCertificates] },
        ]),
    ...(tls.clientCertificate
      ? [
          { name: "proxy_ssl_certificate", args: [`${paths.clientCertificate}/tls.crt`] },
          { name: "proxy_ssl_certificate_key", args: [`${paths.clientCertificate}/tls.key`] },
        ]
      : []),
  ];
}
