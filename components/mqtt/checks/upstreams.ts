import { isIP } from "node:net";
import { type Argument, formats } from "../../foundation";
import { Edition } from "../../nginx";
import {
  MqttBalancing,
  type MqttHealthCheck,
  type MqttProxyArgs,
  type MqttResolver,
  type MqttServer,
  type MqttUpstream,
} from "../args";
import { resolverOf, versionWithoutResolver } from "../resolve-model";
import { isShortName, isUpstreamName } from "./routes";

const aDay = 24 * 60 * 60;

/** Checks the upstreams: names, servers, and options that the edition, the image and the other options allow. */
export function checkUpstreams(argument: Argument<MqttProxyArgs>): void {
  if (argument.value.upstreams?.length === 0 && !argument.value.defaultRoute?.clientIdAsHost)
    argument.field("upstreams").refuse("is empty", "name at least one broker");
  argument.field("resolver").given((resolver) => checkResolver(resolver, argument.value));
  const names = new Set<unknown>();
  for (const upstream of argument.field("upstreams").entries())
    upstream.check(
      () => checkName(upstream.field("name"), names),
      () => checkServers(upstream, argument.value),
      () => checkServerName(upstream, argument.value),
      () => upstream.field("maximumFailures").integer(0, 1000),
      () => upstream.field("failTimeoutSeconds").integer(1, aDay),
      () => checkSlowStart(upstream, argument.value),
      () => upstream.field("resolver").given((resolver) => checkResolver(resolver, argument.value)),
      () =>
        upstream.field("resolveOnce").given((once) => {
          if (once.value && upstream.value.resolver) once.refuse("comes with a resolver", "remove one of the two");
        }),
      () => checkAffinity(upstream),
      () => upstream.field("healthCheck").given((check) => checkHealthCheck(check, argument.value)),
    );
}

function checkName(name: Argument<string>, names: Set<unknown>): void {
  if (name.value === undefined) return;
  if (!isUpstreamName(name.value))
    name.refuse(`is ${JSON.stringify(name.value)}`, "write at most 63 lower-case letters, digits, - and _");
  name.unique(names, "give each upstream a name of its own");
}

function checkServers(upstream: Argument<MqttUpstream>, args: MqttProxyArgs): void {
  const servers = upstream.field("servers");
  if (servers.value?.length === 0) {
    servers.refuse("is empty", "give at least one broker's host");
    return;
  }
  for (const server of servers.entries()) server.check((one) => checkServer(one, upstream.value, args));
  if (servers.value?.every(({ backup, down }) => backup || down))
    servers.refuse("has none that is neither backup nor down", "leave at least one to take clients");
}

function checkServer(server: Argument<MqttServer>, upstream: MqttUpstream, args: MqttProxyArgs) {
  const { balancing = MqttBalancing.clientId, resolver } = upstream;
  const resolves = resolverOf(args, upstream) !== undefined;
  const { port, service, backup } = server.value;
  server.field("host").matches(formats.host);
  server.field("port").port();
  server.field("weight").integer(1, 1000);
  server.field("maximumConnections").integer(1, 1_000_000);
  if (backup && balancing === MqttBalancing.clientId)
    server
      .field("backup")
      .refuse(
        "cannot be where clients are spread by their client id: NGINX has no backup beside a hash",
        'set balancing to "leastConnections" or "roundRobin", or remove it: a hash tries the next server by itself',
      );
  if (resolves)
    server.field("host").known((name, host) => {
      if (resolver && isIP(name) !== 0)
        host.refuse("is an address, which no resolver is asked for", "write a name, or remove resolver");
      else if (isIP(name) === 0 && formats.host.test(name) && isShortName(name))
        host.refuse(
          "is not a whole name, and NGINX's resolver has no search list",
          "write it with the domain of the cluster, for example `broker.mqtt.svc.cluster.local`",
        );
    });
  if (service === undefined) return;
  if (!/^[a-z0-9_](?:[a-z0-9_.-]{0,126}[a-z0-9])?$/i.test(service) || service.includes(".."))
    server.field("service").refuse("is not the name of a service", "write it as mqtt or _mqtt._tcp");
  if (!resolves)
    server
      .field("service")
      .refuse(
        "needs a resolver, and names are resolved once",
        versionWithoutResolver(args) ? "use NGINX 1.27.3 or later" : "remove resolveOnce",
      );
  if (port !== undefined)
    server.field("port").refuse("comes with a service, whose SRV records have the port", "remove one of the two");
}

