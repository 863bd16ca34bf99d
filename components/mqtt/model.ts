import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import type { Edition } from "../nginx";
import type { CertificateReference } from "../pki";
import type {
  MqttBalancing,
  MqttCertificateUsername,
  MqttCredentials,
  MqttDefaultRoute,
  MqttLimits,
  MqttProxyProtocol,
  MqttRoute,
  MqttServer,
  MqttSnippets,
  MqttTenant,
  MqttUpstream,
} from "./args";

/** Routes and default route of the proxy, of a listener, or of a tenant. */
export interface RouteTable {
  /** Part of the names of the variables of these routes. */
  id: string;
  /** Path of the argument with `routes` and `defaultRoute`, and a full stop: `tenants[0].`; empty for those of the proxy. */
  path: string;
  routes: MqttRoute[];
  defaultRoute: MqttDefaultRoute;
  tenant?: MqttTenant;
}

/** Credentials of the proxy, of routes or of a tenant. */
export interface CredentialsOwner {
  /** End of the names of the variables of these credentials; `default` for those of the proxy. */
  name: string;
  /** Path of the argument. */
  path: string;
  credentials: MqttCredentials;
}

/** Verification of the certificates of a listener's clients. */
export interface ResolvedClientCertificates {
  required: boolean;
  /** PEM of the authorities; otherwise `trustedCertificates` is the Secret with them. */
  trustedCertificatesPem?: Input<string>;
  trustedCertificates?: CertificateReference;
  crl: boolean;
  crlPem?: Input<string>;
  verifyDepth: number;
  deniedSerials: string[];
}

/** TLS of a listener. */
export interface ResolvedListenerTls {
  certificate: CertificateReference;
  clientCertificates?: ResolvedClientCertificates;
}

/** A listener with its defaults, and the routes of its clients. */
export interface ResolvedListener {
  name: string;
  /** Path of its argument; empty for the listener on `port`. */
  path: string;
  port: number;
  targetPort: number;
  tls?: ResolvedListenerTls;
  proxyProtocol?: MqttProxyProtocol;
  proxyProtocolToBrokers: boolean;
  passCredentials: boolean;
  limits: MqttLimits;
  /** Route tables of its clients: several if tenants share the listener. */
  tables: RouteTable[];
}

/** A listener for MQTT over WebSocket. */
export interface ResolvedWebSocket extends ResolvedListener {
  upstream: string;
  brokerPort: number;
  location: string;
}

/** A broker with its port; with `service` the port of its SRV records counts. */
export interface ResolvedServer extends Omit<MqttServer, "port"> {
  port: number;
  /** Path of its argument. */
  path: string;
}

/** An upstream with its defaults. */
export interface ResolvedUpstream extends Omit<MqttUpstream, "servers" | "serverName" | "balancing"> {
  servers: ResolvedServer[];
  serverName: Input<string>;
  /** Path of the argument with the server name. */
  serverNamePath: string;
  balancing: MqttBalancing;
  /** Loopback port of the server with its health check. */
  healthPort: number;
  /** `true`: connections to its brokers begin with the header of the PROXY protocol. */
  proxyProtocol: boolean;
}

/** TLS to the brokers with its defaults. */
export interface ResolvedBrokerTls {
  trustedCertificatesPem?: Input<string>;
  clientCertificate?: CertificateReference;
  verifyDepth: number;
  verify: boolean;
}

/** Arguments of an MqttProxy with every default: listeners, route tables, credentials and upstreams. */
export interface MqttModel {
  edition: Edition;
  /** `true`: the arguments have `listeners`. */
  namedListeners: boolean;
  /** Listeners of the `stream` block. */
  listeners: ResolvedListener[];
  /** Listeners of the `http` block. */
  webSockets: ResolvedWebSocket[];
  /** Route tables that listeners use. */
  tables: RouteTable[];
  owners: CredentialsOwner[];
  upstreams: ResolvedUpstream[];
  brokerTls?: ResolvedBrokerTls;
  /** Default port of brokers. */
  brokerPort: number;
  maximumConnectKibibytes: number;
  connectSeconds: number;
  /** Time without data after which a connection is closed, in seconds: one and a half times the longest keep alive. */
  silenceSeconds: number;
  snippets: Required<MqttSnippets>;
}

/** Returns whether a host is known to be an address, which no resolver is asked for. */
export const isAddress = (host: Input<string>) => typeof host === "string" && isIP(host) !== 0;

/** Returns the names of the upstreams that the routes of a listener refer to. */
export const upstreamsOf = ({ tables }: ResolvedListener): string[] =>
  tables.flatMap(({ routes, defaultRoute }) => [
    ...routes.map(({ upstream }) => upstream),
    ...(defaultRoute?.upstream === undefined ? [] : [defaultRoute.upstream]),
  ]);

/** Returns a name as a part of a variable's name, with `__` for `-`. The endings that the proxy adds begin with one `_`, so names never collide with them. */
export const variableNamePart = (name: string) => name.replace(/-/g, "__");

/** Returns the owner of the credentials of each route of a table; undefined if the clients' own are passed on. */
export function credentialsOf(
  { owners }: Pick<MqttModel, "owners">,
  { passCredentials }: Pick<ResolvedListener, "passCredentials">,
  table: RouteTable,
): (CredentialsOwner | undefined)[] {
  const named = (name: string | undefined) => owners.find((owner) => owner.name === name);
  const others = table.tenant
    ? table.tenant.credentials && named(table.tenant.name)
    : passCredentials
      ? undefined
      : named("default");
  const { upstream, clientIdAsHost } = table.defaultRoute;
  return [
    ...table.routes.map((route) => (route.credentials === undefined ? others : named(route.credentials))),
    ...(upstream !== undefined || clientIdAsHost ? [others] : []),
  ];
}

/** Returns whether the proxy writes credentials into the CONNECTs of a listener; the rules refuse listeners where it does so for some clients only. */
export const rewritesConnect = (model: MqttModel, listener: ResolvedListener): boolean =>
  listener.tables.some((table) => credentialsOf(model, listener, table).some((owner) => owner !== undefined));

/** Returns the certificate fields that become user names for a table's clients on a listener; their certificates must have them. */
export const requiredFields = (
  model: MqttModel,
  listener: ResolvedListener,
  table: RouteTable,
): MqttCertificateUsername[] => [
  ...new Set(
    credentialsOf(model, listener, table).flatMap((owner) => owner?.credentials.usernameFromCertificate ?? []),
  ),
];

/** Returns all certificate fields that become user names. Files of credentials refer to them, even if no client uses the credentials. */
export const usernameFields = ({ owners }: MqttModel): MqttCertificateUsername[] => [
  ...new Set(owners.flatMap(({ credentials }) => credentials.usernameFromCertificate ?? [])),
];

/** Returns whether some routes have named credentials: the upstream alone then does not determine the owner. */
export const hasNamedCredentials = ({ tables }: MqttModel): boolean =>
  tables.some(({ routes }) => routes.some(({ credentials }) => credentials !== undefined));
