import { isIP } from "node:net";
import { type Argument, factsOf, formats } from "../../foundation";
import { Edition } from "../../nginx";
import {
  MqttBalancing,
  type MqttHealthCheck,
  type MqttProxyArgs,
  type MqttResolver,
  type MqttServer,
  type MqttUpstream,
} from "../args";
import { type MqttModel, upstreamsOf } from "../model";
import { firstHealthPort, resolverOf, versionWithoutResolver } from "../resolve-model";
import type { RefuseAt } from "./credentials";
import { checkName, upstreamNames } from "./names";
import { isShortName } from "./routes";

const day = 24 * 60 * 60;

/** Checks the upstreams: names, servers, and options that the edition, the image and the other options allow. */
export function checkUpstreams(argument: Argument<MqttProxyArgs>): void {
  if (!argument.value.defaultRoute?.clientIdAsHost) argument.field("upstreams").notEmpty("name at least one broker");
  argument.field("resolver").given((resolver) => checkResolver(resolver, argument.value));
  const taken = new Set<unknown>();
  for (const upstream of argument.field("upstreams").entries())
    upstream.check(
      () => checkName(upstream.field("name"), upstreamNames, taken),
      () => upstream.integers({ maximumFailures: [0, 1000], failTimeoutSeconds: [1, day], slowStartSeconds: [1, day] }),
      () => checkServers(upstream, argument.value),
      () => checkServerName(upstream, argument.value),
      () => checkSlowStart(upstream, argument.value),
      () => upstream.field("resolver").given((resolver) => checkResolver(resolver, argument.value)),
      () =>
        upstream.field("resolveOnce").given((once) => {
          if (once.value && upstream.value.resolver) once.refuse("is given beside resolver", "remove one of the two");
        }),
      checkAffinity,
      () => upstream.field("healthCheck").given((check) => checkHealthCheck(check, argument.value)),
    );
}

function checkServers(upstream: Argument<MqttUpstream>, args: MqttProxyArgs): void {
  const servers = upstream.field("servers");
  servers.notEmpty("give at least one broker's host");
  for (const server of servers.entries()) server.check(() => checkServer(server, upstream.value, args));
  if (servers.value?.length && servers.value.every(({ backup, down }) => backup || down))
    servers.refuse("are all backup or down", "leave at least one for clients");
}

function checkServer(server: Argument<MqttServer>, upstream: MqttUpstream, args: MqttProxyArgs) {
  const { balancing = MqttBalancing.clientId, resolver } = upstream;
  const resolves = resolverOf(args, upstream) !== undefined;
  server.field("host").matches(formats.host);
  server.integers({ port: [1, 65535], weight: [1, 1000], maximumConnections: [1, 1_000_000] });
  if (balancing === MqttBalancing.clientId)
    refuseBesideHash(server.field("backup"), "backup", ": a hash tries the next server by itself");
  if (resolves)
    server.field("host").known((name, host) => {
      if (resolver && isIP(name) !== 0)
        host.refuse("is an address, which needs no resolver", "write a name, or remove resolver");
      else if (isIP(name) === 0 && formats.host.test(name) && isShortName(name))
        host.refuse(
          "is not a whole name, and NGINX's resolver has no search list",
          "write it with the domain of the cluster, for example `broker.mqtt.svc.cluster.local`",
        );
    });
  server.field("service").given((service) => {
    if (!/^(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.-]{0,126}[a-z0-9])?$/i.test(service.value))
      service.refuse("is not the name of a service", "write it as mqtt or _mqtt._tcp");
    if (!resolves)
      service.refuse(
        "needs a resolver, and names are resolved once",
        versionWithoutResolver(args) ? "use NGINX 1.27.3 or later" : "remove resolveOnce",
      );
    server.field("port").notGiven("is given beside service, whose SRV records have the port", "remove one of the two");
  });
}

function refuseBesideHash(argument: Argument<unknown>, feature: string, reason = ""): void {
  argument.notGiven(
    `cannot be combined with balancing by client id: NGINX has no ${feature} beside a hash`,
    `set balancing to "leastConnections" or "roundRobin", or remove it${reason}`,
  );
}

