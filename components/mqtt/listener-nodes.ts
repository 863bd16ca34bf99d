import { referenceTo } from "../foundation";
import type { NginxConfigNode, NginxFile, NginxSecretMount } from "../nginx";
import { modernTls } from "../nginx/tls";
import { MqttClientCertificateMode, type MqttLimits, type MqttListenerTls } from "./mqtt-listener-args";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { PlannedListener } from "./plan";

const certificateFolder = (listener: string) => `/etc/nginx/mqtt-tls-${listener}`;
const authoritiesFolder = (listener: string) => `/etc/nginx/mqtt-authorities-${listener}`;

/** How a listener listens: its port, TLS, and the PROXY protocol before that. The same in `stream` and `http`. */
export function listenNodes(listener: PlannedListener): NginxConfigNode[] {
  const { name, targetPort, tls, proxyProtocol } = listener;
  const words = [`${targetPort}`, ...(tls ? ["ssl"] : []), ...(proxyProtocol ? ["proxy_protocol"] : [])];
  return [
    { name: "listen", args: words },
    ...(proxyProtocol?.trustedSources ?? []).map((source) => ({ name: "set_real_ip_from", args: [source] })),
    ...(tls ? tlsNodes(name, tls) : []),
  ];
}

/** NGINX Plus counts what comes to each listener, in a zone whose name no other zone of ours can have. */
export const statusNode = ({ name }: PlannedListener): NginxConfigNode => ({
  name: "status_zone",
  args: [`mqtt-listener-${name}`],
  plus: true,
});

function tlsNodes(name: string, { clientCertificates }: MqttListenerTls): NginxConfigNode[] {
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
  { mode, verifyDepth, revocation }: NonNullable<MqttListenerTls["clientCertificates"]>,
): NginxConfigNode[] {
  const folder = authoritiesFolder(name);
  return [
    { name: "ssl_verify_client", args: [mode === MqttClientCertificateMode.optional ? "optional" : "on"] },
    { name: "ssl_client_certificate", args: [`${folder}/ca.crt`] },
    { name: "ssl_verify_depth", args: [`${verifyDepth ?? 3}`] },
    ...(revocation?.crl ? [{ name: "ssl_crl", args: [`${folder}/ca.crl`] }] : []),
    // A session that is taken up again would skip the revocation lists.
    { name: "ssl_session_cache", args: ["off"] },
    { name: "ssl_session_tickets", args: ["off"] },
  ];
}

/** Files of the ConfigMap that a listener refers to. */
export function listenerFiles({ name, tls }: PlannedListener): NginxFile[] {
  const { trustedCertificates, crlPem, revocation } = tls?.clientCertificates ?? {};
  const file = (key: string, content: NginxFile["content"]) => ({ path: `${authoritiesFolder(name)}/${key}`, content });
  return [
    ...(trustedCertificates === undefined ? [] : [file("ca.crt", trustedCertificates)]),
    ...(crlPem === undefined || !revocation?.crl ? [] : [file("ca.crl", crlPem)]),
  ];
}

/** Secrets that a listener refers to. */
export function listenerMounts({ name, tls }: PlannedListener): NginxSecretMount[] {
  if (!tls) return [];
  const { existing, revocation } = tls.clientCertificates ?? {};
  return [
    {
      name: `tls-${name}`,
      path: certificateFolder(name),
      keys: ["tls.crt", "tls.key"],
      ...referenceTo(tls.certificate),
    },
    ...(existing
      ? [
          {
            name: `authorities-${name}`,
            path: authoritiesFolder(name),
            keys: ["ca.crt", ...(revocation?.crl ? ["ca.crl"] : [])],
            ...referenceTo(existing),
          },
        ]
      : []),
  ];
}

/** The limits of a listener: its own, or the proxy's. */
export const limitsOf = ({ limits }: PlannedListener, args: MqttProxyArgs): MqttLimits => limits ?? args.limits ?? {};

/** `http` and `stream` each count their own connections. Zones of upstreams begin with `mqtt_`. */
export const zones = { stream: "mqtt-addresses", http: "mqtt-websocket-addresses" } as const;

/** The zone in which connections are counted by listener and address, all that is known about a client then. 10 MiB hold 80,000 of them. */
export const limitZone = (zone: string, listeners: PlannedListener[], args: MqttProxyArgs): NginxConfigNode[] =>
  listeners.some((listener) => limitsOf(listener, args).connectionsPerAddress !== undefined)
    ? [{ name: "limit_conn_zone", args: ["$server_port$binary_remote_addr", `zone=${zone}:10m`], variables: true }]
    : [];

/** Limits of a server on connections. */
export const connectionLimitNodes = (zone: string, { connectionsPerAddress }: MqttLimits): NginxConfigNode[] =>
  connectionsPerAddress === undefined ? [] : [{ name: "limit_conn", args: [zone, `${connectionsPerAddress}`] }];

/** Limits of a `stream` server on rates. */
export const rateNodes = ({ uploadBytesPerSecond, downloadBytesPerSecond }: MqttLimits): NginxConfigNode[] => [
  ...(uploadBytesPerSecond === undefined ? [] : [{ name: "proxy_upload_rate", args: [`${uploadBytesPerSecond}`] }]),
  ...(downloadBytesPerSecond === undefined
    ? []
    : [{ name: "proxy_download_rate", args: [`${downloadBytesPerSecond}`] }]),
];
