import {
  block,
  deniedSerialsMap,
  directive,
  evaluated,
  evaluatedBlock,
  jsonLogFormat,
  mapBlock,
  type NginxConfigNode,
  when,
} from "../../nginx";
import { type MqttModel, type ResolvedWebSocket, variableNamePart } from "../model";
import { fromArgument } from "./argument-paths";
import { httpBrokerTlsNodes, serverNameNode } from "./broker-tls";
import { connectionLimitNodes, limitZone, listenNodes, statusNode, zones } from "./listeners";
import { blockName, bracketAddress, upstreamNode } from "./upstreams";

const upstreamName = ({ name }: ResolvedWebSocket) => `mqtt-websocket-${name}`;

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
  const answer = (condition: string, status: string): NginxConfigNode =>
    evaluatedBlock("if", [`(${condition})`], [directive("return", status)]);
  return [
    ...when(denied.length > 0, deniedSerialsMap(deniedVariable, denied, "1", { value: "0" })),
    // By the client's address where others are spread by client id: that is inside the WebSocket.
    upstreamNode(upstreamName(listener), upstream, "$remote_addr", () => listener.brokerPort),
    logFormat(listener),
    block("server", [
      listenNodes(listener),
      statusNode(listener),
      directive("access_log", "/dev/stdout", upstreamName(listener)),
      when(listener.proxyProtocol, directive("real_ip_header", "proxy_protocol")),
      directive("client_header_timeout", `${connectSeconds}s`),
      connectionLimitNodes(zones.http, listener.limits),
      when(denied.length > 0, answer(deniedVariable, "403")),
      block("location", ["/"], [directive("return", "404")]),
      block(
        "location",
        ["=", listener.location],
        [
          answer("$mqtt_not_websocket", "426"),
          directive("proxy_http_version", "1.1"),
          directive("proxy_set_header", "Upgrade", "websocket"),
          directive("proxy_set_header", "Connection", "upgrade"),
          fromArgument(
            upstream.serverNamePath,
            directive("proxy_set_header", "Host", bracketAddress(upstream.serverName)),
          ),
          evaluated("proxy_set_header", "X-Forwarded-For", "$remote_addr"),
          directive("proxy_connect_timeout", "5s"),
          directive("proxy_read_timeout", `${silenceSeconds}s`),
          directive("proxy_send_timeout", `${silenceSeconds}s`),
          directive("proxy_socket_keepalive", "on"),
          when(brokerTls, (brokerTls) => httpBrokerTlsNodes(brokerTls, serverNameNode(upstream))),
          directive("proxy_pass", `${brokerTls ? "https" : "http"}://${upstreamName(listener)}`),
        ],
      ),
    ]),
  ];
}

/** Returns the log format of a listener over TCP, with the request in place of the fields of MQTT. */
const logFormat = (listener: ResolvedWebSocket): NginxConfigNode =>
  jsonLogFormat(
    upstreamName(listener),
    {
      time: "$time_iso8601",
      listener: listener.name,
      client: "$remote_addr",
      subject: "$ssl_client_s_dn",
      request: "$mqtt_websocket_request",
      protocol: "WebSocket",
      upstream: blockName(listener.upstream),
      broker: "$upstream_addr",
    },
    {
      status: "$status",
      bytes_received: "$request_length",
      bytes_sent: "$bytes_sent",
      session_time: "$request_time",
    },
  );
