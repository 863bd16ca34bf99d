import { type MqttClientIdMatch, MqttProxy, type MqttProxyArgs } from "../../../components";
import { record } from "../../../engine";
import { testRefusals } from "../refusals";

const trustedCertificatesPem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
const valid: MqttProxyArgs = {
  namespace: "mqtt",
  edition: "oss",
  upstreams: [{ name: "brokers", servers: [{ host: "broker.example.com" }] }],
  routes: [{ clientId: { prefix: "sensor-" }, upstream: "brokers" }],
  defaultRoute: { refuse: true },
  brokerTls: { trustedCertificatesPem },
  credentials: { username: "edge", password: "planted-password" },
};
const server = (host: string, port?: number) => ({ upstreams: [{ name: "brokers", servers: [{ host, port }] }] });
const match = (clientId: MqttClientIdMatch) => ({ routes: [{ clientId, upstream: "brokers" }] });

test("the arguments from which each of these differs are accepted", async () => {
  const { requests } = await record(() => void new MqttProxy("edge", valid));
  expect(requests.length).toBeGreaterThan(5);
});

const refusals: [rule: string, difference: Partial<MqttProxyArgs>, property: string, reason: string][] = [
  ["an empty list of upstreams", { upstreams: [] }, "upstreams", "is empty; name at least one broker"],
  [
    "an upstream's name in capitals",
    { upstreams: [{ name: "Brokers", servers: [{ host: "a.example.com" }] }] },
    "upstreams[0].name",
    'is "Brokers"; write at most 63 lower-case letters, digits, - and _',
  ],
  [
    "an upstream's name twice",
    { upstreams: [...valid.upstreams, ...valid.upstreams] },
    "upstreams[1].name",
    'repeats "brokers"; give each upstream a name of its own',
  ],
  [
    "an upstream without servers",
    { upstreams: [{ name: "brokers", servers: [] }] },
    "upstreams[0].servers",
    "is empty; give at least one broker's host",
  ],
  [
    "a URL in place of a host",
    server("mqtts://broker.example.com"),
    "upstreams[0].servers[0].host",
    "is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ],
  [
    "a host with characters of NGINX's syntax",
    server("broker; }"),
    "upstreams[0].servers[0].host",
    "is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ],
  ...["broker.example.com:1883", "[2001:db8::1]", "fe80::1%eth0"].map((host): (typeof refusals)[number] => [
    `a host with a port, brackets or a zone: ${host}`,
    server(host),
    "upstreams[0].servers[0].host",
    "is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ]),
  [
    "a broker's port out of range",
    server("broker.example.com", 70000),
    "upstreams[0].servers[0].port",
    "is 70000; write a whole number from 1 to 65535",
  ],
  ["a listening port out of range", { port: 0 }, "port", "is 0; write a whole number from 1 to 65535"],
  [
    "a route to an unknown upstream",
    { routes: [{ clientId: { exact: "a" }, upstream: "other" }] },
    "routes[0].upstream",
    'names "other", which is not an upstream; use one of brokers',
  ],
  [
    "a match with two texts",
    match({ exact: "a", prefix: "b" }),
    "routes[0].clientId",
    "has 2 of exact, prefix and regex; give exactly one of them",
  ],
  [
    "a match without a text",
    match({}),
    "routes[0].clientId",
    "has 0 of exact, prefix and regex; give exactly one of them",
  ],
  [
    "an empty match",
    match({ exact: "" }),
    "routes[0].clientId.exact",
    "is empty; clients without a client id take the default route",
  ],
  [
    "a line feed in a match",
    match({ exact: "a\n" }),
    "routes[0].clientId.exact",
    "has a control character; remove it: no client id with one is accepted",
  ],
  [
    "a match longer than 1024 bytes",
    match({ prefix: "x".repeat(1025) }),
    "routes[0].clientId.prefix",
    "has 1025 bytes; write at most 1024: NGINX reads no longer words",
  ],
  [
    "a capture group",
    match({ regex: "a(b)c" }),
    "routes[0].clientId.regex",
    "has a group that captures, comments or controls matching; write (?:…) in place of (…), and \\( for a parenthesis",
  ],
  [
    "an expression with unpaired parentheses",
    match({ regex: "a)|(?:b" }),
    "routes[0].clientId.regex",
    "has parentheses that do not pair; write \\( or \\) for a parenthesis",
  ],
  [
    "the same match twice",
    { routes: [...valid.routes!, ...valid.routes!] },
    "routes[1].clientId",
    "takes the same clients as routes[0]; remove one of the two",
  ],
  [
    "a default route with two destinations",
    { defaultRoute: { refuse: true, upstream: "brokers" } },
    "defaultRoute",
    'has 2 of refuse, upstream and clientIdAsHost; write { refuse: true } or { upstream: "…" }',
  ],
  [
    "a default route without a destination",
    { defaultRoute: {} },
    "defaultRoute",
    'has 0 of refuse, upstream and clientIdAsHost; write { refuse: true } or { upstream: "…" }',
  ],
  [
    "a default route to an unknown upstream",
    { defaultRoute: { upstream: "other" } },
    "defaultRoute.upstream",
    'names "other", which is not an upstream; use one of brokers',
  ],
  [
    "a CONNECT limit of 0 KiB",
    { limits: { maximumConnectKibibytes: 0 } },
    "limits.maximumConnectKibibytes",
    "is 0; write a whole number from 1 to 256",
  ],
  [
    "a fraction of a second",
    { timeouts: { connectSeconds: 0.5 } },
    "timeouts.connectSeconds",
    "is 0.5; write a whole number from 1 to 300",
  ],
  [
    "a keep alive longer than MQTT allows",
    { timeouts: { longestKeepAliveSeconds: 65536 } },
    "timeouts.longestKeepAliveSeconds",
    "is 65536; write a whole number from 1 to 65535",
  ],
  [
    "TLS to the brokers without trusted certificates",
    { brokerTls: {} },
    "brokerTls.trustedCertificatesPem",
    "is missing; give the PEM bundle of the authorities of your brokers (or, if others may read the traffic, unsafeSkipVerification: true)",
  ],
  [
    "a path in place of trusted certificates",
    { brokerTls: { trustedCertificatesPem: "/etc/ssl/ca.crt" } },
    "brokerTls.trustedCertificatesPem",
    "holds no PEM certificate; give the contents of the file, not its path",
  ],
  [
    "trusted certificates beside unsafeSkipVerification",
    { brokerTls: { trustedCertificatesPem, unsafeSkipVerification: true } },
    "brokerTls.trustedCertificatesPem",
    "is given, but unsafeSkipVerification ignores it; remove one of the two",
  ],
  [
    "a verification depth of 0",
    { brokerTls: { trustedCertificatesPem, verifyDepth: 0 } },
    "brokerTls.verifyDepth",
    "is 0; write a whole number from 1 to 10",
  ],
  [
    "an address as the name in the brokers' certificate",
    server("192.0.2.1"),
    "upstreams[0].serverName",
    "would be an address, which NGINX cannot verify; write the DNS name in the brokers' certificate",
  ],
  [
    "credentials for brokers without TLS",
    { brokerTls: undefined },
    "credentials",
    "would be sent to brokers that are not verified; set brokerTls with trustedCertificatesPem (or, if others may read the password, unsafeSendToUnverifiedBrokers: true)",
  ],
  [
    "credentials for brokers without verification",
    { brokerTls: { unsafeSkipVerification: true } },
    "credentials",
    "would be sent to brokers that are not verified; set brokerTls with trustedCertificatesPem (or, if others may read the password, unsafeSendToUnverifiedBrokers: true)",
  ],
  [
    "a password without a user name",
    { credentials: { password: "planted-password" } },
    "credentials.username",
    "is missing; give the user name that the brokers know, or an existing Secret",
  ],
  [
    "an empty password",
    { credentials: { username: "edge", password: "" } },
    "credentials.password",
    "is empty; give a value, or remove it where it has a default",
  ],
  [
    "a password longer than 1024 bytes",
    { credentials: { username: "edge", password: "planted-password".repeat(100) } },
    "credentials.password",
    "is longer than 1024 bytes; use a shorter one: NGINX reads no longer words",
  ],
  [
    "an existing Secret beside a password",
    { credentials: { password: "planted-password", existing: { name: "mine" } } },
    "credentials.existing",
    "is given beside a user name or password; remove those: the existing Secret has both",
  ],
  [
    "a key that is a path",
    { credentials: { existing: { name: "mine", key: "a/b" } } },
    "credentials.existing.key",
    "is not a key of a Secret; write letters, digits, `-`, `_` and `.`",
  ],
];

// Leaves that may be outputs are refused with the same words then.
const inputs = /\.(?:host|trustedCertificatesPem|username|password)$/;

testRefusals(
  refusals.map(([rule, difference, property, reason]) => ({
    rule,
    component: MqttProxy,
    args: { ...valid, ...difference },
    error: `${property} ${reason}`,
    secrets: ["planted"],
    plain: !inputs.test(property),
  })),
);
