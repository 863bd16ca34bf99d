import { mapBlock, type NginxConfigNode } from "../nginx";
import { blockName } from "./block-name";
import { httpBrokerTlsNodes } from "./broker-tls";
import { deniedMap } from "./choice";
import { silenceSeconds } from "./configuration";
import { connectionLimitNodes, limitsOf, limitZone, listenNodes, statusNode, zones } from "./listener-nodes";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { MqttUpstream } from "./mqtt-upstream-args";
import { type Plan, type PlannedListener, variablePart } from "./plan";
import { asHost, upstreamNode } from "./upstreams";

const block = ({ name }: PlannedListener) => `mqtt-websocket-${name}`;

/** The nodes of the `http` block: each WebSocket listener with its brokers. NGINX passes what is inside on as it is. */
export function webSocketNodes(args: MqttProxyArgs, { webSockets }: Plan): NginxConfigNode[] {
  if (webSockets.length === 0) return [];
  return [
    ...limitZone(zones.http, webSockets, args),
    mapBlock("$http_upgrade", "$mqtt_not_websocket", [
      { regex: "[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]", value: "0" },
      { default: true, value: "1" },
    ]),
    // A request may be of any bytes, and JSON of Unicode alone.
    mapBlock("$request", "$mqtt_websocket_request", [
      { regex: "[ -~]*", value: "$request", variables: true },
      { default: true, value: "" },
    ]),
    ...webSockets.flatMap((listener) => listenerNodes(listener, args)),
  ];
}

function listenerNodes(listener: PlannedListener, args: MqttProxyArgs): NginxConfigNode[] {
  const { upstream: name, brokerPort, path = "/mqtt" } = listener.webSocket!;
  const upstream = args.upstreams.find((one) => one.name === name)!;
  const denied = listener.tls?.clientCertificates?.revocation?.deniedSerials ?? [];
  const deniedVariable = `$mqtt_denied_on_${variablePart(listener.name)}`;
  const answer = (condition: string, status: string): NginxConfigNode => ({
    name: "if",
    args: [`(${condition})`],
    variables: true,
    block: [{ name: "return", args: [status] }],
  });
  return [
    ...(denied.length > 0 ? [deniedMap(deniedVariable, denied, "1", { value: "0" })] : []),
    brokersNode(block(listener), upstream, brokerPort),
    logFormat(listener),
    {
      name: "server",
      block: [
        ...listenNodes(listener),
        statusNode(listener),
        { name: "access_log", args: ["/dev/stdout", block(listener)] },
        ...(listener.proxyProtocol ? [{ name: "real_ip_header", args: ["proxy_protocol"] }] : []),
        { name: "client_header_timeout", args: [`${args.connectTimeoutSeconds ?? 10}s`] },
        ...connectionLimitNodes(zones.http, limitsOf(listener, args)),
        ...(denied.length > 0 ? [answer(deniedVariable, "403")] : []),
        { name: "location", args: ["/"], block: [{ name: "return", args: ["404"] }] },
        {
          name: "location",
          args: ["=", path],
          block: [
            answer("$mqtt_not_websocket", "426"),
            { name: "proxy_http_version", args: ["1.1"] },
            { name: "proxy_set_header", args: ["Upgrade", "websocket"] },
            { name: "proxy_set_header", args: ["Connection", "upgrade"] },
            { name: "proxy_set_header", args: ["Host", asHost(serverName(upstream))] },
            { name: "proxy_set_header", args: ["X-Forwarded-For", "$remote_addr"], variables: true },
            { name: "proxy_connect_timeout", args: ["5s"] },
            { name: "proxy_read_timeout", args: [`${silenceSeconds(args)}s`] },
            { name: "proxy_send_timeout", args: [`${silenceSeconds(args)}s`] },
            { name: "proxy_socket_keepalive", args: ["on"] },
            ...(args.brokerTls
              ? httpBrokerTlsNodes(args.brokerTls, { name: "proxy_ssl_name", args: [serverName(upstream)] })
              : []),
            { name: "proxy_pass", args: [`${args.brokerTls ? "https" : "http"}://${block(listener)}`] },
          ],
        },
      ],
    },
  ];
}

const serverName = ({ serverName, servers }: MqttUpstream) => serverName ?? servers[0]!.host;

/** The brokers, by client address where clients are spread by client id: that is inside the WebSocket. */
const brokersNode = (name: string, upstream: MqttUpstream, port: number): NginxConfigNode =>
  upstreamNode(name, upstream, "$remote_addr", () => port);

/** The line of a listener over TCP without what is inside the WebSocket, and with the request. */
const logFormat = (listener: PlannedListener): NginxConfigNode => ({
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
      `"upstream":"${blockName(listener.webSocket!.upstream)}"`,
      '"broker":"$upstream_addr"',
      '"status":$status',
      '"bytes_received":$request_length',
      '"bytes_sent":$bytes_sent',
      '"session_time":$request_time',
    ].join(",")}}`,
  ],
  variables: true,
});
