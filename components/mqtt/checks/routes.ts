import { type Argument, formats } from "../../foundation";
import type { MqttClientIdAsHost, MqttDefaultRoute, MqttRoute } from "../args";
import { checkCertificateMatch, checkMatch } from "./matches";

/** Names that routes may refer to. */
export interface RouteNames {
  upstreams: ReadonlySet<string>;
  credentials: ReadonlySet<string>;
}

/** Checks the name of an upstream. */
export function checkUpstreamName(name: Argument<string | undefined>, { upstreams }: RouteNames): void {
  const { value } = name;
  // Without any upstream, that is the fault; and a name that is refused there is no second one here.
  if (value === undefined || upstreams.size === 0 || upstreams.has(value)) return;
  const similar = [...upstreams].some((one) => !isUpstreamName(one) && one.toLowerCase() === value.toLowerCase());
  if (!similar) name.refuse(`names "${value}", which is no upstream`, `use one of ${[...upstreams].join(", ")}`);
}

/** Returns whether a text can be an upstream's name. */
export const isUpstreamName = (name: string) => /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/.test(name);

/** Checks the routes of a proxy, a listener or a tenant: names that exist, and one route for each client. */
export function checkRoutes(
  owner: Argument<{ routes?: MqttRoute[]; defaultRoute?: MqttDefaultRoute }>,
  names: RouteNames,
): void {
  const taken = new Map<string, string>();
  for (const route of owner.field("routes").entries())
    route.check(
      () => checkUpstreamName(route.field("upstream"), names),
      () =>
        route.field("credentials").given((credentials) => {
          if (!names.credentials.has(credentials.value))
            credentials.refuse(
              `names "${credentials.value}", which are no namedCredentials`,
              "add them there, or remove it",
            );
        }),
      () => {
        const [field, match] = checkRouteMatch(route) ?? [];
        if (field === undefined || match === undefined) return;
        const earlier = taken.get(match);
        if (earlier) route.field(field).refuse(`takes the same clients as ${earlier}`, "remove one of the two");
        taken.set(match, route.path);
      },
    );
  owner.field("defaultRoute").given((defaultRoute) => defaultRoute.check((route) => checkDefaultRoute(route, names)));
}

/** Returns the field that a route matches, and the match as one text, equal for two routes that take the same clients. */
function checkRouteMatch(route: Argument<MqttRoute>) {
  const fields = (["clientId", "username", "certificate"] as const).filter((field) => route.value[field] !== undefined);
  const [field] = fields;
  if (fields.length !== 1 || field === undefined)
    return void route.refuse(`has ${fields.length} of clientId, username and certificate`, "give exactly one of them");
  const text =
    field === "certificate"
      ? checkCertificateMatch(route.field(field) as Argument<NonNullable<MqttRoute["certificate"]>>)
      : checkMatch(route.field(field) as Argument<NonNullable<MqttRoute["clientId"]>>);
  return text === undefined ? undefined : ([field, `${field} ${text}`] as const);
}

function checkDefaultRoute(route: Argument<MqttDefaultRoute>, names: RouteNames): void {
  const { refuse, upstream, clientIdAsHost } = route.value;
  if ([refuse === true, upstream !== undefined, clientIdAsHost !== undefined].filter(Boolean).length !== 1)
    route.refuse(
      "must have exactly one of refuse, upstream and clientIdAsHost",
      'write { refuse: true } or { upstream: "…" }',
    );
  checkUpstreamName(route.field("upstream"), names);
  route.field("clientIdAsHost").given(checkHosts);
}

function checkHosts(asHost: Argument<MqttClientIdAsHost>): void {
  const hosts = asHost.field("hosts");
  hosts.notEmpty("name the hosts that clients may choose");
  for (const host of hosts.entries()) {
    const name = host.value.replace(/^\*\./, "");
    if (!formats.hostName.test(name) || !/^[^.]+\.[^.]/.test(name) || name !== name.toLowerCase())
      host.refuse(
        `is ${JSON.stringify(host.value)}`,
        "write a host name in lower case with at least two labels, before which `*.` may stand for one more: with an address, or a name of any kind, clients would choose who gets the credentials",
      );
    else if (isShortName(name))
      host.refuse(
        `is ${JSON.stringify(host.value)}, and NGINX's resolver has no search list`,
        `write the whole name, for example ${host.value}.cluster.local`,
      );
  }
  asHost.field("port").port();
  const resolvers = asHost.field("resolvers");
  resolvers.notEmpty("give the address of a name server, in a cluster that of its DNS Service");
  for (const resolver of resolvers.entries()) resolver.matches(formats.addressAndOptionalPort);
}

/** Returns whether a name is one that pods find by their search list alone. */
export const isShortName = (name: string) => !name.includes(".") || name.endsWith(".svc");
