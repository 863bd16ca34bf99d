import { isIP } from "node:net";
import { checked, checkPlain, checkPort, type Refuser } from "../foundation";
import { regexFault } from "../nginx/conf";
import { checkAlternativeName } from "./alternative-names";
import { type CertificateField, certificateFields, isAlternativeName } from "./certificate-fields";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type {
  MqttCertificateMatch,
  MqttClientIdAsHost,
  MqttClientIdMatch,
  MqttDefaultRoute,
  MqttRoute,
  MqttSubjectMatch,
} from "./mqtt-route-args";
import { isIPv6 } from "./upstreams";

const upstreamName = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;
// A client id is at most 65,535 bytes on the wire, and control characters are refused in it.
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Refuses upstreams that routes cannot name, or that nobody answers for. Gives their names. */
export function checkUpstreams(args: MqttProxyArgs, refuse: Refuser): Set<string> {
  if (args.upstreams.length === 0 && !args.defaultRoute.clientIdAsHost)
    refuse("upstreams", "is empty", "name at least one broker");
  const names = new Set<string>();
  for (const [index, upstream] of args.upstreams.entries()) {
    const property = `upstreams[${index}]`;
    if (!upstreamName.test(upstream.name))
      refuse(
        `${property}.name`,
        `is ${JSON.stringify(upstream.name)}`,
        "use lower-case letters, digits, - and _, up to 63 of them",
      );
    if (names.has(upstream.name))
      refuse(`${property}.name`, `repeats "${upstream.name}"`, "give each upstream a name of its own");
    names.add(upstream.name);
    if (upstream.servers.length === 0) refuse(`${property}.servers`, "is empty", "give at least one broker's host");
    for (const [position, server] of upstream.servers.entries()) {
      checked(server.host, (host) => {
        if (!/^[A-Za-z0-9._-]+$/.test(host) && !isIPv6(host))
          refuse(
            `${property}.servers[${position}].host`,
            "is not a host name or an address",
            "write the host alone, without scheme, port, brackets or path",
          );
      });
      checkPort(refuse, `${property}.servers[${position}].port`, server.port);
    }
  }
  return names;
}

/** Refuses an upstream that is none. */
export function checkUpstreamName(refuse: Refuser, property: string, name: string, names: Set<string>): void {
  if (!names.has(name))
    refuse(property, `names "${name}", which is no upstream`, `use one of ${[...names].join(", ")}`);
}

/** What the routes of a proxy, a listener or a tenant may refer to. */
export interface RoutingNames {
  upstreams: Set<string>;
  credentials: Set<string>;
}

/**
 * Refuses routes that cannot mean what they say: names that lead nowhere, two ways for one client, no way for the rest.
 *
 * @param owner path of the arguments, with its full stop: `tenants[0].`
 */
export function checkRoutes(
  owner: string,
  { routes = [], defaultRoute }: { routes?: MqttRoute[]; defaultRoute: MqttDefaultRoute },
  names: RoutingNames,
  refuse: Refuser,
): void {
  const taken = new Map<string, string>();
  for (const [index, route] of routes.entries()) {
    const property = `${owner}routes[${index}]`;
    checkUpstreamName(refuse, `${property}.upstream`, route.upstream, names.upstreams);
    if (route.credentials !== undefined && !names.credentials.has(route.credentials))
      refuse(
        `${property}.credentials`,
        `names "${route.credentials}", which are no namedCredentials`,
        "add them there, or leave it out",
      );
    const [field, match] = checkRoute(property, route, refuse);
    const earlier = taken.get(match);
    if (earlier) refuse(`${property}.${field}`, `takes the same clients as ${earlier}`, "leave one of the two out");
    taken.set(match, property);
  }
  checkDefaultRoute(`${owner}defaultRoute`, defaultRoute, names.upstreams, refuse);
}

/** The field that a route is about, and the match as one text, equal for two routes that take the same clients. */
function checkRoute(property: string, { clientId, username, certificate }: MqttRoute, refuse: Refuser) {
  const given = [clientId, username, certificate].filter((match) => match !== undefined).length;
  if (given !== 1) refuse(property, `has ${given} of clientId, username and certificate`, "give exactly one of them");
  if (certificate)
    return ["certificate", checkCertificateMatch(`${property}.certificate`, certificate, refuse)] as const;
  const field = clientId ? "clientId" : "username";
  return [field, `${field} ${checkMatch(`${property}.${field}`, (clientId ?? username)!, refuse)}`] as const;
}

