import { type MqttListener, MqttProxy, type MqttProxyArgs, type MqttTenant } from "../../../components";
import { record } from "../../../engine";
import { testRefusals } from "../refusals";

const trustedCertificatesPem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
const crlPem = "-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n";
const required = { certificate: { secretName: "tls" }, clientCertificates: { trustedCertificatesPem } };
const credentials = { username: "edge", password: "planted-password" };

const devices: MqttListener = { name: "devices", port: 8883, tls: required };
const plain: MqttListener = { name: "plain", port: 1883 };
const web: MqttListener = { name: "web", port: 9001, webSocket: { upstream: "shared", brokerPort: 9001 } };
const one: MqttTenant = {
  name: "one",
  listeners: ["devices"],
  certificate: { organization: { exact: "One" } },
  defaultRoute: { upstream: "of-one" },
  credentials,
};
const two: MqttTenant = {
  name: "two",
  listeners: ["devices"],
  certificate: { organization: { exact: "Two" } },
  defaultRoute: { upstream: "of-two" },
  credentials,
};
const valid: MqttProxyArgs = {
  namespace: "mqtt",
  edition: "oss",
  upstreams: ["shared", "of-one", "of-two"].map((name) => ({ name, servers: [{ host: "broker.example.com" }] })),
  defaultRoute: { upstream: "shared" },
  listeners: [devices, plain, web],
  tenants: [one, two],
  brokerTls: { trustedCertificatesPem },
};

test("the arguments from which each of these differs are accepted", async () => {
  const { requests } = await record(() => void new MqttProxy("edge", valid));
  expect(requests.length).toBeGreaterThan(5);
});

const listener = (change: Partial<MqttListener>, from = plain) => ({
  listeners: [devices, { ...from, ...change }, web],
});
const certificates = (change: object) => ({
  listeners: [{ ...devices, tls: { ...required, clientCertificates: { trustedCertificatesPem, ...change } } }, plain],
});
const tenant = (change: Partial<MqttTenant>) => ({ tenants: [one, { ...two, ...change }] });
const routes = (route: object) => ({ routes: [{ upstream: "shared", ...route }] });
const hosts = (change: object) => ({
  defaultRoute: { clientIdAsHost: { hosts: ["*.example.com"], resolvers: ["10.96.0.10"], ...change } },
});
const label =
  "write a host name of at least two labels in lower case, with `*.` before it for any one label: with an address or a wider pattern, clients could send the credentials to any host";
const unread = "and NGINX never reads MQTT inside a WebSocket: its MQTT modules, and njs, work in stream alone";

