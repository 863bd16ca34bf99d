import { interpolate } from "@pulumi/pulumi";
import { mapBlock, type NginxConfigNode } from "../nginx";
import { type ExactMaps, mapHashNodes } from "../nginx/conf";
import type { MqttDialect } from "./dialect";
import type { MqttBrokerTls, MqttProxyArgs, MqttUpstream } from "./mqtt-proxy-args";
import { blockName } from "./routes";

/** Folders and files that the configuration refers to, and the component mounts. */
export const paths = {
  credentials: "/etc/nginx/mqtt-credentials",
  clientCertificate: "/etc/nginx/mqtt-client-certificate",
  trustedCertificates: "/etc/nginx/mqtt-trust/ca.crt",
};

/** The port that NGINX listens on, and that its Service has unless told otherwise. */
export const standardPort = 1883;

/** The nodes of the `stream` block: the same for both dialects but for reading and rewriting the CONNECT. */
export function streamNodes(
  args: MqttProxyArgs,
  dialect: MqttDialect,
  routes: ExactMaps,
  credentialsFile?: string,
): NginxConfigNode[] {
  return [
    ...dialect.stream,
    ...mapHashNodes([routes.hash]),
    ...routes.nodes,
    ...(args.brokerTls ? [serverNameMap(args)] : []),
    // Clients without a client id have no session to return to, so they are spread instead of all hashing to one broker.
    mapBlock("$mqtt_preread_clientid", "$mqtt_hash_key", [
      { exact: "", value: "$remote_addr:$remote_port", variables: true },
      { default: true, value: "$mqtt_preread_clientid", variables: true },
    ]),
    ...(credentialsFile ? [{ name: "include", args: [credentialsFile] }] : []),
    logFormat,
    ...args.upstreams.map((upstream) => upstreamBlock(upstream, args)),
    {
      name: "server",
      block: [
        { name: "listen", args: [`${standardPort}`] },
        { name: "access_log", args: ["/dev/stdout", "mqtt"] },
        { name: "preread_buffer_size", args: [`${args.maximumConnectKibibytes ?? 16}k`] },
        { name: "preread_timeout", args: [`${args.connectTimeoutSeconds ?? 10}s`] },
        ...dialect.read,
        ...(credentialsFile ? dialect.inject : []),
        { name: "proxy_connect_timeout", args: ["5s"] },
        { name: "proxy_timeout", args: [`${Math.ceil((args.longestKeepAliveSeconds ?? 1200) * 1.5)}s`] },
        { name: "proxy_socket_keepalive", args: ["on"] },
        ...(args.brokerTls ? brokerTlsNodes(args.brokerTls) : []),
        { name: "proxy_pass", args: ["$mqtt_upstream"], variables: true },
        ...(args.snippets?.server ?? []),
      ],
    },
    ...(args.snippets?.stream ?? []),
  ];
}

function serverNameMap(args: MqttProxyArgs): NginxConfigNode {
  return mapBlock(
    "$mqtt_upstream",
    "$mqtt_broker_name",
    args.upstreams.map((upstream) => ({
      exact: blockName(upstream.name),
      value: upstream.serverName ?? upstream.servers[0]!.host,
    })),
  );
}

function upstreamBlock(upstream: MqttUpstream, args: MqttProxyArgs): NginxConfigNode {
  const brokerPort = args.brokerTls ? 8883 : standardPort;
  const name = blockName(upstream.name);
  return {
    name: "upstream",
    args: [name],
    block: [
      { name: "zone", args: [name, "64k"] },
      ...(upstream.servers.length > 1
        ? [{ name: "hash", args: ["$mqtt_hash_key", "consistent"], variables: true }]
        : []),
      ...upstream.servers.map(({ host, port }) => ({
        name: "server",
        args: [interpolate`${host}:${port ?? brokerPort}`],
      })),
    ],
  };
}

function brokerTlsNodes(tls: MqttBrokerTls): NginxConfigNode[] {
  return [
    { name: "proxy_ssl", args: ["on"] },
    { name: "proxy_ssl_protocols", args: ["TLSv1.2", "TLSv1.3"] },
    { name: "proxy_ssl_server_name", args: ["on"] },
    { name: "proxy_ssl_name", args: ["$mqtt_broker_name"], variables: true },
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

// One JSON object a line. Only strings and numbers that NGINX itself makes stand unquoted.
const logFormat: NginxConfigNode = {
  name: "log_format",
  args: [
    "mqtt",
    "escape=json",
    `{${[
      '"time":"$time_iso8601"',
      '"client":"$remote_addr"',
      '"client_id":"$mqtt_preread_clientid"',
      '"username":"$mqtt_preread_username"',
      '"protocol":"$protocol"',
      '"upstream":"$mqtt_upstream"',
      '"broker":"$upstream_addr"',
      '"status":$status',
      '"bytes_received":$bytes_received',
      '"bytes_sent":$bytes_sent',
      '"session_time":$session_time',
    ].join(",")}}`,
  ],
  variables: true,
};
