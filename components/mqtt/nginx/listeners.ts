import { referenceTo } from "../../foundation";
import {
  directive,
  evaluated,
  modernTls,
  type NginxConfigNode,
  type NginxFile,
  type NginxSecretMount,
  plusOnly,
  when,
} from "../../nginx";
import type { MqttLimits } from "../args";
import type { ResolvedClientCertificates, ResolvedListener, ResolvedListenerTls } from "../model";
import { fromArgument } from "./argument-paths";

const certificateFolder = (listener: string) => `/etc/nginx/mqtt-tls-${listener}`;
const authoritiesFolder = (listener: string) => `/etc/nginx/mqtt-authorities-${listener}`;

// NGINX since 1.25.5 leaves bytes that it reads ahead in the socket, unless it has decrypted them. A socket has room for so many without a buffer of a set size.
const kibibytesInSocket = 64;

/**
 * Returns the port of a listener, its TLS, and the PROXY protocol before that. The same in `stream` and `http`.
 *
 * @param readAheadKibibytes size of the largest CONNECT, where NGINX reads that ahead
 */
export function listenNodes(
  { name, path, targetPort, tls, proxyProtocol }: ResolvedListener,
  readAheadKibibytes = 0,
): NginxConfigNode[] {
  const large = !tls && readAheadKibibytes > kibibytesInSocket;
  const words = [
    `${targetPort}`,
    ...(tls ? ["ssl"] : []),
    ...(proxyProtocol ? ["proxy_protocol"] : []),
    ...(large ? [`rcvbuf=${2 * readAheadKibibytes}k`] : []),
  ];
  return [
    directive("listen", ...words),
    ...(proxyProtocol?.trustedSources ?? []).map((source, index) =>
      fromArgument(`${path}.proxyProtocol.trustedSources[${index}]`, directive("set_real_ip_from", source)),
    ),
    ...when(tls, (tls) => tlsNodes(name, tls)),
  ];
}

/** Returns the zone in which NGINX Plus counts a listener's connections; no other zone of ours has such a name. */
export const statusNode = ({ name }: ResolvedListener): NginxConfigNode =>
  plusOnly(directive("status_zone", `mqtt-listener-${name}`));

function tlsNodes(name: string, { clientCertificates }: ResolvedListenerTls): NginxConfigNode[] {
  const folder = certificateFolder(name);
  return [
    directive("ssl_certificate", `${folder}/tls.crt`),
    directive("ssl_certificate_key", `${folder}/tls.key`),
    ...modernTls("ssl"),
    ...when(clientCertificates, (clientCertificates) => clientCertificateNodes(name, clientCertificates)),
  ];
}

function clientCertificateNodes(
  name: string,
  { required, verifyDepth, crl }: ResolvedClientCertificates,
): NginxConfigNode[] {
  const folder = authoritiesFolder(name);
  return [
    directive("ssl_verify_client", required ? "on" : "optional"),
    directive("ssl_client_certificate", `${folder}/ca.crt`),
    directive("ssl_verify_depth", `${verifyDepth}`),
    ...when(crl, directive("ssl_crl", `${folder}/ca.crl`)),
    // A resumed session would skip the revocation lists.
    directive("ssl_session_cache", "off"),
    directive("ssl_session_tickets", "off"),
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
    ? [evaluated("limit_conn_zone", "$server_port$binary_remote_addr", `zone=${zone}:10m`)]
    : [];

/** Returns the limits of a server on connections. */
export const connectionLimitNodes = (zone: string, { connectionsPerAddress }: MqttLimits): NginxConfigNode[] =>
  connectionsPerAddress === undefined ? [] : [directive("limit_conn", zone, `${connectionsPerAddress}`)];

/** Returns the limits of a `stream` server on rates. */
export const rateNodes = ({ uploadBytesPerSecond, downloadBytesPerSecond }: MqttLimits): NginxConfigNode[] => [
  ...when(uploadBytesPerSecond, (uploadBytesPerSecond) => directive("proxy_upload_rate", `${uploadBytesPerSecond}`)),
  ...when(downloadBytesPerSecond, (downloadBytesPerSecond) =>
    directive("proxy_download_rate", `${downloadBytesPerSecond}`),
  ),
];
