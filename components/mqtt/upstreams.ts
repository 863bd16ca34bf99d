import { isIP } from "node:net";
import { type Input, type Output, output } from "@pulumi/pulumi";
import type { NginxConfigNode } from "../nginx";
import { blockName } from "./block-name";
import { brokerTlsNodes } from "./broker-tls";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import { MqttBalancing, type MqttHealthCheck, type MqttResolver, type MqttUpstream } from "./mqtt-upstream-args";
import { standardPort } from "./plan";

/** The port of brokers that say none. */
export const brokerPort = ({ brokerTls }: MqttProxyArgs) => (brokerTls ? 8883 : standardPort);

/** Whether a text is an address of IPv6, without brackets and without a zone. */
export const isIPv6 = (text: string) => isIP(text) === 6 && !text.includes("%");

/** A host as it stands before a port: an address of IPv6 in brackets. */
export const asHost = (host: Input<string>): Output<string> =>
  output(host).apply((text) => (isIPv6(text) ? `[${text}]` : text));

/** The `upstream` blocks of `stream`. */
export const upstreamNodes = (args: MqttProxyArgs): NginxConfigNode[] =>
  args.upstreams.map((upstream) =>
    upstreamNode(blockName(upstream.name), upstream, "$mqtt_hash_key", (port) => port ?? brokerPort(args)),
  );

/**
 * One `upstream` block.
 *
 * @param key what clients are spread by, where that is the client id
 * @param portOf the port of a server, from the one that it says
 */
export function upstreamNode(
  name: string,
  upstream: MqttUpstream,
  key: string,
  portOf: (port: number | undefined) => number,
): NginxConfigNode {
  const { servers, resolver } = upstream;
  return {
    name: "upstream",
    args: [name],
    block: [
      // Addresses that come and go need room.
      { name: "zone", args: [name, resolver ? "256k" : `${Math.max(64, 2 * servers.length)}k`] },
      ...balancingNodes(upstream, key),
      ...(resolver ? [resolverNode(resolver)] : []),
      ...servers.map(({ host, port, service, weight, maximumConnections, backup, down }) => ({
        name: "server",
        args: [
          service === undefined ? asHost(host).apply((text) => `${text}:${portOf(port)}`) : host,
          ...(weight === undefined ? [] : [`weight=${weight}`]),
          ...(maximumConnections === undefined ? [] : [`max_conns=${maximumConnections}`]),
          ...failureWords(upstream),
          ...(backup ? ["backup"] : []),
          ...(down ? ["down"] : []),
          ...(service === undefined ? [] : [`service=${service}`]),
          ...(resolver ? ["resolve"] : []),
        ],
      })),
    ],
  };
}

function balancingNodes({ servers, resolver, balancing }: MqttUpstream, key: string): NginxConfigNode[] {
  if (balancing === MqttBalancing.leastConnections) return [{ name: "least_conn" }];
  // One name can have many addresses.
  const several = servers.length > 1 || resolver !== undefined;
  if (balancing === MqttBalancing.roundRobin || !several) return [];
  return [{ name: "hash", args: [key, "consistent"], variables: true }];
}

const failureWords = ({ maximumFailures, failTimeoutSeconds, slowStartSeconds }: MqttUpstream) => [
  ...(maximumFailures === undefined ? [] : [`max_fails=${maximumFailures}`]),
  ...(failTimeoutSeconds === undefined ? [] : [`fail_timeout=${failTimeoutSeconds}s`]),
  ...(slowStartSeconds === undefined ? [] : [`slow_start=${slowStartSeconds}s`]),
];

const resolverNode = ({ addresses, validSeconds, ipv6 = true }: MqttResolver): NginxConfigNode => ({
  name: "resolver",
  args: [
    ...addresses,
    ...(validSeconds === undefined ? [] : [`valid=${validSeconds}s`]),
    ...(ipv6 ? [] : ["ipv6=off"]),
  ],
});

/** First of the ports on the pod's own loopback at which health checks have their servers. */
export const firstHealthPort = 19_000;

/** MQTT 3.1.1, a clean session of a minute, no client id: the least that is a CONNECT. */
export const probe = {
  send: "\\x10\\x0c\\x00\\x04MQTT\\x04\\x02\\x00\\x3c\\x00\\x00",
  // CONNACK with code 0, admitted, or 4 or 5: a user name and password, which nobody gives a probe, are wrong or missing.
  // Without a \x00, which NGINX may make a NUL before the expression is read.
  expect: "^\\x20\\x02[^\\x01-\\xff][^\\x01-\\x03\\x06-\\xff]",
};

/**
 * Health checks, each in a server of its own that nobody can come to: NGINX checks the group that `proxy_pass` names, and that of clients is a variable.
 */
export function healthNodes(args: MqttProxyArgs): NginxConfigNode[] {
  const checked = args.upstreams.filter(({ healthCheck }) => healthCheck !== undefined);
  if (checked.length === 0) return [];
  return [
    {
      name: "match",
      args: ["mqtt_alive"],
      plus: true,
      block: [
        { name: "send", args: [probe.send] },
        { name: "expect", args: ["~", probe.expect] },
      ],
    },
    ...checked.map((upstream, index) => healthServer(args, upstream, upstream.healthCheck!, firstHealthPort + index)),
  ];
}

function healthServer(
  { brokerTls }: MqttProxyArgs,
  { name, serverName, servers }: MqttUpstream,
  { intervalSeconds, jitterSeconds, fails, passes, timeoutSeconds, mandatory }: MqttHealthCheck,
  port: number,
): NginxConfigNode {
  const verifiedAs = { name: "proxy_ssl_name", args: [serverName ?? servers[0]!.host] };
  return {
    name: "server",
    plus: true,
    block: [
      { name: "listen", args: [`127.0.0.1:${port}`] },
      { name: "deny", args: ["all"] },
      { name: "access_log", args: ["off"] },
      ...(brokerTls ? brokerTlsNodes(brokerTls, verifiedAs) : []),
      { name: "proxy_pass", args: [blockName(name)] },
      { name: "health_check_timeout", args: [`${timeoutSeconds ?? 5}s`], plus: true },
      {
        name: "health_check",
        plus: true,
        args: [
          `interval=${intervalSeconds ?? 5}s`,
          ...(jitterSeconds === undefined ? [] : [`jitter=${jitterSeconds}s`]),
          `fails=${fails ?? 1}`,
          `passes=${passes ?? 1}`,
          ...(mandatory ? ["mandatory"] : []),
          "match=mqtt_alive",
        ],
      },
    ],
  };
}
