/** A file of `test/dataplane/`, and the name of a test in it as it is written there. */
type WireTest = [file: string, name: string];

const rejoin: WireTest = [
  "mqtt-upstreams",
  "by client id, a weight of 9 gets most clients, and each client comes back",
];
const turns: WireTest = ["mqtt-upstreams", "in turn, a weight of 3 gets three clients of four"];
const required: WireTest = [
  "mqtt-listeners",
  "where certificates are required, the good one gets in, by its common name or by client id; none, a listed and a denied one do not",
];
const optional: WireTest = [
  "mqtt-listeners",
  "where certificates are optional, none is as good as one, a stranger's is not, and the clients' own credentials go through",
];
const named: WireTest = ["mqtt-listeners", "a route has credentials of its own"];
const tenants: WireTest = ["mqtt-tenants", "each device gets to its tenant's broker with its tenant's credentials"];
const said: WireTest = [
  "mqtt-tenants",
  "a tenant that is told by user name has its clients' own credentials, which the broker checks",
];
const routes: WireTest = ["mqtt-isolation", "into the vault goes exactly the %s that is a route"];
const sharedPorts: WireTest = [
  "mqtt-listeners",
  "one in the clear and one with TLS have the proxy's routes, by user name and the rest",
];
const alternative: WireTest = [
  "mqtt-alternative-names",
  "each device gets to its tenant's broker, and its name is its user name where that is meant",
];
const subject: WireTest = ["mqtt-options", "the user name is the whole subject, with %s"];
const kept: WireTest = ["mqtt-options", "a tenant's credentials are those of a Secret that something else keeps"];
const unknown: WireTest = [
  "mqtt-one-port",
  "with unsafeSkipVerification an unverified broker gets the credentials of an existing Secret",
];
const raw: WireTest = ["mqtt-one-port", "raw nodes stand in stream and in the listener's server"];
const direct: WireTest = [
  "mqtt-proxy",
  "the broker rejects direct connections: in the clear, without a certificate, with a stranger's, without the password",
];
const host: WireTest = ["mqtt-relay", "%s is allowed"];
const webSocket: WireTest = [
  "mqtt-listeners",
  "a WebSocket listener carries clients to its upstream, by their own path and protocol",
];
const balanced: WireTest = ["mqtt-options", "D3: the PROXY protocol's version %s brings in a client over %s, %s"];
const received: WireTest = [
  "mqtt-options",
  "a connection is sent no more than its rate, and one without a limit all at once",
];
const failures: WireTest = [
  "mqtt-upstreams",
  "a server that refuses connections is left alone for a while, after so many failures",
];

const names: WireTest = [
  "mqtt-names",
  "leaves the other upstreams alone at start; the log names it, and its clients get through once it does",
];