const refusals: [rule: string, difference: Partial<MqttProxyArgs>, error: string][] = [
  ["a port beside listeners", { port: 1883 }, "port is given beside listeners; write it as one of the listeners"],
  [
    "an empty list of listeners",
    { listeners: [], tenants: undefined },
    "listeners is empty; give at least one, or remove it and use port",
  ],
  [
    "a listener's name in capitals",
    listener({ name: "Plain" }),
    'listeners[1].name is "Plain"; write at most 15 lower-case letters, digits and -, with a letter among them',
  ],
  [
    "a listener's name twice",
    listener({ name: "devices" }),
    'listeners[1].name repeats "devices"; give each listener a name of its own',
  ],
  [
    "a listener's port twice",
    listener({ port: 8883 }),
    "listeners[1].port repeats 8883; give each listener a port of its own",
  ],
  [
    "a listener's port out of range",
    listener({ port: 0 }),
    "listeners[1].port is 0; write a whole number from 1 to 65535",
  ],
  [
    "a target port that needs privileges",
    listener({ targetPort: 443 }),
    "listeners[1].targetPort is 443; write a whole number from 1024 to 65535",
  ],
  [
    "a target port of another listener",
    listener({ targetPort: 8883 }),
    "listeners[1].targetPort would be 8883, which listeners[0] uses; write another port from 1024",
  ],
  [
    "a target port of the probes",
    listener({ port: 8080 }),
    "listeners[1].targetPort would be 8080, which probes use; write another port from 1024",
  ],
  [
    "client certificates without authorities",
    certificates({ trustedCertificatesPem: undefined }),
    "listeners[0].tls.clientCertificates.trustedCertificatesPem is missing, as is trustedCertificates; give one of the two: the authorities that issue the clients' certificates",
  ],
  [
    "client certificates with two sources of authorities",
    certificates({ trustedCertificates: { secretName: "authorities" } }),
    "listeners[0].tls.clientCertificates.trustedCertificates is given beside trustedCertificatesPem; give one of the two: the authorities that issue the clients' certificates",
  ],
  [
    "a path in place of authorities",
    certificates({ trustedCertificatesPem: "/etc/ca.crt" }),
    "listeners[0].tls.clientCertificates.trustedCertificatesPem holds no PEM certificate; give the contents of the file, not its path",
  ],
  [
    "an unknown mode of client certificates",
    certificates({ mode: "off" }),
    'listeners[0].tls.clientCertificates.mode is "off"; write one of "required", "optional"',
  ],
  [
    "a verification depth of 0",
    certificates({ verifyDepth: 0 }),
    "listeners[0].tls.clientCertificates.verifyDepth is 0; write a whole number from 1 to 10",
  ],
  [
    "revocation without a revocation list",
    certificates({ revocation: { crl: true } }),
    "listeners[0].tls.clientCertificates.crlPem is missing beside revocation.crl; give the revocation lists of the authorities as PEM",
  ],
  [
    "a revocation list without revocation.crl",
    certificates({ crlPem }),
    "listeners[0].tls.clientCertificates.crlPem is given without revocation.crl; set revocation: { crl: true }, or NGINX reads no list",
  ],
  [
    "a revocation list beside a Secret with lists",
    certificates({
      trustedCertificatesPem: undefined,
      trustedCertificates: { secretName: "authorities" },
      crlPem,
      revocation: { crl: true },
    }),
    "listeners[0].tls.clientCertificates.crlPem is given beside trustedCertificates, a Secret with the lists under ca.crl; remove it",
  ],
  [
    "a path in place of a revocation list",
    certificates({ crlPem: "/etc/ca.crl", revocation: { crl: true } }),
    "listeners[0].tls.clientCertificates.crlPem holds no PEM revocation list; give the contents of the file, not its path",
  ],
  [
    "an empty revocation",
    certificates({ revocation: {} }),
    "listeners[0].tls.clientCertificates.revocation revokes nothing; set crl: true, write deniedSerials, or remove it",
  ],
  [
    "a serial number that is not hexadecimal",
    certificates({ revocation: { deniedSerials: ["default"] } }),
    "listeners[0].tls.clientCertificates.revocation.deniedSerials[0] is not a serial number in hexadecimal; write the output of `openssl x509 -noout -serial`, at most 40 digits",
  ],
  [
    "the PROXY protocol without trusted sources",
    listener({ proxyProtocol: { trustedSources: [] } }),
    "listeners[1].proxyProtocol.trustedSources is empty; name the load balancers: otherwise every client's address is theirs",
  ],
  [
    "a host name as a trusted source",
    listener({ proxyProtocol: { trustedSources: ["balancer.example.com"] } }),
    "listeners[1].proxyProtocol.trustedSources[0] is not a network or an address; write for example `192.0.2.0/24` or `192.0.2.10`",
  ],
  [
    "every address as a trusted source",
    listener({ proxyProtocol: { trustedSources: ["192.0.2.0/24", "::/0"] } }),
    "listeners[1].proxyProtocol.trustedSources[1] matches every address; name the load balancers alone: others could claim any address",
  ],
  [
    "D3: a PROXY header before a CONNECT that is rewritten",
    {
      ...listener({ proxyProtocolToBrokers: true, defaultRoute: { upstream: "shared" } }),
      brokerTls: undefined,
      tenants: undefined,
      credentials: { ...credentials, unsafeSendToUnverifiedBrokers: true },
      listeners: [{ ...plain, proxyProtocolToBrokers: true }],
    },
    "listeners[0].proxyProtocolToBrokers is given beside credentials and without brokerTls, and NGINX then takes the PROXY header for the beginning of the CONNECT that it rewrites; set brokerTls, which begins after that header, or pass the clients' own credentials on",
  ],
  [
    "routes of a listener without a default route",
    listener({ routes: [] }),
    "listeners[1].defaultRoute is missing beside routes; write the route of the other clients of this listener: { refuse: true }",
  ],
  [
    "passCredentials without credentials of the proxy",
    listener({ passCredentials: true }),
    "listeners[1].passCredentials is given, and the proxy has no credentials; remove it: the clients' own are passed on",
  ],
  [
    "a limit of 0 connections",
    listener({ limits: { connectionsPerAddress: 0 } }),
    "listeners[1].limits.connectionsPerAddress is 0; write a whole number from 1 to 65535",
  ],
  [
    "a rate of a fraction of a byte",
    { limits: { uploadBytesPerSecond: 0.5 } },
    "limits.uploadBytesPerSecond is 0.5; write a whole number from 1 to 2147483647",
  ],
  [
    "A2: a limit by client id",
    {
      snippets: {
        stream: [{ name: "limit_conn_zone", args: ["$mqtt_preread_clientid", "zone=ids:1m"], variables: true }],
      },
    },
    "snippets.stream[0] counts connections by a variable that NGINX does not know yet: the key is empty, and empty keys have no limit; use limits.connectionsPerAddress",
  ],
  [
    "A2: a limit by certificate",
    {
      snippets: { stream: [{ name: "limit_conn_zone", args: ["$ssl_client_s_dn", "zone=names:1m"], variables: true }] },
    },
    "snippets.stream[0] counts connections by a variable that NGINX does not know yet: the key is empty, and empty keys have no limit; use limits.connectionsPerAddress",
  ],
  [
    "A2: a variable that is set before the CONNECT",
    { snippets: { server: [{ name: "set", args: ["$name", `x-\${ssl_client_s_dn}`], variables: true }] } },
    "snippets.server[0] sets a variable before TLS and before the CONNECT, so that it is empty for the whole session; use a map",
  ],
  [
    "A7: routes of a WebSocket listener",
    listener({ routes: [], defaultRoute: { refuse: true } }, { ...web, name: "ws", port: 9002 }),
    `listeners[1].routes is given for webSocket, ${unread}; remove it: all clients use webSocket.upstream`,
  ],
  [
    "A7: credentials for a WebSocket listener",
    { credentials },
    `credentials cannot be written for listeners[2], ${unread}; set listeners[2].passCredentials: true if the brokers accept the clients' own credentials, or remove webSocket`,
  ],
  [
    "a PROXY header to the brokers of a WebSocket listener",
    listener({ proxyProtocolToBrokers: true }, { ...web, name: "ws", port: 9002 }),
    "listeners[1].proxyProtocolToBrokers is given for webSocket, and NGINX's http sends no PROXY protocol; remove it: the address is in X-Forwarded-For",
  ],
  [
    "a rate limit of a WebSocket listener",
    listener({ limits: { downloadBytesPerSecond: 1 } }, { ...web, name: "ws", port: 9002 }),
    "listeners[1].limits.downloadBytesPerSecond is given for webSocket, which NGINX limits by no rate; remove it",
  ],
  [
    "a WebSocket listener with an unknown upstream",
    listener({ name: "ws", webSocket: { upstream: "other", brokerPort: 9001 } }),
    'listeners[1].webSocket.upstream names "other", which is not an upstream; use one of shared, of-one, of-two',
  ],
  [
    "a WebSocket path with characters of NGINX's syntax",
    listener({ name: "ws", webSocket: { upstream: "shared", brokerPort: 9001, path: "/a; }" } }),
    'listeners[1].webSocket.path is "/a; }"; write a path of letters, digits, -, ., _ and ~: /mqtt',
  ],
  [
    "a WebSocket listener with a tenant's upstream",
    listener({ name: "ws", webSocket: { upstream: "of-one", brokerPort: 9001 } }),
    'listeners[1].webSocket.upstream names "of-one", which belongs to the tenant "one"; give the WebSocket listener an upstream that no tenant uses',
  ],
  [
    "a route without a match",
    routes({}),
    "routes[0] has 0 of clientId, username and certificate; give exactly one of them",
  ],
  [
    "a route with two matches",
    routes({ clientId: { exact: "a" }, username: { exact: "a" } }),
    "routes[0] has 2 of clientId, username and certificate; give exactly one of them",
  ],
  [
    "a route by an empty user name",
    routes({ username: { exact: "" } }),
    "routes[0].username.exact is empty; clients without a user name take the default route",
  ],
  [
    "a route by two fields of a certificate",
    routes({ certificate: { commonName: { exact: "a" }, organization: { exact: "b" } } }),
    "routes[0].certificate has 2 of commonName, organizationalUnit, organization, dnsName, uri and emailAddress; give exactly one of them",
  ],
  [
    "a route by an expression over a certificate",
    routes({ certificate: { commonName: { regex: ".*" } } }),
    "routes[0].certificate.commonName.regex is not an argument; remove it; routes[0].certificate.commonName has exact, prefix",
  ],
  [
    "a route by certificate on a listener without client certificates",
    routes({ certificate: { commonName: { exact: "a" } } }),
    'routes[0].certificate is for clients of the listener "plain", which asks for no certificates; set tls.clientCertificates there',
  ],
  [
    "the same user name twice",
    {
      routes: [
        { username: { exact: "a" }, upstream: "shared" },
        { username: { exact: "a" }, upstream: "shared" },
      ],
    },
    "routes[1].username takes the same clients as routes[0]; remove one of the two",
  ],
  [
    "a route with unknown credentials",
    routes({ clientId: { exact: "a" }, credentials: "other" }),
    'routes[0].credentials names "other", which is not in namedCredentials; add it there, or remove it',
  ],
  [
    "named credentials that no route names",
    { namedCredentials: [{ name: "idle", credentials }] },
    "namedCredentials[0].credentials are not used by any route; name them in a route, or remove them",
  ],
  [
    "named credentials with a tenant's name",
    { namedCredentials: [{ name: "one", credentials }] },
    'namedCredentials[0].name repeats "one"; give each tenant and each of namedCredentials a name of its own',
  ],
  [
    "credentials for some clients of a listener",
    {
      namedCredentials: [{ name: "some", credentials }],
      ...routes({ clientId: { exact: "a" }, credentials: "some" }),
    },
    'namedCredentials[0].credentials are for some clients of the listener "plain" and not for others, and NGINX rewrites all CONNECTs of a listener or none; give credentials to all of them, or a separate listener to clients with credentials of their own',
  ],
  [
    "a user name from the certificate on a listener that requires none",
    { credentials: { usernameFromCertificate: "commonName" }, listeners: [devices, plain] },
    'credentials.usernameFromCertificate is for clients of the listener "plain", which requires no certificates; set tls.clientCertificates there, in the mode required',
  ],
  [
    "a user name beside usernameFromCertificate",
    tenant({ credentials: { username: "a", usernameFromCertificate: "subject" } }),
    "tenants[1].credentials.username is given beside usernameFromCertificate; remove one of the two",
  ],
  [
    "a user name from an unknown field",
    tenant({ credentials: { usernameFromCertificate: "ipAddress" as "subject" } }),
    'tenants[1].credentials.usernameFromCertificate is "ipAddress"; write one of "commonName", "subject", "dnsName", "uri", "emailAddress"',
  ],
  [
    "clientIdAsHost without hosts",
    hosts({ hosts: [] }),
    "defaultRoute.clientIdAsHost.hosts is empty; name the hosts that clients may choose",
  ],
  ["B3: any host", hosts({ hosts: ["*"] }), `defaultRoute.clientIdAsHost.hosts[0] is "*"; ${label}`],
  [
    "B3: any host of a top-level domain",
    hosts({ hosts: ["*.com"] }),
    `defaultRoute.clientIdAsHost.hosts[0] is "*.com"; ${label}`,
  ],
  [
    "B3: an address as a host",
    hosts({ hosts: ["127.0.0.1"] }),
    `defaultRoute.clientIdAsHost.hosts[0] is "127.0.0.1"; ${label}`,
  ],
  [
    "clientIdAsHost without resolvers",
    hosts({ resolvers: [] }),
    "defaultRoute.clientIdAsHost.resolvers is empty; give the address of a name server, for example that of the cluster's DNS Service",
  ],
  [
    "a name server with characters of NGINX's syntax",
    hosts({ resolvers: ["10.96.0.10; }"] }),
    "defaultRoute.clientIdAsHost.resolvers[0] is not an IP address with an optional port; write for example `10.96.0.10`, `10.96.0.10:53` or `[2001:db8::10]:53`",
  ],
  [
    "tenants of a proxy without listeners",
    { listeners: undefined },
    "tenants are given without listeners; name the listeners on which their clients connect",
  ],
  [
    "a tenant's name in capitals",
    tenant({ name: "Two" }),
    'tenants[1].name is "Two"; write at most 40 lower-case letters, digits and -, beginning with a letter',
  ],
  [
    "a tenant with the name of the proxy's credentials",
    tenant({ name: "default" }),
    'tenants[1].name is "default", the name of the proxy\'s own credentials; write another name',
  ],
  [
    "a tenant without listeners",
    tenant({ listeners: [] }),
    "tenants[1].listeners is empty; name at least one listener",
  ],
  [
    "a tenant on an unknown listener",
    tenant({ listeners: ["other"] }),
    'tenants[1].listeners[0] names "other", which is not a listener; use one of devices, plain, web',
  ],
  [
    "a tenant on a WebSocket listener",
    tenant({ listeners: ["web"], certificate: undefined }),
    'tenants[1].listeners[0] names "web", a WebSocket listener, which has one upstream for all; use a listener over TCP, or give that listener an upstream that no tenant uses',
  ],
  [
    "a tenant on a listener with routes of its own",
    { listeners: [{ ...devices, defaultRoute: { refuse: true } }, plain] },
    'tenants[0].listeners[0] names "devices", which has routes of its own; remove routes and defaultRoute there',
  ],
  [
    "a tenant by certificate on a listener that requires none",
    tenant({ listeners: ["plain"] }),
    'tenants[1].certificate is for clients of the listener "plain", which requires no certificates; set tls.clientCertificates there, in the mode required',
  ],
  [
    "a tenant by certificate and by user name",
    tenant({ username: { exact: "two" } }),
    "tenants[1] has both certificate and username; give one of the two",
  ],
  [
    "a tenant by user name with credentials",
    tenant({ listeners: ["plain"], certificate: undefined, username: { exact: "two" } }),
    "tenants[1].credentials would be sent for any client with such a user name; match the tenant by certificate, give it a listener of its own, or remove credentials: the clients' own are passed on",
  ],
  [
    "a tenant without a match on a shared listener",
    tenant({ certificate: undefined }),
    'tenants[1] shares the listener "devices" with other tenants, and has no match for its clients; give each of them a certificate or username match, or a listener of its own',
  ],
  [
    "tenants by different fields",
    tenant({ certificate: { commonName: { prefix: "two-" } } }),
    'tenants[1].certificate.commonName is another field than tenants[0].certificate.organization on the listener "devices", so a client could belong to both tenants; use the same field for all tenants of a listener',
  ],
  [
    "tenants with overlapping matches",
    tenant({ certificate: { organization: { prefix: "O" } } }),
    "tenants[1].certificate.organization can match the same clients as tenants[0].certificate.organization; write texts of which none is the beginning of another",
  ],
  [
    "two tenants with one upstream",
    tenant({ defaultRoute: { upstream: "of-one" } }),
    'tenants[1].defaultRoute.upstream names "of-one", which tenants[0].routes or tenants[0].defaultRoute uses too; give each tenant upstreams of its own',
  ],
  [
    "a tenant with clientIdAsHost",
    tenant({ ...(hosts({}) as Partial<MqttTenant>) }),
    "tenants[1].defaultRoute.clientIdAsHost is given for a tenant; name its brokers as upstreams: a host that a client names may be another tenant's",
  ],
];

testRefusals(
  refusals.map(([rule, difference, error]) => ({
    rule,
    component: MqttProxy,
    args: { ...valid, ...difference },
    error,
    secrets: ["planted-password"],
    // A list, a name or a match is structure; leaves of certificates are tried as outputs.
    plain: !/(?:trustedCertificatesPem|crlPem|trustedSources\[0\]|resolvers\[0\]) (?:holds|is not)/.test(error),
  })),
);
