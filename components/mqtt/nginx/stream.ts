import {
  block,
  directive,
  evaluated,
  jsonLogFormat,
  mapBlock,
  mapHashNodes,
  type NginxConfigNode,
  when,
} from "../../nginx";
import type { CredentialFile } from "../credential-secrets";
import { type MqttModel, type ResolvedListener, type RouteTable, rewritesConnect } from "../model";
import { fromArgument } from "./argument-paths";
import { brokerTlsNodes } from "./broker-tls";
import { credentialsNodes } from "./credentials";
import type { MqttDialect } from "./dialects";
import { connectionLimitNodes, limitZone, listenNodes, rateNodes, statusNode, zones } from "./listeners";
import type { Maps } from "./route-maps";
import { blockName, healthNodes, upstreamNodes } from "./upstreams";

/** Returns the nodes of the `stream` block: the same for both dialects but for reading and rewriting the CONNECT. */
export function streamNodes(
  model: MqttModel,
  routes: Maps,
  dialect: MqttDialect,
  credentials: CredentialFile[],
): NginxConfigNode[] {
  return [
    ...dialect.stream,
    ...mapHashNodes(routes.hashes),
    ...routes.nodes,
    ...when(model.brokerTls, serverNameMap(model)),
    // Clients without a client id have no session to return to, so they are spread instead of all hashing to one broker.
    mapBlock("$mqtt_preread_clientid", "$mqtt_hash_key", [
      { exact: "", value: "$remote_addr:$remote_port", variables: true },
      { default: true, value: "$mqtt_preread_clientid", variables: true },
    ]),
    ...credentialsNodes(model, credentials),
    ...limitZone(zones.stream, model.listeners),
    logFormat(model),
    ...upstreamNodes(model),
    ...model.listeners.map((listener) => serverNode(model, listener, dialect)),
    ...healthNodes(model),
    ...model.snippets.stream,
  ];
}

/** Returns the `server` block of a listener. */
export function serverNode(model: MqttModel, listener: ResolvedListener, dialect: MqttDialect): NginxConfigNode {
  const { limits } = listener;
  const toConnect = `${model.connectSeconds}s`;
  const byClientId = listener.tables.find(({ defaultRoute }) => defaultRoute.clientIdAsHost);
  return block("server", [
    listenNodes(listener, model.maximumConnectKibibytes),
    // A constant: a variable that NGINX knows later would be set too early, and empty.
    when(model.namedListeners, evaluated("set", "$mqtt_listener", listener.name)),
    statusNode(listener),
    directive("access_log", "/dev/stdout", "mqtt"),
    directive("preread_buffer_size", `${model.maximumConnectKibibytes}k`),
    directive("preread_timeout", toConnect),
    when(listener.tls, directive("ssl_handshake_timeout", toConnect)),
    when(listener.proxyProtocol, directive("proxy_protocol_timeout", toConnect)),
    connectionLimitNodes(zones.stream, limits),
    dialect.read,
    ...(rewritesConnect(model, listener) ? dialect.inject : []),
    when(byClientId, resolverNode),
    directive("proxy_connect_timeout", "5s"),
    directive("proxy_timeout", `${model.silenceSeconds}s`),
    directive("proxy_socket_keepalive", "on"),
    rateNodes(limits),
    when(listener.proxyProtocolToBrokers, directive("proxy_protocol", "on")),
    when(model.brokerTls, (brokerTls) => brokerTlsNodes(brokerTls, evaluated("proxy_ssl_name", "$mqtt_broker_name"))),
    evaluated("proxy_pass", "$mqtt_upstream"),
    model.snippets.server,
  ]);
}

const resolverNode = ({ path, defaultRoute }: RouteTable): NginxConfigNode =>
  fromArgument(
    `${path}defaultRoute.clientIdAsHost.resolvers`,
    directive("resolver", ...defaultRoute.clientIdAsHost!.resolvers),
  );

function serverNameMap({ upstreams, tables }: MqttModel): NginxConfigNode {
  const byClientId = tables.some(({ defaultRoute }) => defaultRoute.clientIdAsHost);
  const map = mapBlock("$mqtt_upstream", "$mqtt_broker_name", [
    ...upstreams.map(({ name, serverName }) => ({ exact: blockName(name), value: serverName })),
    ...(byClientId ? [{ default: true, value: "$mqtt_preread_clientid", variables: true }] : []),
  ]);
  // The default entry is the first of the map.
  for (const [index, { serverNamePath }] of upstreams.entries())
    fromArgument(serverNamePath, map.block![index + (byClientId ? 1 : 0)]!);
  return map;
}

const logFormat = ({ namedListeners }: MqttModel): NginxConfigNode =>
  jsonLogFormat(
    "mqtt",
    {
      time: "$time_iso8601",
      ...(namedListeners && { listener: "$mqtt_listener" }),
      client: "$remote_addr",
      ...(namedListeners && { subject: "$ssl_client_s_dn" }),
      client_id: "$mqtt_preread_clientid",
      username: "$mqtt_preread_username",
      protocol: "$protocol",
      upstream: "$mqtt_upstream",
      broker: "$upstream_addr",
    },
    {
      status: "$status",
      bytes_received: "$bytes_received",
      bytes_sent: "$bytes_sent",
      session_time: "$session_time",
    },
  );