/** Checks the name by which the brokers are verified: NGINX compares it with the DNS names of the certificate, never with addresses. */
function checkServerName(upstream: Argument<MqttUpstream>, { brokerTls }: MqttProxyArgs): void {
  const serverName = upstream.field("serverName");
  serverName.matches(formats.hostName);
  if (serverName.value !== undefined || !brokerTls || brokerTls.unsafeSkipVerification) return;
  const [first] = upstream.field("servers").entries();
  first?.field("host").known((name) => {
    if (formats.address.test(name))
      serverName.refuse(
        "would be an address, which NGINX cannot verify",
        "write the DNS name in the brokers' certificate",
      );
  });
}

/** Checks that clients can be spread by client id: NGINX hashes server names, and uses the addresses of one name in turn. */
function checkAffinity(upstream: Argument<MqttUpstream>): void {
  const { balancing = MqttBalancing.clientId, resolver, servers = [] } = upstream.value;
  const [only, ...others] = servers;
  if (balancing !== MqttBalancing.clientId || !resolver || !only || others.length > 0 || only.service !== undefined)
    return;
  upstream
    .field("balancing")
    .refuse(
      `is ${upstream.value.balancing === undefined ? "missing, so " : ""}"clientId", and NGINX uses the addresses of one name in turn`,
      'write the service of the SRV records (service: "mqtt") or one server for each broker, or set balancing to "leastConnections" or "roundRobin"',
    );
}

function checkSlowStart(upstream: Argument<MqttUpstream>, { edition }: MqttProxyArgs): void {
  const { balancing = MqttBalancing.clientId, servers, resolver } = upstream.value;
  const slowStart = upstream.field("slowStartSeconds");
  slowStart.integer(1, aDay);
  if (slowStart.value === undefined) return;
  if (edition === Edition.oss)
    slowStart.refuse("is only in NGINX Plus", 'remove it for edition "oss", or use edition "plus"');
  else if (balancing === MqttBalancing.clientId)
    slowStart.refuse(
      "cannot be where clients are spread by their client id: NGINX has no slow start beside a hash",
      'set balancing to "leastConnections" or "roundRobin", or remove it',
    );
  else if (servers?.length === 1 && !resolver)
    slowStart.refuse("is ignored by NGINX where there is one server", "remove it, or name more servers");
}

function checkResolver(resolver: Argument<MqttResolver>, args: MqttProxyArgs): void {
  const addresses = resolver.field("addresses");
  if (addresses.value?.length === 0) addresses.refuse("is empty", "name at least one DNS server");
  for (const address of addresses.entries()) address.matches(formats.hostAndOptionalPort);
  resolver.field("validSeconds").integer(1, aDay);
  const version = versionWithoutResolver(args);
  if (version)
    resolver.refuse(
      `needs NGINX 1.27.3, and pods.image has ${version}`,
      "use a newer image, or remove it: then names are resolved once, when NGINX starts",
    );
}

function checkHealthCheck(check: Argument<MqttHealthCheck>, { edition }: MqttProxyArgs): void {
  if (edition === Edition.oss)
    check.refuse(
      "is only in NGINX Plus",
      'remove it for edition "oss", where maximumFailures finds brokers that do not answer, or use edition "plus"',
    );
  check.field("intervalSeconds").integer(1, aDay);
  check.field("jitterSeconds").integer(0, aDay);
  check.field("fails").integer(1, 1000);
  check.field("passes").integer(1, 1000);
  check.field("timeoutSeconds").integer(1, 300);
}
