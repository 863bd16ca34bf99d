import { type Argument, formats } from "../../foundation";
import type { MqttClientIdAsHost, MqttClientIdMatch, MqttDefaultRoute, MqttRoute } from "../args";
import { certificateMatch, isAlternativeName } from "../certificate-fields";
import type { MqttModel } from "../model";
import { checkCertificateMatch, checkMatch } from "./client-matches";
import type { RefuseAt } from "./credentials";
import { checkUpstreamReference, type KnownNames, readOnlyField } from "./names";

/** Checks the routes of a proxy, a listener or a tenant: names that exist, and one route for each client. */
export function checkRoutes(
  owner: Argument<{ routes?: MqttRoute[]; defaultRoute?: MqttDefaultRoute }>,
  names: KnownNames,
): void {
  const taken = new Map<string, string>();
  for (const route of owner.field("routes").entries())
    route.check(
      () => checkUpstreamReference(route.field("upstream"), names),
      () =>
        route.field("credentials").given((reference) => {
          if (!names.credentials.has(reference.value))
            reference.refuse(
              `names "${reference.value}", which is not in namedCredentials`,
              "add it there, or remove it",
            );
        }),
      () => checkClients(route, taken),
    );
  owner.field("defaultRoute").given((route) => route.check(() => checkDefaultRoute(route, names)));
}

/** Checks the clients that a route takes, and that no route before it takes the same. */
function checkClients(route: Argument<MqttRoute>, taken: Map<string, string>): void {
  const field = readOnlyField(route, ["clientId", "username", "certificate"]);
  if (field === undefined) return;
  const match = route.field(field) as Argument<object>;
  if (!match.passes(field === "certificate" ? checkCertificateMatch : checkMatch)) return;
  const clients = JSON.stringify([field, match.value]);
  const earlier = taken.get(clients);
  if (earlier) match.refuse(`takes the same clients as ${earlier}`, "remove one of the two");
  taken.set(clients, route.path);
}

function checkDefaultRoute(route: Argument<MqttDefaultRoute>, names: KnownNames): void {
  readOnlyField(route, ["refuse", "upstream", "clientIdAsHost"], 'write { refuse: true } or { upstream: "…" }');
  checkUpstreamReference(route.field("upstream"), names);
  route.field("clientIdAsHost").given(checkClientIdAsHost);
}

function checkClientIdAsHost(brokers: Argument<MqttClientIdAsHost>): void {
  const hosts = brokers.field("hosts");
  hosts.notEmpty("name the hosts that clients may choose");
  for (const host of hosts.entries()) {
    const name = host.value.replace(/^\*\./, "");
    if (!formats.hostName.test(name) || !/^[^.]+\.[^.]/.test(name) || name !== name.toLowerCase())
      host.refuse(
        `is ${JSON.stringify(host.value)}`,
        "write a host name of at least two labels in lower case, with `*.` before it for any one label: with an address or a wider pattern, clients could send the credentials to any host",
      );
    else if (isShortName(name))
      host.refuse(
        `is ${JSON.stringify(host.value)}, and NGINX's resolver has no search list`,
        `write the whole name, for example ${host.value}.cluster.local`,
      );
  }
  brokers.field("port").port();
  const resolvers = brokers.field("resolvers");
  resolvers.notEmpty("give the address of a name server, for example that of the cluster's DNS Service");
  for (const resolver of resolvers.entries()) resolver.matches(formats.addressAndOptionalPort);
}

/** Returns whether a name is one that pods find by their search list alone. */
export const isShortName = (name: string) => !name.includes(".") || name.endsWith(".svc");

// The main configuration is one file of one ConfigMap.
const maximumPatternBytes = 500_000;

/** Checks that the configuration has room for the routes. */
export function checkRouteSizes({ tables }: MqttModel, refuse: RefuseAt): void {
  let bytes = 0;
  for (const { path, routes } of tables) {
    for (const match of routes.flatMap(listTableMatches)) bytes += Buffer.byteLength(match.prefix ?? match.regex ?? "");
    if (bytes <= maximumPatternBytes) continue;
    refuse(
      `${path}routes`,
      `have ${bytes} bytes of prefixes and expressions, and the configuration has room for ${maximumPatternBytes}`,
      "use exact matches, of which there may be any number: NGINX tries the others one by one",
    );
    return;
  }
}

/** Returns the texts of a route that can be in a table. Subjects never are. */
export function listTableMatches({ clientId, username, certificate }: MqttRoute): MqttClientIdMatch[] {
  const [field, text] = (certificate && certificateMatch(certificate)) ?? [];
  return [clientId, username, isAlternativeName(field) ? text : undefined].filter((match) => match !== undefined);
}
