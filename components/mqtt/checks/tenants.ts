import type { Argument } from "../../foundation";
import type { MqttProxyArgs, MqttSubjectMatch, MqttTenant } from "../args";
import { certificateMatch } from "../certificate-fields";
import type { MqttModel, ResolvedListener, RouteTable } from "../model";
import { checkCertificateMatch, checkSubjectMatch } from "./client-matches";
import type { RefuseAt } from "./credentials";
import { checkOwnerName, type KnownNames } from "./names";
import { checkRoutes } from "./routes";

/** Checks the tenants by themselves. */
export function checkTenants(argument: Argument<MqttProxyArgs>, names: KnownNames): void {
  const tenants = argument.field("tenants");
  tenants.notEmpty("give at least one, or remove it");
  if (!argument.value.listeners)
    tenants.notGiven("are given without listeners", "name the listeners on which their clients connect");
  const taken = new Set<unknown>();
  const refused = new Set<string>();
  for (const tenant of tenants.entries())
    tenant.check(
      () => checkOwnerName(tenant.field("name"), taken),
      () => checkTenantListeners(argument.value, tenant, refused),
      () => checkRoutes(tenant, names),
      checkTenantFields,
    );
}

function checkTenantFields(tenant: Argument<MqttTenant>): void {
  const { certificate, username } = tenant.value;
  if (certificate && username) tenant.refuse("has both certificate and username", "give one of the two");
  tenant.field("certificate").given(checkCertificateMatch);
  tenant.field("username").given(checkSubjectMatch);
  tenant
    .field("defaultRoute")
    .field("clientIdAsHost")
    .notGiven(
      "is given for a tenant",
      "name its brokers as upstreams: a host that a client names may be another tenant's",
    );
  if (username && !certificate)
    tenant
      .field("credentials")
      .notGiven(
        "would be sent for any client with such a user name",
        "match the tenant by certificate, give it a listener of its own, or remove credentials: the clients' own are passed on",
      );
}

/** @param refused names of listeners that are refused already, for all tenants */
function checkTenantListeners({ listeners }: MqttProxyArgs, tenant: Argument<MqttTenant>, refused: Set<string>): void {
  const names = tenant.field("listeners");
  names.notEmpty("name at least one listener");
  for (const name of listeners ? names.entries() : []) {
    const listener = listeners!.find((one) => one.name === name.value);
    if (!listener) {
      const known = listeners!.map((one) => one.name).join(", ");
      name.refuse(`names "${name.value}", which is not a listener`, `use one of ${known}`);
    } else if (listener.webSocket)
      name.refuse(
        `names "${name.value}", a WebSocket listener, which has one upstream for all`,
        "use a listener over TCP, or give that listener an upstream that no tenant uses",
      );
    else if ((listener.routes || listener.defaultRoute) && !refused.has(name.value))
      name.refuse(`names "${name.value}", which has routes of its own`, "remove routes and defaultRoute there");
    refused.add(name.value);
  }
}

/** Checks that the clients of a tenant cannot be another's, and that its upstreams and credentials are its own. */
export function checkIsolation(model: MqttModel, refuse: RefuseAt): void {
  const told = new Set<RouteTable>();
  for (const listener of model.listeners) checkSharing(listener, told, refuse);
  checkOwnUpstreams(model, refuse);
}

/**
 * Checks that one field tells the tenants of a listener apart, by texts of which a client can have one only.
 *
 * @param refused tables that are refused already, since nothing tells their clients apart
 */
function checkSharing({ name, tables }: ResolvedListener, refused: Set<RouteTable>, refuse: RefuseAt): void {
  if (tables.length < 2) return;
  const earlier: { kind: string; text: MqttSubjectMatch; at: string }[] = [];
  for (const table of tables) {
    const path = table.path.slice(0, -1);
    const { certificate, username } = table.tenant!;
    const [field, text] = (certificate && certificateMatch(certificate)) ?? [undefined, username];
    if (!text) {
      if (!certificate && !refused.has(table))
        refuse(
          path,
          `shares the listener "${name}" with other tenants, and has no match for its clients`,
          "give each of them a certificate or username match, or a listener of its own",
        );
      refused.add(table);
      continue;
    }
    const kind = field === undefined ? "username" : `certificate.${field}`;
    const at = `${path}.${kind}`;
    const other = earlier.find((one) => one.kind !== kind || overlap(text, one.text));
    if (other && other.kind !== kind)
      refuse(
        at,
        `is another field than ${other.at} on the listener "${name}", so a client could belong to both tenants`,
        "use the same field for all tenants of a listener",
      );
    else if (other)
      refuse(at, `can match the same clients as ${other.at}`, "write texts of which none is the beginning of another");
    earlier.push({ kind, text, at });
  }
}

/** Returns whether one client can have both texts. */
function overlap(one: MqttSubjectMatch, other: MqttSubjectMatch): boolean {
  const begins = (text = "", { exact, prefix }: MqttSubjectMatch) =>
    exact === undefined ? prefix !== undefined && text.startsWith(prefix) : exact === text;
  return begins(one.exact ?? one.prefix, other) || begins(other.exact ?? other.prefix, one);
}

/** Checks that an upstream, and named credentials, that a tenant uses have no other user. */
function checkOwnUpstreams({ tables, webSockets }: MqttModel, refuse: RefuseAt): void {
  const users = new Map<string, RouteTable>();
  for (const table of tables)
    for (const { kind, name, at } of listUses(table)) {
      const user = users.get(`${kind} ${name}`);
      if (user && user !== table && (user.tenant || table.tenant))
        refuse(
          at,
          `names "${name}", which ${user.path}routes or ${user.path}defaultRoute uses too`,
          `give each tenant ${kind} of its own`,
        );
      users.set(`${kind} ${name}`, table);
    }
  for (const { path, upstream } of webSockets) {
    const { tenant } = users.get(`upstreams ${upstream}`) ?? {};
    if (tenant)
      refuse(
        `${path}.webSocket.upstream`,
        `names "${upstream}", which belongs to the tenant "${tenant.name}"`,
        "give the WebSocket listener an upstream that no tenant uses",
      );
  }
}

/** Returns the upstreams and named credentials that a table refers to, and the paths of the references. */
const listUses = ({ path, routes, defaultRoute }: RouteTable) =>
  [
    ...routes.flatMap(({ upstream, credentials }, index) => [
      { kind: "upstreams", name: upstream, at: `${path}routes[${index}].upstream` },
      { kind: "namedCredentials", name: credentials, at: `${path}routes[${index}].credentials` },
    ]),
    { kind: "upstreams", name: defaultRoute?.upstream, at: `${path}defaultRoute.upstream` },
  ].filter(({ name }) => name !== undefined);