/** Checks the name that the brokers' certificates must have: NGINX compares it with DNS names only, never with addresses. */
function checkServerName(upstream: Argument<MqttUpstream>, { brokerTls }: MqttProxyArgs): void {
  const serverName = upstream.field("serverName");
  serverName.matches(formats.hostName);
  if (serverName.value !== undefined || !brokerTls || brokerTls.unsafeSkipVerification) return;
  const remedy = "write the DNS name in the brokers' certificate";
  const [first] = upstream.field("servers").entries();
  first?.field("host").known((name) => {
    if (formats.address.test(name)) serverName.refuse("would be an address, which NGINX cannot verify", remedy);
  });
}

/** Checks that balancing by client id has an effect: NGINX hashes server names, and uses the addresses of one name in turn. */
function checkAffinity(upstream: Argument<MqttUpstream>): void {
  const { balancing = MqttBalancing.clientId, resolver, servers = [] } = upstream.value;
  const argument = upstream.field("balancing");
  if (balancing === MqttBalancing.clientId && resolver && servers.length === 1 && servers[0]!.service === undefined)
    argument.refuse(
      `is ${argument.value === undefined ? "missing, so " : ""}"clientId", and NGINX uses the addresses of one name in turn`,
      'write the service of the SRV records (service: "mqtt") or one server for each broker, or set balancing to "leastConnections" or "roundRobin"',
    );
}

function checkSlowStart(upstream: Argument<MqttUpstream>, { edition }: MqttProxyArgs): void {
  const { balancing = MqttBalancing.clientId, servers, resolver } = upstream.value;
  const slowStart = upstream.field("slowStartSeconds");
  if (edition === Edition.oss)
    slowStart.notGiven("is only in NGINX Plus", 'remove it for edition "oss", or use edition "plus"');
  else if (balancing === MqttBalancing.clientId) refuseBesideHash(slowStart, "slow start");
  else if (servers?.length === 1 && !resolver)
    slowStart.notGiven("is ignored by NGINX where there is one server", "remove it, or name more servers");
}

function checkResolver(resolver: Argument<MqttResolver>, args: MqttProxyArgs): void {
  resolver.field("addresses").notEmpty("name at least one DNS server");
  for (const address of resolver.field("addresses").entries()) address.matches(formats.hostAndOptionalPort);
  resolver.integers({ validSeconds: [1, day] });
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
  check.integers({ intervalSeconds: [1, day], jitterSeconds: [0, day], timeoutSeconds: [1, 300] });
  check.integers({ fails: [1, 1000], passes: [1, 1000] });
}

/** Checks that a NetworkPolicy can have the brokers' ports: it cannot follow the ports of SRV records. */
export function checkBrokerPorts(argument: Argument<MqttProxyArgs>): void {
  const { namespace, pods, upstreams = [] } = argument.value;
  const policy = argument.field("pods").field("networkPolicy");
  const made = policy.value !== undefined || factsOf(namespace)?.defaultDeny === true;
  const index = upstreams.findIndex(({ servers = [] }) => servers.some(({ service }) => service !== undefined));
  if (made && index >= 0 && pods?.networkPolicy?.upstreams === undefined)
    policy
      .field("upstreams")
      .refuse(
        `is missing, and only SRV records have the ports of upstreams[${index}]`,
        'write the brokers with their ports, for example [{ podLabels: { app: "broker" }, ports: [8883] }]',
      );
}

/** Checks that no listener uses a port of the health checks, and that all connections to checked brokers agree on the PROXY header. */
export function checkHealthChecks({ upstreams, listeners, webSockets }: MqttModel, refuse: RefuseAt): void {
  const checked = upstreams.filter(({ healthCheck }) => healthCheck !== undefined);
  const last = firstHealthPort + checked.length - 1;
  for (const { targetPort, path } of [...listeners, ...webSockets])
    if (targetPort >= firstHealthPort && targetPort <= last)
      refuse(
        path || "port",
        `makes the pods listen on ${targetPort}, a port of health checks`,
        `choose a port outside ${firstHealthPort} to ${last}`,
      );
  const withoutHeader = listeners.filter(({ proxyProtocolToBrokers }) => !proxyProtocolToBrokers);
  for (const { name, proxyProtocol } of checked) {
    const other = withoutHeader.find((listener) => upstreamsOf(listener).includes(name));
    if (proxyProtocol && other)
      refuse(
        `${other.path}.proxyProtocolToBrokers`,
        `is not true, but another listener sends the PROXY protocol to the upstream "${name}", whose health check sends it always or never`,
        "set it for all listeners with this upstream, or give this one an upstream of its own",
      );
  }
}
