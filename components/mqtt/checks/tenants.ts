import type { Argument } from "../../foundation";
import { MqttClientCertificateMode, type MqttProxyArgs, type MqttSubjectMatch, type MqttTenant } from "../args";
import { certificateMatch } from "../certificate-fields";
import type { MqttModel, ResolvedListener, RouteTable } from "../model";
import { checkShortName, type RefuseAt } from "./credentials";
import { checkCertificateMatch, checkSubjectMatch } from "./matches";
import { checkRoutes, type RouteNames } from "./routes";

/** Checks the tenants by themselves. */
export function checkTenants(argument: Argument<MqttProxyArgs>, names: RouteNames): void {
  argument.field("tenants").given((tenants) => {
    tenants.notEmpty("give at least one, or remove it");
    if (!argument.value.listeners)
      tenants.refuse("are given without listeners", "name the listeners on which their clients connect");
    const taken = new Set<unknown>();
    const refused = new Set<string>();
    for (const tenant of tenants.entries())
      tenant.check(
        () => checkShortName(tenant.field("name"), taken),
        () => checkTenantListeners(argument.value, tenant, refused),
        () => checkRoutes(tenant, names),
        checkTenantFields,
      );
  });
}

function checkTenantFields(tenant: Argument<MqttTenant>): void {
  const { certificate, username, credentials, defaultRoute } = tenant.value;
  if (certificate && username) tenant.refuse("has both certificate and username", "give one of the two");
  tenant.field("certificate").given(checkCertificateMatch);
  tenant.field("username").given(checkSubjectMatch);
  if (defaultRoute?.clientIdAsHost)
    tenant
      .field("defaultRoute")
      .field("clientIdAsHost")
      .refuse(
        "is given for a tenant",
        "name its brokers as upstreams: a host that a client names may be another tenant's",
      );
  if (username && !certificate && credentials)
    tenant
      .field("credentials")
      .refuse(
        "would be sent for anyone who sends such a user name",
        "tell the tenant by certificate or by a listener of its own, or pass the clients' own credentials on",
      );
}

/** @param refused names of listeners that are refused already, for all tenants */
function checkTenantListeners({ listeners }: MqttProxyArgs, tenant: Argument<MqttTenant>, refused: Set<string>): void {
  const names = tenant.field("listeners");
  names.notEmpty("name at least one listener");
  if (!listeners) return;
  for (const name of names.entries()) {
    const listener = listeners.find((one) => one.name === name.value);
    if (!listener) {
      name.refuse(
        `names "${name.value}", which is no listener`,
        `use one of ${listeners.map((one) => one.name).join(", ")}`,
      );
      continue;
    }
    if (listener.webSocket)
      name.refuse(
        `names "${name.value}", a WebSocket listener, which has one upstream for all`,
        "use a listener over TCP, or an upstream of no tenant there",
      );
    if (refused.has(name.value)) continue;
    if (!listener.webSocket && (listener.routes || listener.defaultRoute)) {
      refused.add(name.value);
      name.refuse(`names "${name.value}", which has routes of its own`, "remove routes and defaultRoute there");
    }
    const certificates = listener.tls?.clientCertificates;
    if (tenant.value.certificate && (!certificates || certificates.mode === MqttClientCertificateMode.optional)) {
      refused.add(name.value);
      tenant
        .field("certificate")
        .refuse(
          `is given, and the listener "${name.value}" requires no client certificates`,
          "set tls.clientCertificates there, in the mode required",
        );
    }
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
  const told: { kind: string; text: MqttSubjectMatch; path: string }[] = [];
  for (const table of tables) {
    const path = table.path.slice(0, -1);
    const { certificate, username } = table.tenant!;
    const [field, match] = (certificate && certificateMatch(certificate)) ?? [undefined, username];
    if (!match) {
      if (!certificate && !refused.has(table))
        refuse(
          path,
          `shares the listener "${name}" with others, and nothing tells its clients apart`,
          "give each of them a certificate or username match, or a listener of its own",
        );
      refused.add(table);
      continue;
    }
    const kind = field === undefined ? "username" : `certificate.${field}`;
    const other = told.find((one) => one.kind !== kind || overlap(match, one.text));
    if (other && other.kind !== kind)
      refuse(
        `${path}.${kind}`,
        `tells clients of the listener "${name}" by another field than ${other.path}.${other.kind}, so a client could be of both`,
        "use the same field for all tenants of a listener",
      );
    else if (other)
      refuse(
        `${path}.${kind}`,
        `can take the same clients as ${other.path}.${other.kind}`,
        "write texts of which none begins another",
      );
    told.push({ kind, text: match, path });
  }
}

function overlap(one: MqttSubjectMatch, other: MqttSubjectMatch): boolean {
  if (one.exact !== undefined && other.exact !== undefined) return one.exact === other.exact;
  if (one.prefix !== undefined && other.prefix !== undefined)
    return one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  const [exact, prefix] = [one.exact ?? other.exact, one.prefix ?? other.prefix];
  return exact !== undefined && prefix !== undefined && exact.startsWith(prefix);
}

/** Checks that an upstream, and named credentials, that a tenant uses have no other user. */
function checkOwnUpstreams({ tables, webSockets }: MqttModel, refuse: RefuseAt): void {
  const owners = new Map<string, RouteTable>();
  const claim = (kind: string, name: string, path: string, table: RouteTable) => {
    const owner = owners.get(`${kind} ${name}`);
    if (owner && owner !== table && (owner.tenant || table.tenant))
      refuse(
        path,
        `names "${name}", which ${owner.path}routes or ${owner.path}defaultRoute uses too`,
        `give each tenant ${kind} of its own`,
      );
    owners.set(`${kind} ${name}`, table);
  };
  for (const table of tables) {
    for (const [index, route] of table.routes.entries()) {
      claim("upstreams", route.upstream, `${table.path}routes[${index}].upstream`, table);
      if (route.credentials !== undefined)
        claim("namedCredentials", route.credentials, `${table.path}routes[${index}].credentials`, table);
    }
    const upstream = table.defaultRoute?.upstream;
    if (upstream !== undefined) claim("upstreams", upstream, `${table.path}defaultRoute.upstream`, table);
  }
  for (const { path, upstream } of webSockets) {
    const owner = owners.get(`upstreams ${upstream}`);
    if (owner?.tenant)
      refuse(
        `${path}.webSocket.upstream`,
        `names "${upstream}", which belongs to the tenant "${owner.tenant.name}"`,
        "give the WebSocket listener an upstream of no tenant",
      );
  }
}