function checkDefaultRoute(
  property: string,
  { refuse: turnAway, upstream, clientIdAsHost }: MqttDefaultRoute,
  upstreams: Set<string>,
  refuse: Refuser,
): void {
  if ([turnAway === true, upstream !== undefined, clientIdAsHost !== undefined].filter(Boolean).length !== 1)
    refuse(
      property,
      "must have exactly one of refuse, upstream and clientIdAsHost",
      'write { refuse: true } or { upstream: "…" }',
    );
  if (upstream !== undefined) checkUpstreamName(refuse, `${property}.upstream`, upstream, upstreams);
  if (clientIdAsHost) checkHosts(`${property}.clientIdAsHost`, clientIdAsHost, refuse);
}

function checkHosts(property: string, { hosts, port, resolvers }: MqttClientIdAsHost, refuse: Refuser): void {
  checkPlain(refuse, { [`${property}.hosts`]: hosts, [`${property}.resolvers`]: resolvers });
  if (hosts.length === 0) refuse(`${property}.hosts`, "is empty", "name the hosts that clients may choose");
  for (const [index, host] of hosts.entries()) {
    checkPlain(refuse, { [`${property}.hosts[${index}]`]: host });
    const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
    if (!new RegExp(`^(?:\\*\\.${label}|${label})(?:\\.${label})+$`).test(host) || /\.\d+$/.test(host))
      refuse(
        `${property}.hosts[${index}]`,
        `is ${JSON.stringify(host)}`,
        "write a host name in lower case with at least two labels, before which `*.` may stand for one more: an address, or any name at all, lets clients choose who gets the credentials",
      );
  }
  checkPort(refuse, `${property}.port`, port);
  if (resolvers.length === 0)
    refuse(
      `${property}.resolvers`,
      "is empty",
      "give the address of a name server, in a cluster that of its DNS Service",
    );
  for (const [index, resolver] of resolvers.entries())
    checked(resolver, (text) => {
      const [, six, other] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(text) ?? [];
      if (isIP(six ?? "") !== 6 && isIP(other ?? "") !== 4)
        refuse(
          `${property}.resolvers[${index}]`,
          "is no address of a name server",
          "write it as 10.96.0.10, 10.96.0.10:53 or [2001:db8::10]",
        );
    });
}

/** Refuses a match of a certificate that is none; gives it as one text. */
export function checkCertificateMatch(property: string, match: MqttCertificateMatch, refuse: Refuser): string {
  const given = Object.keys(match).filter((field) => match[field as keyof MqttCertificateMatch] !== undefined);
  if (given.length !== 1)
    refuse(property, `has ${given.length} of ${certificateFields.join(", ")}`, "give exactly one of them");
  const field = given[0] as CertificateField;
  if (!certificateFields.includes(field))
    refuse(
      `${property}.${field}`,
      "is no field of a certificate that is read",
      `use one of ${certificateFields.join(", ")}`,
    );
  const text = checkText(`${property}.${field}`, match[field]!, ["exact", "prefix"], refuse);
  if (isAlternativeName(field)) checkAlternativeName(`${property}.${field}`, field, match[field]!, refuse);
  return `${field} ${text}`;
}

/** Refuses a match of user names or of one field that is none; gives it as one text. */
export const checkSubjectMatch = (property: string, match: MqttSubjectMatch, refuse: Refuser) =>
  checkText(property, match, ["exact", "prefix"], refuse);

const checkMatch = (property: string, match: MqttClientIdMatch, refuse: Refuser) =>
  checkText(property, match, ["exact", "prefix", "regex"], refuse);

function checkText(property: string, match: MqttClientIdMatch, kinds: string[], refuse: Refuser): string {
  const given = Object.entries(match as Record<string, string | undefined>).filter(([, value]) => value !== undefined);
  const [kind, value] = given[0] ?? [];
  if (given.length !== 1 || kind === undefined || value === undefined || !kinds.includes(kind))
    return refuse(
      property,
      `has ${given.length} of ${kinds.slice(0, -1).join(", ")} and ${kinds[kinds.length - 1]}`,
      "give exactly one of them",
    );
  if (value === "") {
    const without = property.endsWith("clientId")
      ? "a client id"
      : property.endsWith("username")
        ? "a user name"
        : "it";
    refuse(`${property}.${kind}`, "is empty", `clients without ${without} take the default route`);
  }
  if (controlCharacter.test(value))
    refuse(`${property}.${kind}`, "has a control character", "no client gets in with one: leave it out");
  if (Buffer.byteLength(value) > 1024)
    refuse(
      `${property}.${kind}`,
      `has ${Buffer.byteLength(value)} bytes`,
      "keep it within 1024: NGINX reads no longer words",
    );
  const fault = kind === "regex" && regexFault(value);
  if (fault) refuse(`${property}.regex`, fault.wrong, fault.remedy);
  return `${kind} ${value}`;
}