/** Each option that Debian's NGINX can run, with a test that shows it on the wire. */
export const wireTests: Record<string, WireTest> = {
  "CertificateReference.secretName": sharedPorts,
  "ClientRevocation.crl": required,
  "ClientRevocation.deniedSerials": required,
  "ExistingMqttCredentials.key": kept,
  "ExistingMqttCredentials.name": kept,
  "MqttBalancing.clientId": rejoin,
  "MqttBalancing.leastConnections": ["mqtt-upstreams", "the one with the fewest connections gets the next"],
  "MqttBalancing.roundRobin": turns,
  "MqttBrokerTls.clientCertificate": direct,
  "MqttBrokerTls.trustedCertificatesPem": [
    "mqtt-broker-tls",
    "a broker with another name is told nothing, by neither listener",
  ],
  "MqttBrokerTls.unsafeSkipVerification": unknown,
  "MqttBrokerTls.verifyDepth": ["mqtt-broker-tls", "with a depth of %d, as many may stand between"],
  "MqttCertificateMatch.commonName": [
    "mqtt-isolation",
    "a common name is exactly a route of its tenant, and of no other",
  ],
  "MqttCertificateMatch.dnsName": alternative,
  "MqttCertificateMatch.emailAddress": alternative,
  "MqttCertificateMatch.organization": optional,
  "MqttCertificateMatch.organizationalUnit": [
    "mqtt-isolation",
    "an organizational unit belongs to exactly one tenant, or to none",
  ],
  "MqttCertificateMatch.uri": alternative,
  "MqttCertificateUsername.commonName": tenants,
  "MqttCertificateUsername.dnsName": alternative,
  "MqttCertificateUsername.emailAddress": alternative,
  "MqttCertificateUsername.subject": subject,
  "MqttCertificateUsername.uri": alternative,
  "MqttClientCertificateMode.optional": optional,
  "MqttClientCertificateMode.required": required,
  "MqttClientCertificates.crlPem": [
    "mqtt-listeners",
    "what is no WebSocket, another path, a listed and a denied certificate get no further",
  ],
  "MqttClientCertificates.trustedCertificates": required,
  "MqttClientCertificates.mode": optional,
  "MqttClientCertificates.revocation": required,
  "MqttClientCertificates.trustedCertificatesPem": optional,
  "MqttClientCertificates.verifyDepth": [
    "mqtt-options",
    "as many intermediate certificates as the depth says may stand above a client's",
  ],
  "MqttClientIdAsHost.hosts": host,
  "MqttClientIdAsHost.port": host,
  "MqttClientIdAsHost.resolvers": host,
  "MqttClientIdMatch.exact": routes,
  "MqttClientIdMatch.prefix": routes,
  "MqttClientIdMatch.regex": routes,
  "MqttCredentials.existing": unknown,
  "MqttCredentials.password": tenants,
  "MqttCredentials.unsafeSendToUnverifiedBrokers": tenants,
  "MqttCredentials.username": tenants,
  "MqttCredentials.usernameFromCertificate": subject,
  "MqttDefaultRoute.clientIdAsHost": host,
  "MqttDefaultRoute.refuse": ["mqtt-proxy", "a client id that is %s reaches no broker"],
  "MqttDefaultRoute.upstream": tenants,
  "MqttLimits.connectionsPerAddress": [
    "mqtt-listeners",
    "an address has as many connections as the limit, and another address its own",
  ],
  "MqttLimits.downloadBytesPerSecond": received,
  "MqttLimits.uploadBytesPerSecond": [
    "mqtt-options",
    "a connection sends no more than its rate, and one without a limit all at once",
  ],
  "MqttListener.defaultRoute": required,
  "MqttListener.limits": received,
  "MqttListener.name": balanced,
  "MqttListener.passCredentials": optional,
  "MqttListener.port": sharedPorts,
  "MqttListener.proxyProtocol": balanced,
  "MqttListener.proxyProtocolToBrokers": [
    "mqtt-broker-tls",
    "D3: the PROXY header comes before TLS, and the credentials in the CONNECT inside it",
  ],
  "MqttListener.routes": required,
  "MqttListener.targetPort": ["mqtt-options", "a listener without limits of its own has the proxy's"],
  "MqttListener.tls": sharedPorts,
  "MqttListener.webSocket": webSocket,
  "MqttListenerTls.certificate": sharedPorts,
  "MqttListenerTls.clientCertificates": required,
  "MqttNamedCredentials.credentials": named,
  "MqttNamedCredentials.name": named,
  "MqttProxy.brokerTls": direct,
  "MqttTimeouts.connectSeconds": [
    "mqtt-one-port",
    "a client that sends no CONNECT is closed after connectSeconds, and not after NGINX's 30 or the default of 10",
  ],
  "MqttProxy.credentials": sharedPorts,
  "MqttProxy.defaultRoute": sharedPorts,
  "NginxPods.drainSeconds": ["nginx-plus", "which end when the time is over"],
  // What all these tests run; NGINX Plus is never.
  "MqttProxy.edition": turns,
  "MqttProxy.limits": ["mqtt-options", "a listener without limits of its own has the proxy's"],
  "MqttProxy.listeners": sharedPorts,
  "MqttTimeouts.longestKeepAliveSeconds": [
    "mqtt-listeners",
    "D1: a client is closed when it was silent for half as long again as the longest keep alive",
  ],
  "MqttProxyLimits.connectionsPerAddress": [
    "mqtt-listeners",
    "an address has as many connections as the limit, and another address its own",
  ],
  "MqttProxyLimits.downloadBytesPerSecond": received,
  "MqttProxyLimits.uploadBytesPerSecond": [
    "mqtt-options",
    "a connection sends no more than its rate, and one without a limit all at once",
  ],
  "MqttProxyLimits.maximumConnectKibibytes": [
    "mqtt-proxy",
    "a CONNECT within the limit passes, and one beyond it is rejected",
  ],
  "NginxPods.monitoring": ["nginx-plus", "tells its status to this pod, and nothing else to anybody"],
  "MqttProxy.namedCredentials": named,
  "MqttProxy.routes": sharedPorts,
  "MqttProxy.snippets": raw,
  "MqttProxy.tenants": tenants,
  "MqttProxy.timeouts": [
    "mqtt-one-port",
    "a client that sends no CONNECT is closed after connectSeconds, and not after NGINX's 30 or the default of 10",
  ],
  "MqttProxy.upstreams": sharedPorts,
  "MqttProxyProtocol.trustedSources": [
    "mqtt-options",
    "a PROXY header of version 2 from a source that is not trusted is read and not believed",
  ],
  "MqttRoute.certificate": required,
  "MqttRoute.clientId": routes,
  "MqttRoute.credentials": named,
  "MqttRoute.upstream": routes,
  "MqttRoute.username": routes,
  "MqttProxy.resolver": names,
  "MqttResolver.addresses": names,
  "MqttResolver.ipv6": names,
  "MqttResolver.validSeconds": names,
  "MqttServer.service": [
    "mqtt-names",
    "by SRV records of %d brokers, each stays with its own by way of two proxies while the brokers are rolled",
  ],
  "MqttUpstream.resolveOnce": ["mqtt-names", "stops NGINX where names are resolved once"],
  "MqttUpstream.resolver": ["mqtt-names", "follows a broker that gets another address"],
  "MqttServer.backup": ["mqtt-upstreams", "a backup gets clients only when no other server answers"],
  "MqttServer.down": ["mqtt-upstreams", "a server that is down gets no clients, by client id too"],
  "MqttServer.host": ["mqtt-options", "a broker has an address of IPv6"],
  "MqttServer.maximumConnections": [
    "mqtt-upstreams",
    "beyond its maximum of connections a server gets no clients until one leaves",
  ],
  "MqttServer.port": turns,
  "MqttServer.weight": turns,
  "MqttSnippets.server": raw,
  "MqttSnippets.stream": raw,
  "MqttSubjectMatch.exact": ["mqtt-isolation", "an organizational unit belongs to exactly one tenant, or to none"],
  "MqttSubjectMatch.prefix": ["mqtt-isolation", "a user name belongs to exactly one tenant, or to none"],
  "MqttTenant.certificate": tenants,
  "MqttTenant.credentials": tenants,
  "MqttTenant.defaultRoute": tenants,
  "MqttTenant.listeners": tenants,
  "MqttTenant.name": tenants,
  "MqttTenant.routes": routes,
  "MqttTenant.username": said,
  "MqttUpstream.balancing": turns,
  "MqttUpstream.failTimeoutSeconds": ["mqtt-upstreams", "it is tried again when its time is over"],
  "MqttUpstream.maximumFailures": failures,
  "MqttUpstream.name": sharedPorts,
  "MqttUpstream.serverName": unknown,
  "MqttUpstream.servers": rejoin,
  "MqttWebSocket.brokerPort": webSocket,
  "MqttWebSocket.path": webSocket,
  "MqttWebSocket.upstream": webSocket,
};
