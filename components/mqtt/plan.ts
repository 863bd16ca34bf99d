import type { MqttCertificateUsername, MqttCredentials } from "./mqtt-credentials-args";
import type { MqttListener } from "./mqtt-listener-args";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { MqttDefaultRoute, MqttRoute } from "./mqtt-route-args";
import type { MqttTenant } from "./mqtt-tenant-args";

/** The port that NGINX listens on, and that its Service has unless told otherwise. */
export const standardPort = 1883;

/** Routes, and what becomes of the rest: those of the proxy, of a listener, or of a tenant. */
export interface Scope {
  /** Part of the names of its variables. */
  id: string;
  /** Path of its arguments, before `routes`. */
  property: string;
  routes: MqttRoute[];
  defaultRoute: MqttDefaultRoute;
  tenant?: MqttTenant;
}

/** Credentials and whose they are. */
export interface CredentialsOwner {
  /** End of the names of its variables; that of the proxy is `default`. */
  name: string;
  /** Path of the argument. */
  property: string;
  credentials: MqttCredentials;
}

/** A listener, with all that follows from the other arguments. */
export interface PlannedListener extends MqttListener {
  /** Path of its argument; empty for the one that is there by itself. */
  property: string;
  targetPort: number;
  /** Several only where tenants share it. */
  scopes: Scope[];
}

/** Who listens, who is routed by what, and whose credentials there are. */
export interface Plan {
  /** Those that NGINX's `stream` block has. */
  listeners: PlannedListener[];
  /** Those that its `http` block has. */
  webSockets: PlannedListener[];
  scopes: Scope[];
  owners: CredentialsOwner[];
}

const portOfPods = ({ port, targetPort }: MqttListener) => targetPort ?? (port < 1024 ? port + 10_000 : port);

/** What the arguments come to; they need not have been checked. */
export function planOf(args: MqttProxyArgs): Plan {
  const { routes = [], defaultRoute, tenants = [] } = args;
  const own: Scope = { id: "proxy", property: "", routes, defaultRoute };
  const tenantScopes = tenants.map(
    (tenant, index): Scope => ({
      id: `tenant_${variablePart(tenant.name)}`,
      property: `tenants[${index}].`,
      routes: tenant.routes ?? [],
      defaultRoute: tenant.defaultRoute,
      tenant,
    }),
  );
  const planned = (listener: MqttListener, index: number): PlannedListener => {
    const shared = tenantScopes.filter(({ tenant }) => tenant!.listeners.includes(listener.name));
    const property = `listeners[${index}]`;
    const ofListener: Scope = {
      id: `listener_${variablePart(listener.name)}`,
      property: `${property}.`,
      routes: listener.routes ?? [],
      defaultRoute: listener.defaultRoute ?? { refuse: true },
    };
    const scopes = listener.defaultRoute || listener.routes ? [ofListener] : shared.length > 0 ? shared : [own];
    return { ...listener, property, targetPort: portOfPods(listener), scopes };
  };
  const listeners = args.listeners?.map(planned) ?? [
    { name: "mqtt", port: args.port ?? standardPort, targetPort: standardPort, property: "", scopes: [own] },
  ];
  const stream = listeners.filter(({ webSocket }) => webSocket === undefined);
  return {
    listeners: stream,
    webSockets: listeners.filter(({ webSocket }) => webSocket !== undefined),
    scopes: [...new Set(stream.flatMap(({ scopes }) => scopes))],
    owners: ownersOf(args),
  };
}

/** A name as a part of a variable's: with `__` for `-`, so that no name with an ending of ours, all of which begin with one `_`, is another name. */
export const variablePart = (name: string) => name.replace(/-/g, "__");

function ownersOf({ credentials, namedCredentials = [], tenants = [] }: MqttProxyArgs): CredentialsOwner[] {
  return [
    ...(credentials ? [{ name: "default", property: "credentials", credentials }] : []),
    ...namedCredentials.map((named, index) => ({
      name: named.name,
      property: `namedCredentials[${index}].credentials`,
      credentials: named.credentials,
    })),
    ...tenants.flatMap((tenant, index) =>
      tenant.credentials
        ? [{ name: tenant.name, property: `tenants[${index}].credentials`, credentials: tenant.credentials }]
        : [],
    ),
  ];
}

/** Whose credentials the clients of a scope get, route by route; undefined where their own go through. */
export function credentialsOf(
  { owners }: Plan,
  { passCredentials }: Pick<MqttListener, "passCredentials">,
  scope: Scope,
): (CredentialsOwner | undefined)[] {
  const named = (name: string | undefined) => owners.find((owner) => owner.name === name);
  const others = scope.tenant
    ? scope.tenant.credentials && named(scope.tenant.name)
    : passCredentials
      ? undefined
      : named("default");
  const { upstream, clientIdAsHost } = scope.defaultRoute;
  return [
    ...scope.routes.map((route) => (route.credentials === undefined ? others : named(route.credentials))),
    ...(upstream !== undefined || clientIdAsHost ? [others] : []),
  ];
}

/** Whether the clients of a listener get credentials: all of them or none, as the checks see to. */
export const injects = (plan: Plan, listener: PlannedListener): boolean =>
  listener.scopes.some((scope) => credentialsOf(plan, listener, scope).some((owner) => owner !== undefined));

/** What the certificates of a scope's clients on a listener must have, since it becomes their user name. */
export const neededFromCertificate = (
  plan: Plan,
  listener: PlannedListener,
  scope: Scope,
): MqttCertificateUsername[] => [
  ...new Set(credentialsOf(plan, listener, scope).flatMap((owner) => owner?.credentials.usernameFromCertificate ?? [])),
];

/** What of certificates becomes a user name, wherever clients have any use of it: the files of credentials name it all the same. */
export const usernamesFromCertificates = ({ owners }: Plan): MqttCertificateUsername[] => [
  ...new Set(owners.flatMap(({ credentials }) => credentials.usernameFromCertificate ?? [])),
];

/** Whether some routes have credentials of their own, so that the upstream alone does not say whose they are. */
export const hasNamed = ({ scopes }: Plan): boolean =>
  scopes.some(({ routes }) => routes.some(({ credentials }) => credentials !== undefined));
