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

/** Routes, and the route of all other clients: those of the proxy, of a listener, or of a tenant. */
export interface RouteTable {
  /** Part of the names of its variables. */
  id: string;
  /** Path of the argument with `routes` and `defaultRoute`, with a full stop at its end; empty for the proxy's own. */
  path: string;
  routes: MqttRoute[];
  defaultRoute: MqttDefaultRoute;
  tenant?: MqttTenant;
}

/** Credentials of the proxy, of routes or of a tenant. */
export interface CredentialsOwner {
  /** End of the names of its variables; that of the proxy is `default`. */
  name: string;
  /** Path of the argument. */
  path: string;
  credentials: MqttCredentials;
}

/** Certificates that a listener asks its clients for. */
export interface ResolvedClientCertificates {
  required: boolean;
  /** PEM of the authorities, or the Secret that has them. */
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
  /** Several only where tenants share it. */
  tables: RouteTable[];
}

/** A listener for MQTT over WebSocket. */
export interface ResolvedWebSocket extends ResolvedListener {
  upstream: string;
  brokerPort: number;
  location: string;
}

/** A broker with its port; SRV records give the port where there is a service. */
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
  /** Port on the pod's loopback of the server with its health check. */
  healthPort: number;
  /** Whether connections to its brokers begin with the header of the PROXY protocol. */
  proxyProtocol: boolean;
}

/** TLS to the brokers with its defaults. */
export interface ResolvedBrokerTls {
  trustedCertificatesPem?: Input<string>;
  clientCertificate?: CertificateReference;
  verifyDepth: number;
  verify: boolean;
}

/** An MqttProxy with every default: listeners, routes, credentials and upstreams, each once. */
export interface MqttModel {
  edition: Edition;
  /** Whether the user named the listeners. */
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
  /** Port of brokers for which none is given. */
  brokerPort: number;
  maximumConnectKibibytes: number;
  connectSeconds: number;
  /** Time of silence after which a client counts as lost: one and a half times the longest keep alive. */
  silenceSeconds: number;
  snippets: Required<MqttSnippets>;
}

/** Returns whether a host is known to be an address, which no resolver is asked for. */
export const isAddress = (host: Input<string>) => typeof host === "string" && isIP(host) !== 0;

/** Returns the names of the upstreams that clients of a listener can get. */
export const upstreamsOf = ({ tables }: ResolvedListener): string[] =>
  tables.flatMap(({ routes, defaultRoute }) => [
    ...routes.map(({ upstream }) => upstream),
    ...(defaultRoute?.upstream === undefined ? [] : [defaultRoute.upstream]),
  ]);

/** Returns a name as a part of a variable's name: with `__` for `-`, so that it differs from every name with an ending of ours, which begins with one `_`. */
export const variableNamePart = (name: string) => name.replace(/-/g, "__");

/** Returns the owners of the credentials that a table's clients get, route by route; undefined where their own are passed on. */
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

/** Returns whether the clients of a listener get credentials: all of them or none, by the rules. */
export const rewritesConnect = (model: MqttModel, listener: ResolvedListener): boolean =>
  listener.tables.some((table) => credentialsOf(model, listener, table).some((owner) => owner !== undefined));

/** Returns the fields that the certificates of a table's clients on a listener must have, since they become user names. */
export const requiredFields = (
  model: MqttModel,
  listener: ResolvedListener,
  table: RouteTable,
): MqttCertificateUsername[] => [
  ...new Set(
    credentialsOf(model, listener, table).flatMap((owner) => owner?.credentials.usernameFromCertificate ?? []),
  ),
];

/** Returns all fields of certificates that become user names: the files of credentials name them, also those of owners without clients. */
export const usernameFields = ({ owners }: MqttModel): MqttCertificateUsername[] => [
  ...new Set(owners.flatMap(({ credentials }) => credentials.usernameFromCertificate ?? [])),
];

/** Returns whether some routes have credentials of their own, so that the upstream alone does not give the owner. */
export const hasNamedCredentials = ({ tables }: MqttModel): boolean =>
  tables.some(({ routes }) => routes.some(({ credentials }) => credentials !== undefined));
