import { mapBlock, type NginxConfigNode } from "../nginx";
import { mapHashNodes } from "../nginx/conf";
import { blockName } from "./block-name";
import { brokerTlsNodes } from "./broker-tls";
import type { choiceMaps } from "./choice";
import { credentialsNodes, type KeptCredentials } from "./credentials";
import type { MqttDialect } from "./dialect";
import { connectionLimitNodes, limitsOf, limitZone, listenNodes, rateNodes, statusNode, zones } from "./listener-nodes";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import { injects, type Plan, type PlannedListener } from "./plan";
import { healthNodes, upstreamNodes } from "./upstreams";
import { variablesHashNodes } from "./variables-hash";

/** How long a client may be silent before it is taken for lost: half as long again as its keep alive. */
export const silenceSeconds = ({ longestKeepAliveSeconds }: MqttProxyArgs) =>
  Math.ceil((longestKeepAliveSeconds ?? 1200) * 1.5);

/** The nodes of the `stream` block: the same for both dialects but for reading and rewriting the CONNECT. */
export function streamNodes(
  args: MqttProxyArgs,
  plan: Plan,
  choice: ReturnType<typeof choiceMaps>,
  dialect: MqttDialect,
  kept: KeptCredentials[],
): NginxConfigNode[] {
  const nodes = [
    ...dialect.stream,
    ...mapHashNodes(choice.hashes),
    ...choice.nodes,
    ...(args.brokerTls ? [serverNameMap(args, plan)] : []),
    // Clients without a client id have no session to return to, so they are spread instead of all hashing to one broker.
    mapBlock("$mqtt_preread_clientid", "$mqtt_hash_key", [
      { exact: "", value: "$remote_addr:$remote_port", variables: true },
      { default: true, value: "$mqtt_preread_clientid", variables: true },
    ]),
    ...credentialsNodes(plan, kept),
    ...limitZone(zones.stream, plan.listeners, args),
    logFormat(args),
    ...upstreamNodes(args),
    ...plan.listeners.map((listener) => serverNode(args, plan, listener, dialect)),
    ...healthNodes(args),
    ...(args.snippets?.stream ?? []),
  ];
  return [...variablesHashNodes(nodes), ...nodes];
}

function serverNode(args: MqttProxyArgs, plan: Plan, listener: PlannedListener, dialect: MqttDialect): NginxConfigNode {
  const limits = limitsOf(listener, args);
  const toConnect = `${args.connectTimeoutSeconds ?? 10}s`;
  const resolvers = listener.scopes.flatMap(({ defaultRoute }) => defaultRoute.clientIdAsHost?.resolvers ?? []);
  return {
    name: "server",
    block: [
      ...listenNodes(listener),
      // A constant: what is known later would be set too early, and to nothing.
      ...(args.listeners ? [{ name: "set", args: ["$mqtt_listener", listener.name], variables: true }] : []),
      statusNode(listener),
      { name: "access_log", args: ["/dev/stdout", "mqtt"] },
      { name: "preread_buffer_size", args: [`${args.maximumConnectKibibytes ?? 16}k`] },
      { name: "preread_timeout", args: [toConnect] },
      ...(listener.tls ? [{ name: "ssl_handshake_timeout", args: [toConnect] }] : []),
      ...(listener.proxyProtocol ? [{ name: "proxy_protocol_timeout", args: [toConnect] }] : []),
      ...connectionLimitNodes(zones.stream, limits),
      ...dialect.read,
      ...(injects(plan, listener) ? dialect.inject : []),
      ...(resolvers.length > 0 ? [{ name: "resolver", args: resolvers }] : []),
      { name: "proxy_connect_timeout", args: ["5s"] },
      { name: "proxy_timeout", args: [`${silenceSeconds(args)}s`] },
      { name: "proxy_socket_keepalive", args: ["on"] },
      ...rateNodes(limits),
      ...(listener.proxyProtocolToBrokers ? [{ name: "proxy_protocol", args: ["on"] }] : []),
      ...(args.brokerTls
        ? brokerTlsNodes(args.brokerTls, { name: "proxy_ssl_name", args: ["$mqtt_broker_name"], variables: true })
        : []),
      { name: "proxy_pass", args: ["$mqtt_upstream"], variables: true },
      ...(args.snippets?.server ?? []),
    ],
  };
}

function serverNameMap(args: MqttProxyArgs, { scopes }: Plan): NginxConfigNode {
  const byClientId = scopes.some(({ defaultRoute }) => defaultRoute.clientIdAsHost);
  return mapBlock("$mqtt_upstream", "$mqtt_broker_name", [
    ...args.upstreams.map((upstream) => ({
      exact: blockName(upstream.name),
      value: upstream.serverName ?? upstream.servers[0]!.host,
    })),
    ...(byClientId ? [{ default: true, value: "$mqtt_preread_clientid", variables: true }] : []),
  ]);
}

// One JSON object a line. Only strings and numbers that NGINX itself makes stand unquoted.
const logFormat = ({ listeners }: MqttProxyArgs): NginxConfigNode => ({
  name: "log_format",
  args: [
    "mqtt",
    "escape=json",
    `{${[
      '"time":"$time_iso8601"',
      ...(listeners ? ['"listener":"$mqtt_listener"'] : []),
      '"client":"$remote_addr"',
      ...(listeners ? ['"subject":"$ssl_client_s_dn"'] : []),
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
});
