import { referenceTo } from "../../foundation";
import { modernTls, type NginxConfigNode, type NginxFile, type NginxSecretMount } from "../../nginx";
import type { MqttLimits } from "../args";
import type { ResolvedClientCertificates, ResolvedListener, ResolvedListenerTls } from "../model";
import { fromArgument } from "./argument-paths";

const certificateFolder = (listener: string) => `/etc/nginx/mqtt-tls-${listener}`;
const authoritiesFolder = (listener: string) => `/etc/nginx/mqtt-authorities-${listener}`;

/** Returns the port of a listener, its TLS, and the PROXY protocol before that. The same in `stream` and `http`. */
export function listenNodes({ name, path, targetPort, tls, proxyProtocol }: ResolvedListener): NginxConfigNode[] {
  const words = [`${targetPort}`, ...(tls ? ["ssl"] : []), ...(proxyProtocol ? ["proxy_protocol"] : [])];
  return [
    { name: "listen", args: words },
    ...(proxyProtocol?.trustedSources ?? []).map((source, index) =>
      fromArgument(`${path}.proxyProtocol.trustedSources[${index}]`, { name: "set_real_ip_from", args: [source] }),
    ),
    ...(tls ? tlsNodes(name, tls) : []),
  ];
}

/** Returns the zone in which NGINX Plus counts a listener's connections; no other zone of ours has such a name. */
export const statusNode = ({ name }: ResolvedListener): NginxConfigNode => ({
  name: "status_zone",
  args: [`mqtt-listener-${name}`],
  plus: true,
});

function tlsNodes(name: string, { clientCertificates }: ResolvedListenerTls): NginxConfigNode[] {
  const folder = certificateFolder(name);
  return [
    { name: "ssl_certificate", args: [`${folder}/tls.crt`] },
    { name: "ssl_certificate_key", args: [`${folder}/tls.key`] },
    ...modernTls("ssl"),
    ...(clientCertificates ? clientCertificateNodes(name, clientCertificates) : []),
  ];
}

function clientCertificateNodes(
  name: string,
  { required, verifyDepth, crl }: ResolvedClientCertificates,
): NginxConfigNode[] {
  const folder = authoritiesFolder(name);
  return [
    { name: "ssl_verify_client", args: [required ? "on" : "optional"] },
    { name: "ssl_client_certificate", args: [`${folder}/ca.crt`] },
    { name: "ssl_verify_depth", args: [`${verifyDepth}`] },
    ...(crl ? [{ name: "ssl_crl", args: [`${folder}/ca.crl`] }] : []),
    // A resumed session would skip the revocation lists.
    { name: "ssl_session_cache", args: ["off"] },
    { name: "ssl_session_tickets", args: ["off"] },
  ];
}

/** A file of a listener, and the path of the argument that has its text. */
export type ListenerFile = NginxFile & { argument: string };

/** Returns the files of the ConfigMap that a listener refers to. */
export function listenerFiles({ name, path, tls }: ResolvedListener): ListenerFile[] {
  const { trustedCertificatesPem, crlPem, crl } = tls?.clientCertificates ?? {};
  const file = (key: string, content: NginxFile["content"], argument: string) => ({
    path: `${authoritiesFolder(name)}/${key}`,
    content,
    argument: `${path}.tls.clientCertificates.${argument}`,
  });
  return [
    ...(trustedCertificatesPem === undefined ? [] : [file("ca.crt", trustedCertificatesPem, "trustedCertificatesPem")]),
    ...(crlPem === undefined || !crl ? [] : [file("ca.crl", crlPem, "crlPem")]),
  ];
}

/** A Secret that the pods mount, and the path of the argument with its name. */
export type MountedSecret = NginxSecretMount & { argument: string };

/** Returns the Secrets that a listener refers to. */
export function listenerMounts({ name, path, tls }: ResolvedListener): MountedSecret[] {
  if (!tls) return [];
  const { trustedCertificates, crl } = tls.clientCertificates ?? {};
  return [
    {
      name: `tls-${name}`,
      path: certificateFolder(name),
      keys: ["tls.crt", "tls.key"],
      argument: `${path}.tls.certificate.secretName`,
      ...referenceTo(tls.certificate),
    },
    ...(trustedCertificates
      ? [
          {
            name: `authorities-${name}`,
            path: authoritiesFolder(name),
            keys: ["ca.crt", ...(crl ? ["ca.crl"] : [])],
            argument: `${path}.tls.clientCertificates.trustedCertificates.secretName`,
            ...referenceTo(trustedCertificates),
          },
        ]
      : []),
  ];
}

/** Zones of connections: `http` and `stream` each count their own. Zones of upstreams begin with `mqtt_`. */
export const zones = { stream: "mqtt-addresses", http: "mqtt-websocket-addresses" } as const;

/** Returns the zone in which connections are counted by listener and address, all that is known about a client then. 10 MiB hold 80,000 of them. */
export const limitZone = (zone: string, listeners: ResolvedListener[]): NginxConfigNode[] =>
  listeners.some(({ limits }) => limits.connectionsPerAddress !== undefined)
    ? [{ name: "limit_conn_zone", args: ["$server_port$binary_remote_addr", `zone=${zone}:10m`], variables: true }]
    : [];

/** Returns the limits of a server on connections. */
export const connectionLimitNodes = (zone: string, { connectionsPerAddress }: MqttLimits): NginxConfigNode[] =>
  connectionsPerAddress === undefined ? [] : [{ name: "limit_conn", args: [zone, `${connectionsPerAddress}`] }];

/** Returns the limits of a `stream` server on rates. */
export const rateNodes = ({ uploadBytesPerSecond, downloadBytesPerSecond }: MqttLimits): NginxConfigNode[] => [
  ...(uploadBytesPerSecond === undefined ? [] : [{ name: "proxy_upload_rate", args: [`${uploadBytesPerSecond}`] }]),
  ...(downloadBytesPerSecond === undefined
    ? []
    : [{ name: "proxy_download_rate", args: [`${downloadBytesPerSecond}`] }]),
];
