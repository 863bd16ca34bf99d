import { Edition, imageVersion, resolvesAgain } from "../nginx";
import {
  MqttBalancing,
  MqttClientCertificateMode,
  type MqttLimits,
  type MqttListener,
  type MqttListenerTls,
  type MqttProxyArgs,
  type MqttResolver,
  type MqttTenant,
  type MqttUpstream,
} from "./args";
import {
  type CredentialsOwner,
  isAddress,
  type MqttModel,
  type ResolvedListener,
  type ResolvedListenerTls,
  type ResolvedUpstream,
  type ResolvedWebSocket,
  type RouteTable,
  upstreamsOf,
  variableNamePart,
} from "./model";

/** Port of NGINX without `listeners`, and the default port of its Service. */
const standardPort = 1883;

/** First of the loopback ports of the servers with health checks. */
export const firstHealthPort = 19_000;

/** Returns the port on which the pods listen. */
export const targetPortOf = ({ port, targetPort }: MqttListener) => targetPort ?? (port < 1024 ? port + 10_000 : port);

/** Returns the arguments with every default. It also accepts arguments that the rules refuse. */
export function resolveModel(args: MqttProxyArgs): MqttModel {
  const { edition = Edition.plus, limits: { maximumConnectKibibytes = 16, ...limits } = {}, timeouts = {} } = args;
  const own: RouteTable = { id: "proxy", path: "", routes: args.routes ?? [], defaultRoute: args.defaultRoute };
  const all = args.listeners
    ? resolveListeners(args, args.listeners, own, limits)
    : [{ ...listenerDefaults, port: args.port ?? standardPort, limits, tables: [own] }];
  const listeners = all.filter((listener) => !("location" in listener));
  const brokerPort = args.brokerTls ? 8883 : 1883;
  return {
    edition,
    namedListeners: args.listeners !== undefined,
    listeners,
    webSockets: all.filter((listener): listener is ResolvedWebSocket => "location" in listener),
    tables: [...new Set(listeners.flatMap(({ tables }) => tables))],
    owners: resolveCredentialOwners(args),
    upstreams: resolveUpstreams(args, listeners, brokerPort),
    brokerTls: args.brokerTls && {
      trustedCertificatesPem: args.brokerTls.trustedCertificatesPem,
      clientCertificate: args.brokerTls.clientCertificate,
      verifyDepth: args.brokerTls.verifyDepth ?? 3,
      verify: args.brokerTls.unsafeSkipVerification !== true,
    },
    brokerPort,
    maximumConnectKibibytes,
    connectSeconds: timeouts.connectSeconds ?? 10,
    silenceSeconds: Math.ceil((timeouts.longestKeepAliveSeconds ?? 1200) * 1.5),
    snippets: { stream: args.snippets?.stream ?? [], server: args.snippets?.server ?? [] },
  };
}

const listenerDefaults = {
  name: "mqtt",
  path: "",
  targetPort: standardPort,
  proxyProtocolToBrokers: false,
  passCredentials: false,
};

function resolveListeners(
  args: MqttProxyArgs,
  listeners: MqttListener[],
  own: RouteTable,
  defaultLimits: MqttLimits,
): (ResolvedListener | ResolvedWebSocket)[] {
  const tenantTables = (args.tenants ?? []).map((tenant, index): RouteTable & { tenant: MqttTenant } => ({
    id: `tenant_${variableNamePart(tenant.name)}`,
    path: `tenants[${index}].`,
    routes: tenant.routes ?? [],
    defaultRoute: tenant.defaultRoute,
    tenant,
  }));
  return listeners.map((listener, index) => {
    const { name, port, proxyProtocol, limits = defaultLimits, webSocket } = listener;
    const shared = tenantTables.filter(({ tenant }) => tenant.listeners.includes(name));
    const ofListener: RouteTable = {
      id: `listener_${variableNamePart(name)}`,
      path: `listeners[${index}].`,
      routes: listener.routes ?? [],
      defaultRoute: listener.defaultRoute ?? { refuse: true },
    };
    return {
      name,
      port,
      proxyProtocol,
      limits,
      path: `listeners[${index}]`,
      targetPort: targetPortOf(listener),
      tls: listener.tls && resolveTls(listener.tls),
      proxyProtocolToBrokers: listener.proxyProtocolToBrokers ?? false,
      passCredentials: listener.passCredentials ?? false,
      tables: listener.defaultRoute || listener.routes ? [ofListener] : shared.length > 0 ? shared : [own],
      ...(webSocket && {
        upstream: webSocket.upstream,
        brokerPort: webSocket.brokerPort,
        location: webSocket.path ?? "/mqtt",
      }),
    };
  });
}

