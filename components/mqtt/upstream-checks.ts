import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, isPlainInput, type Refuser } from "../foundation";
import { Edition } from "../nginx";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import {
  MqttBalancing,
  type MqttHealthCheck,
  type MqttResolver,
  type MqttServer,
  type MqttUpstream,
} from "./mqtt-upstream-args";
import type { Plan } from "./plan";
import { firstHealthPort } from "./upstreams";

const aDay = 24 * 60 * 60;

/** Refuses what a dialect or a version of NGINX cannot do, and what NGINX would ignore. */
export function checkUpstreamOptions(args: MqttProxyArgs, plan: Plan, refuse: Refuser): void {
  for (const [index, upstream] of args.upstreams.entries()) {
    const property = `upstreams[${index}]`;
    checkBalancing(property, upstream, refuse);
    for (const [position, server] of upstream.servers.entries())
      checkServer(`${property}.servers[${position}]`, server, upstream, refuse);
    if (upstream.servers.every(({ backup, down }) => backup || down))
      refuse(`${property}.servers`, "has none that is neither backup nor down", "leave at least one to take clients");
    checkInteger(refuse, `${property}.maximumFailures`, upstream.maximumFailures, 0, 1000);
    checkInteger(refuse, `${property}.failTimeoutSeconds`, upstream.failTimeoutSeconds, 1, aDay);
    checkSlowStart(property, upstream, args, refuse);
    if (upstream.resolver) checkResolver(`${property}.resolver`, upstream.resolver, args, refuse);
    if (upstream.healthCheck) checkHealth(`${property}.healthCheck`, upstream.healthCheck, args, refuse);
  }
  checkHealthPorts(args, plan, refuse);
}

function checkBalancing(property: string, { balancing = MqttBalancing.clientId }: MqttUpstream, refuse: Refuser) {
  checkPlain(refuse, { [`${property}.balancing`]: balancing });
  if (!Object.values(MqttBalancing).includes(balancing))
    refuse(
      `${property}.balancing`,
      `is ${JSON.stringify(balancing)}`,
      `write one of ${Object.values(MqttBalancing).join(", ")}`,
    );
}

function checkServer(
  property: string,
  { host, port, service, weight, maximumConnections, backup }: MqttServer,
  { balancing = MqttBalancing.clientId, resolver }: MqttUpstream,
  refuse: Refuser,
) {
  checkInteger(refuse, `${property}.weight`, weight, 1, 1000);
  checkInteger(refuse, `${property}.maximumConnections`, maximumConnections, 1, 1_000_000);
  if (backup && balancing === MqttBalancing.clientId)
    refuse(
      `${property}.backup`,
      "cannot be where clients are spread by their client id: NGINX has no backup beside a hash",
      'set balancing to "leastConnections" or "roundRobin", or leave it out: a hash goes on to the next server by itself',
    );
  if (resolver)
    checked(host, (name) => {
      if (isIP(name) !== 0)
        refuse(
          `${property}.host`,
          "is an address, which no resolver is asked for",
          "write a name, or leave resolver out",
        );
    });
  if (service === undefined) return;
  if (!/^[a-z0-9_](?:[a-z0-9_.-]{0,126}[a-z0-9])?$/i.test(service))
    refuse(`${property}.service`, "is no name of a service", "write it as mqtt or _mqtt._tcp");
  if (!resolver)
    refuse(
      `${property}.service`,
      "comes without the upstream's resolver",
      "name the DNS servers that know its SRV records",
    );
  if (port !== undefined)
    refuse(`${property}.port`, "comes with a service, whose SRV records say the port", "leave one of the two out");
}

function checkSlowStart(
  property: string,
  { slowStartSeconds, balancing = MqttBalancing.clientId, servers, resolver }: MqttUpstream,
  { edition }: MqttProxyArgs,
  refuse: Refuser,
) {
  const path = `${property}.slowStartSeconds`;
  checkInteger(refuse, path, slowStartSeconds, 1, aDay);
  if (slowStartSeconds === undefined) return;
  if (edition === Edition.oss)
    refuse(path, "is only in NGINX Plus", 'leave it out for edition "oss", or use edition "plus"');
  if (balancing === MqttBalancing.clientId)
    refuse(
      path,
      "cannot be where clients are spread by their client id: NGINX has no slow start beside a hash",
      'set balancing to "leastConnections" or "roundRobin", or leave it out',
    );
  if (servers.length === 1 && !resolver)
    refuse(path, "is ignored by NGINX where there is one server", "leave it out, or name more servers");
}

function checkResolver(
  property: string,
  { addresses, validSeconds }: MqttResolver,
  { edition, image }: MqttProxyArgs,
  refuse: Refuser,
) {
  checkPlain(refuse, { [`${property}.addresses`]: addresses });
  if (addresses.length === 0) refuse(`${property}.addresses`, "is empty", "name at least one DNS server");
  for (const [index, address] of addresses.entries()) {
    checkPlain(refuse, { [`${property}.addresses[${index}]`]: address });
    if (!/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(address))
      refuse(
        `${property}.addresses[${index}]`,
        `is ${JSON.stringify(address)}`,
        "write an address or a name, an IPv6 address in brackets, with a port if it is not 53",
      );
  }
  checkInteger(refuse, `${property}.validSeconds`, validSeconds, 1, aDay);
  const version = edition === Edition.oss ? versionOf(image) : undefined;
  if (version && isBefore(version, [1, 27, 3]))
    refuse(
      property,
      `needs NGINX 1.27.3, and image has ${version.join(".")}`,
      "use a newer image, or leave it out: then names are resolved once, when NGINX starts",
    );
}

/** The version in an image's tag; undefined where there is none, or it is known later. */
function versionOf(image: MqttProxyArgs["image"]): number[] | undefined {
  if (typeof image !== "string" || !isPlainInput(image)) return undefined;
  const [, ...numbers] = /:v?(\d+)\.(\d+)\.(\d+)(?![.\d])[^:/]*$/.exec(image) ?? [];
  return numbers.length === 3 ? numbers.map(Number) : undefined;
}

function isBefore(version: number[], other: number[]): boolean {
  const at = version.findIndex((part, index) => part !== other[index]);
  return at >= 0 && version[at]! < other[at]!;
}

function checkHealth(property: string, check: MqttHealthCheck, { edition }: MqttProxyArgs, refuse: Refuser) {
  if (edition === Edition.oss)
    refuse(
      property,
      "is only in NGINX Plus",
      'leave it out for edition "oss", where maximumFailures finds brokers that do not answer, or use edition "plus"',
    );
  checkInteger(refuse, `${property}.intervalSeconds`, check.intervalSeconds, 1, aDay);
  checkInteger(refuse, `${property}.jitterSeconds`, check.jitterSeconds, 0, aDay);
  checkInteger(refuse, `${property}.fails`, check.fails, 1, 1000);
  checkInteger(refuse, `${property}.passes`, check.passes, 1, 1000);
  checkInteger(refuse, `${property}.timeoutSeconds`, check.timeoutSeconds, 1, 300);
}

function checkHealthPorts({ upstreams }: MqttProxyArgs, { listeners, webSockets }: Plan, refuse: Refuser) {
  const count = upstreams.filter(({ healthCheck }) => healthCheck !== undefined).length;
  for (const { targetPort, property } of [...listeners, ...webSockets])
    if (targetPort >= firstHealthPort && targetPort < firstHealthPort + count)
      refuse(
        `${property || "port"}`,
        `has the pods listen on ${targetPort}, where health checks have their servers`,
        `choose a port outside ${firstHealthPort} to ${firstHealthPort + count - 1}`,
      );
}
