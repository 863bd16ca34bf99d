import { mapBlock, type NginxConfigNode } from "../../nginx";
import { type MqttModel, type ResolvedWebSocket, variableNamePart } from "../model";
import { fromArgument } from "./argument-paths";
import { httpBrokerTlsNodes, serverNameNode } from "./broker-tls";
import { connectionLimitNodes, limitZone, listenNodes, statusNode, zones } from "./listeners";
import { deniedMap } from "./route-maps";
import { asHost, blockName, upstreamNode } from "./upstreams";

const block = ({ name }: ResolvedWebSocket) => `mqtt-websocket-${name}`;

/** Returns the nodes of the `http` block: each WebSocket listener with its brokers. NGINX passes the contents on unread. */
export function webSocketNodes(model: MqttModel): NginxConfigNode[] {
  const { webSockets } = model;
  if (webSockets.length === 0) return [];
  return [
    ...limitZone(zones.http, webSockets),
    mapBlock("$http_upgrade", "$mqtt_not_websocket", [
      { regex: "[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]", value: "0" },
      { default: true, value: "1" },
    ]),
    // A request may have any bytes, and JSON has Unicode alone.
    mapBlock("$request", "$mqtt_websocket_request", [
      { regex: "[ -~]*", value: "$request", variables: true },
      { default: true, value: "" },
    ]),
    ...webSockets.flatMap((listener) => listenerNodes(listener, model)),
  ];
}

function listenerNodes(listener: ResolvedWebSocket, model: MqttModel): NginxConfigNode[] {
  const { connectSeconds, silenceSeconds, brokerTls } = model;
  const upstream = model.upstreams.find(({ name }) => name === listener.upstream)!;
  const denied = listener.tls?.clientCertificates?.deniedSerials ?? [];
  const deniedVariable = `$mqtt_denied_on_${variableNamePart(listener.name)}`;
  const answer = (condition: string, status: string): NginxConfigNode => ({
    name: "if",
    args: [`(${condition})`],
    variables: true,
    block: [{ name: "return", args: [status] }],
  });
  return [
    ...(denied.length > 0 ? [deniedMap(deniedVariable, denied, "1", { value: "0" })] : []),
    // By the client's address where others are spread by client id: that is inside the WebSocket.
    upstreamNode(block(listener), upstream, "$remote_addr", () => listener.brokerPort),
    logFormat(listener),
    {
      name: "server",
      block: [
        ...listenNodes(listener),
        statusNode(listener),
        { name: "access_log", args: ["/dev/stdout", block(listener)] },
        ...(listener.proxyProtocol ? [{ name: "real_ip_header", args: ["proxy_protocol"] }] : []),
        { name: "client_header_timeout", args: [`${connectSeconds}s`] },
        ...connectionLimitNodes(zones.http, listener.limits),
        ...(denied.length > 0 ? [answer(deniedVariable, "403")] : []),
        { name: "location", args: ["/"], block: [{ name: "return", args: ["404"] }] },
        {
          name: "location",
          args: ["=", listener.location],
          block: [
            answer("$mqtt_not_websocket", "426"),
            { name: "proxy_http_version", args: ["1.1"] },
            { name: "proxy_set_header", args: ["Upgrade", "websocket"] },
            { name: "proxy_set_header", args: ["Connection", "upgrade"] },
            fromArgument(upstream.serverNamePath, {
              name: "proxy_set_header",
              args: ["Host", asHost(upstream.serverName)],
            }),
            { name: "proxy_set_header", args: ["X-Forwarded-For", "$remote_addr"], variables: true },
            { name: "proxy_connect_timeout", args: ["5s"] },
            { name: "proxy_read_timeout", args: [`${silenceSeconds}s`] },
            { name: "proxy_send_timeout", args: [`${silenceSeconds}s`] },
            { name: "proxy_socket_keepalive", args: ["on"] },
            ...(brokerTls ? httpBrokerTlsNodes(brokerTls, serverNameNode(upstream)) : []),
            { name: "proxy_pass", args: [`${brokerTls ? "https" : "http"}://${block(listener)}`] },
          ],
        },
      ],
    },
  ];
}

/** Returns the log format of a listener over TCP, with the request in place of the fields of MQTT. */
const logFormat = (listener: ResolvedWebSocket): NginxConfigNode => ({
  name: "log_format",
  args: [
    block(listener),
    "escape=json",
    `{${[
      '"time":"$time_iso8601"',
      `"listener":"${listener.name}"`,
      '"client":"$remote_addr"',
      '"subject":"$ssl_client_s_dn"',
      '"request":"$mqtt_websocket_request"',
      '"protocol":"WebSocket"',
      `"upstream":"${blockName(listener.upstream)}"`,
      '"broker":"$upstream_addr"',
      '"status":$status',
      '"bytes_received":$request_length',
      '"bytes_sent":$bytes_sent',
      '"session_time":$request_time',
    ].join(",")}}`,
  ],
  variables: true,
});
