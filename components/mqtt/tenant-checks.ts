import { checkPlain, type Refuser } from "../foundation";
import { onlyField } from "./certificate-fields";
import { MqttClientCertificateMode } from "./mqtt-listener-args";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { MqttSubjectMatch } from "./mqtt-route-args";
import type { MqttTenant } from "./mqtt-tenant-args";
import { type PlannedListener, planOf, type Scope } from "./plan";
import { checkCertificateMatch, checkRoutes, checkSubjectMatch, type RoutingNames } from "./routing";

const shortName = /^[a-z](?:-?[a-z0-9]){0,39}$/;

/** Refuses a name of a tenant, or of credentials, that is none or is taken. */
export function checkShortName(refuse: Refuser, property: string, name: string, taken: Set<string>): void {
  if (!shortName.test(name) || name.length > 40)
    refuse(property, `is ${JSON.stringify(name)}`, "use at most 40 lower-case letters, digits and -, a letter first");
  if (name === "default")
    refuse(property, 'is "default", the name of the proxy\'s own credentials', "use another name");
  if (taken.has(name))
    refuse(property, `repeats "${name}"`, "give each tenant and each of namedCredentials a name of its own");
  taken.add(name);
}

/** Refuses tenants whose clients could be another's, or get to another's brokers. */
export function checkTenants(args: MqttProxyArgs, names: RoutingNames, refuse: Refuser): void {
  const { tenants } = args;
  if (!tenants) return;
  if (tenants.length === 0) refuse("tenants", "is empty", "give at least one, or leave it out");
  if (!args.listeners)
    refuse("tenants", "are given without listeners", "name the listeners on which their clients come");
  const taken = new Set<string>();
  for (const [index, tenant] of tenants.entries()) {
    const property = `tenants[${index}]`;
    checkPlain(refuse, { [property]: tenant, [`${property}.listeners`]: tenant.listeners });
    checkShortName(refuse, `${property}.name`, tenant.name, taken);
    checkTenantListeners(args, tenant, property, refuse);
    checkRoutes(`${property}.`, tenant, names, refuse);
    if (tenant.defaultRoute.clientIdAsHost)
      refuse(
        `${property}.defaultRoute.clientIdAsHost`,
        "is given for a tenant",
        "name its brokers as upstreams: a host that a client names may be another tenant's",
      );
    if (tenant.username && tenant.credentials)
      refuse(
        `${property}.credentials`,
        "would go to whoever says such a user name",
        "tell the tenant by certificate or by a listener of its own, or let the clients' own credentials through",
      );
  }
  const { listeners, scopes } = planOf(args);
  for (const listener of listeners) checkSharing(listener, refuse);
  checkOwnUpstreams(args, scopes, refuse);
}

function checkTenantListeners(args: MqttProxyArgs, tenant: MqttTenant, property: string, refuse: Refuser): void {
  if (tenant.listeners.length === 0) refuse(`${property}.listeners`, "is empty", "name at least one listener");
  if (tenant.certificate && tenant.username)
    refuse(property, "has both certificate and username", "give one of the two");
  if (tenant.certificate) checkCertificateMatch(`${property}.certificate`, tenant.certificate, refuse);
  if (tenant.username) checkSubjectMatch(`${property}.username`, tenant.username, refuse);
  for (const [index, name] of tenant.listeners.entries()) {
    const place = `${property}.listeners[${index}]`;
    const listener = args.listeners!.find((one) => one.name === name);
    if (!listener)
      refuse(
        place,
        `names "${name}", which is no listener`,
        `use one of ${args.listeners!.map((one) => one.name).join(", ")}`,
      );
    if (listener.webSocket)
      refuse(
        place,
        `names "${name}", a WebSocket listener, which has one upstream for all`,
        "use a listener over TCP, or an upstream of no tenant there",
      );
    if (listener.routes || listener.defaultRoute)
      refuse(place, `names "${name}", which has rules of its own`, "leave out routes and defaultRoute there");
    const certificates = listener.tls?.clientCertificates;
    if (tenant.certificate && (!certificates || certificates.mode === MqttClientCertificateMode.optional))
      refuse(
        `${property}.certificate`,
        `is given, and the listener "${name}" requires no client certificates`,
        "set tls.clientCertificates there, in the mode required",
      );
  }
}

/** Tenants that share a listener are told by one field, and by texts that no client could have both of. */
function checkSharing({ name, scopes }: PlannedListener, refuse: Refuser): void {
  if (scopes.length < 2) return;
  const told: { kind: string; text: MqttSubjectMatch; property: string }[] = [];
  for (const { tenant, property } of scopes) {
    const own = property.slice(0, -1);
    const [field, match] = (tenant!.certificate && onlyField(tenant!.certificate)) ?? [undefined, tenant!.username];
    if (!match)
      refuse(
        own,
        `shares the listener "${name}" with others, and nothing tells its clients from theirs`,
        "give each of them a certificate or username match, or a listener of its own",
      );
    const kind = field === undefined ? "username" : `certificate.${field}`;
    for (const other of told) {
      if (other.kind !== kind)
        refuse(
          `${own}.${kind}`,
          `tells clients of the listener "${name}" by another field than ${other.property}.${other.kind}, so a client could be both's`,
          "use the same field for all tenants of a listener",
        );
      if (overlap(match, other.text))
        refuse(
          `${own}.${kind}`,
          `can take the same clients as ${other.property}.${other.kind}`,
          "choose texts of which none begins another",
        );
    }
    told.push({ kind, text: match, property: own });
  }
}

function overlap(one: MqttSubjectMatch, other: MqttSubjectMatch): boolean {
  if (one.exact !== undefined && other.exact !== undefined) return one.exact === other.exact;
  if (one.prefix !== undefined && other.prefix !== undefined)
    return one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  return one.prefix !== undefined ? other.exact!.startsWith(one.prefix) : one.exact!.startsWith(other.prefix!);
}

/** An upstream, and named credentials, that a tenant uses are nobody else's. */
function checkOwnUpstreams(args: MqttProxyArgs, used: Scope[], refuse: Refuser): void {
  const owners = new Map<string, Scope>();
  const claim = (what: string, thing: string, property: string, scope: Scope) => {
    const owner = owners.get(`${what} ${thing}`);
    if (owner && owner !== scope && (owner.tenant || scope.tenant))
      refuse(
        property,
        `names "${thing}", which ${owner.property}routes or ${owner.property}defaultRoute uses too`,
        `give each tenant ${what} of its own`,
      );
    owners.set(`${what} ${thing}`, scope);
  };
  for (const scope of used) {
    for (const [index, route] of scope.routes.entries()) {
      claim("upstreams", route.upstream, `${scope.property}routes[${index}].upstream`, scope);
      if (route.credentials !== undefined)
        claim("namedCredentials", route.credentials, `${scope.property}routes[${index}].credentials`, scope);
    }
    const { upstream } = scope.defaultRoute;
    if (upstream !== undefined) claim("upstreams", upstream, `${scope.property}defaultRoute.upstream`, scope);
  }
  for (const [index, { webSocket }] of (args.listeners ?? []).entries()) {
    const owner = webSocket && owners.get(`upstreams ${webSocket.upstream}`);
    if (owner?.tenant)
      refuse(
        `listeners[${index}].webSocket.upstream`,
        `names "${webSocket!.upstream}", which is the tenant "${owner.tenant.name}"'s`,
        "give the WebSocket listener an upstream of no tenant",
      );
  }
}
