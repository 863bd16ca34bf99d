import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { mapInput } from "../../foundation";
import { block, directive, evaluated, type NginxConfigNode, plusOnly, when } from "../../nginx";
import { MqttBalancing, type MqttHealthCheck, type MqttResolver } from "../args";
import { isAddress, type MqttModel, type ResolvedServer, type ResolvedUpstream } from "../model";
import { fromArgument } from "./argument-paths";
import { brokerTlsNodes, serverNameNode } from "./broker-tls";

/** Returns the name of an upstream's block, which no host name is equal to: the value of a map is such a block, or empty. */
export const blockName = (upstream: string) => `mqtt_${upstream}`;

/** Returns a host as it is written before a port: an IPv6 address in brackets. */
export const bracketAddress = (host: Input<string>): Input<string> =>
  mapInput(host, (text) => (isIP(text) === 6 ? `[${text}]` : text));

/** Returns the `upstream` blocks of `stream`. */
export const upstreamNodes = ({ upstreams }: MqttModel): NginxConfigNode[] =>
  upstreams.map((upstream) => upstreamNode(blockName(upstream.name), upstream, "$mqtt_hash_key", ({ port }) => port));

/**
 * Returns one `upstream` block.
 *
 * @param key key of the hash, where clients are spread by their client id
 * @param portOf port of a server
 */
export function upstreamNode(
  name: string,
  upstream: ResolvedUpstream,
  key: string,
  portOf: (server: ResolvedServer) => number,
): NginxConfigNode {
  const { servers, resolver } = upstream;
  return block(
    "upstream",
    [name],
    [
      // Addresses that come and go need room.
      directive("zone", name, resolver ? "256k" : `${Math.max(64, 2 * servers.length)}k`),
      balancingNodes(upstream, key),
      when(resolver, resolverNode),
      servers.map((server) =>
        fromArgument(`${server.path}.host`, directive("server", ...serverWords(server, upstream, portOf(server)))),
      ),
    ],
  );
}

// CoreDNS divides 100 by the number of pods: with weights that change, clients would move between brokers that stay.
const constantWeight = 10;

const weightOf = ({ weight, service }: ResolvedServer, { balancing }: ResolvedUpstream): number | undefined =>
  weight ?? (service !== undefined && balancing === MqttBalancing.clientId ? constantWeight : undefined);

function serverWords(server: ResolvedServer, upstream: ResolvedUpstream, port: number): Input<string>[] {
  const weight = weightOf(server, upstream);
  return [
    server.service === undefined ? mapInput(bracketAddress(server.host), (host) => `${host}:${port}`) : server.host,
    ...(weight === undefined ? [] : [`weight=${weight}`]),
    ...(server.maximumConnections === undefined ? [] : [`max_conns=${server.maximumConnections}`]),
    ...failureWords(upstream),
    ...(server.backup ? ["backup"] : []),
    ...(server.down ? ["down"] : []),
    ...(server.service === undefined ? [] : [`service=${server.service}`]),
    ...(upstream.resolver && !isAddress(server.host) ? ["resolve"] : []),
  ];
}

function balancingNodes({ servers, resolver, balancing }: ResolvedUpstream, key: string): NginxConfigNode[] {
  if (balancing === MqttBalancing.leastConnections) return [directive("least_conn")];
  if (balancing === MqttBalancing.roundRobin) return [];
  // The consistent hash knows names of servers, such as SRV records have, and uses the addresses of one name in turn.
  if (servers.length > 1 || servers[0]?.service !== undefined) return [evaluated("hash", key, "consistent")];
  return when(resolver, evaluated("hash", key));
}

const failureWords = ({ maximumFailures, failTimeoutSeconds, slowStartSeconds }: ResolvedUpstream) => [
  ...(maximumFailures === undefined ? [] : [`max_fails=${maximumFailures}`]),
  ...(failTimeoutSeconds === undefined ? [] : [`fail_timeout=${failTimeoutSeconds}s`]),
  ...(slowStartSeconds === undefined ? [] : [`slow_start=${slowStartSeconds}s`]),
];

const resolverNode = ({ addresses, validSeconds, ipv6 = true }: MqttResolver): NginxConfigNode =>
  directive(
    "resolver",
    ...addresses,
    ...(validSeconds === undefined ? [] : [`valid=${validSeconds}s`]),
    ...(ipv6 ? [] : ["ipv6=off"]),
  );

/** The shortest CONNECT of MQTT 3.1.1: a clean session, a keep alive of a minute, no client id. */
export const probe = {
  send: "\\x10\\x0c\\x00\\x04MQTT\\x04\\x02\\x00\\x3c\\x00\\x00",
  // Any CONNACK but that of MQTT 3.1.1 with code 3, server unavailable: a broker that refuses the probe is alive, it may want MQTT 5.0, a client id or a password.
  // Without a \x00, which NGINX may make a NUL before the expression is read.
  expect: "^\\x20(?!\\x02[^\\x01-\\xff]\\x03)",
};

/** Returns the health checks, each in a server that no client reaches: NGINX checks the group that `proxy_pass` names, and for clients that is a variable. */
export function healthNodes({ upstreams, brokerTls }: MqttModel): NginxConfigNode[] {
  const servers = upstreams.flatMap((upstream) =>
    upstream.healthCheck ? [healthServer(brokerTls, upstream, upstream.healthCheck)] : [],
  );
  if (servers.length === 0) return [];
  return [
    plusOnly(block("match", ["mqtt_alive"], [directive("send", probe.send), directive("expect", "~", probe.expect)])),
    ...servers,
  ];
}

function healthServer(
  brokerTls: MqttModel["brokerTls"],
  upstream: ResolvedUpstream,
  { intervalSeconds = 5, jitterSeconds, fails = 1, passes = 1, timeoutSeconds = 5, mandatory }: MqttHealthCheck,
): NginxConfigNode {
  const { name, healthPort, proxyProtocol } = upstream;
  return plusOnly(
    block("server", [
      directive("listen", `127.0.0.1:${healthPort}`),
      directive("deny", "all"),
      directive("access_log", "off"),
      // Brokers that expect the header reject connections without it.
      when(proxyProtocol, directive("proxy_protocol", "on")),
      when(brokerTls, (brokerTls) => brokerTlsNodes(brokerTls, serverNameNode(upstream))),
      directive("proxy_pass", blockName(name)),
      plusOnly(directive("health_check_timeout", `${timeoutSeconds}s`)),
      plusOnly(
        directive(
          "health_check",
          `interval=${intervalSeconds}s`,
          ...(jitterSeconds === undefined ? [] : [`jitter=${jitterSeconds}s`]),
          `fails=${fails}`,
          `passes=${passes}`,
          ...(mandatory ? ["mandatory"] : []),
          "match=mqtt_alive",
        ),
      ),
    ]),
  );
}