function resolveTls({ certificate, clientCertificates }: MqttListenerTls): ResolvedListenerTls {
  if (!clientCertificates) return { certificate };
  const { mode, revocation, verifyDepth = 3, ...given } = clientCertificates;
  return {
    certificate,
    clientCertificates: {
      ...given,
      required: mode !== MqttClientCertificateMode.optional,
      verifyDepth,
      crl: revocation?.crl ?? false,
      deniedSerials: revocation?.deniedSerials ?? [],
    },
  };
}

/** Returns the version of an open-source NGINX that is known to be too old to resolve names again and again. */
export function versionWithoutResolver({ edition, pods }: MqttProxyArgs): string | undefined {
  const version = edition === Edition.oss ? imageVersion(pods?.image) : undefined;
  return version !== undefined && !resolvesAgain(version) ? version : undefined;
}

/** Returns the name servers that an upstream asks; undefined where its names are resolved once, and where it has none. */
export function resolverOf(args: MqttProxyArgs, upstream: MqttUpstream): MqttResolver | undefined {
  if (upstream.resolver || upstream.resolveOnce) return upstream.resolver;
  if (versionWithoutResolver(args) || upstream.servers?.every(({ host }) => isAddress(host))) return undefined;
  return args.resolver ?? clusterResolver(args.pods?.openshift === true);
}

/** Returns the name servers of the cluster. Addresses of IPv6 are left out: the pods may have none of their own. */
const clusterResolver = (openshift: boolean): MqttResolver => ({
  addresses: [openshift ? "dns-default.openshift-dns.svc.cluster.local" : "kube-dns.kube-system.svc.cluster.local"],
  validSeconds: 10,
  ipv6: false,
});

function resolveUpstreams(args: MqttProxyArgs, listeners: ResolvedListener[], brokerPort: number): ResolvedUpstream[] {
  const withHeader = new Set(
    listeners.filter(({ proxyProtocolToBrokers }) => proxyProtocolToBrokers).flatMap(upstreamsOf),
  );
  let healthChecks = 0;
  return args.upstreams.map((upstream, index) => ({
    ...upstream,
    resolver: resolverOf(args, upstream),
    servers: upstream.servers.map((server, position) => ({
      ...server,
      port: server.port ?? brokerPort,
      path: `upstreams[${index}].servers[${position}]`,
    })),
    serverNamePath: `upstreams[${index}].${upstream.serverName === undefined ? "servers[0].host" : "serverName"}`,
    serverName: upstream.serverName ?? upstream.servers[0]?.host ?? "",
    balancing: upstream.balancing ?? MqttBalancing.clientId,
    healthPort: firstHealthPort + (upstream.healthCheck ? healthChecks++ : 0),
    proxyProtocol: withHeader.has(upstream.name),
  }));
}

function resolveCredentialOwners({
  credentials,
  namedCredentials = [],
  tenants = [],
}: MqttProxyArgs): CredentialsOwner[] {
  return [
    ...(credentials ? [{ name: "default", path: "credentials", credentials }] : []),
    ...namedCredentials.map((named, index) => ({
      name: named.name,
      path: `namedCredentials[${index}].credentials`,
      credentials: named.credentials,
    })),
    ...tenants.flatMap((tenant, index) =>
      tenant.credentials
        ? [{ name: tenant.name, path: `tenants[${index}].credentials`, credentials: tenant.credentials }]
        : [],
    ),
  ];
}
