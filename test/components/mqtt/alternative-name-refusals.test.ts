import {
  type MqttCertificateMatch,
  type MqttListener,
  MqttProxy,
  type MqttProxyArgs,
  type MqttTenant,
} from "../../../components";
import { record } from "../../../engine";
import { testRefusals } from "../refusals";

const trustedCertificatesPem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
const required = { certificate: { secretName: "tls" }, clientCertificates: { trustedCertificatesPem } };
const optional = { ...required, clientCertificates: { trustedCertificatesPem, mode: "optional" as const } };
const password = "planted-password";

const devices: MqttListener = { name: "devices", port: 8883, tls: required };
const own: MqttListener = { name: "own", port: 8884, tls: required };
const tenantOf = (name: string, certificate: MqttCertificateMatch): MqttTenant => ({
  name,
  listeners: ["devices"],
  certificate,
  defaultRoute: { upstream: name },
  credentials: { usernameFromCertificate: "uri", password },
});
const one = tenantOf("one", { uri: { prefix: "spiffe://one.example/" } });
const two = tenantOf("two", { uri: { prefix: "spiffe://two.example/" } });
const valid: MqttProxyArgs = {
  namespace: "mqtt",
  edition: "oss",
  upstreams: ["shared", "one", "two"].map((name) => ({ name, servers: [{ host: "broker.example.com" }] })),
  routes: [
    { certificate: { dnsName: { exact: "a.example.com" } }, upstream: "shared" },
    { certificate: { dnsName: { prefix: "*." } }, upstream: "shared" },
    { certificate: { uri: { exact: "urn:a" } }, upstream: "shared" },
    { certificate: { emailAddress: { exact: "a@example.com" } }, upstream: "shared" },
    // The same text in another field, or for another case of letters, is another client's.
    { certificate: { emailAddress: { exact: "A@example.com" } }, upstream: "shared" },
    { certificate: { commonName: { exact: "a.example.com" } }, upstream: "shared" },
  ],
  defaultRoute: { refuse: true },
  listeners: [devices, own],
  tenants: [one, two],
  brokerTls: { trustedCertificatesPem },
};

test("the arguments from which each of these differs are accepted, on NGINX Plus with an image", async () => {
  const plus = { ...valid, edition: "plus" as const, pods: { image: "registry.example.com/nginx-plus-njs:1" } };
  const { requests } = await record(() => {
    new MqttProxy("edge", valid);
    new MqttProxy("plus", { ...plus, license: { secretName: "license" } });
  });
  expect(requests.length).toBeGreaterThan(10);
});

const route = (certificate: object, name = "shared") => ({
  routes: [{ certificate: certificate as MqttCertificateMatch, upstream: name }],
});
const tenant = (change: Partial<MqttTenant>) => ({ tenants: [one, { ...two, ...change }] });
const plus = (change: Partial<MqttProxyArgs>): Partial<MqttProxyArgs> => ({
  edition: "plus",
  license: { secretName: "license" },
  tenants: undefined,
  ...change,
});
const noNjs =
  'pods.image is missing: njs reads alternative names, and F5\'s images of NGINX Plus for unprivileged users do not have it; name an image of your own with nginx-plus-module-njs, match certificates by their subject, or use edition "oss"';
const unread =
  "has a space or a letter beyond ASCII, and alternative names with one match nothing; write it as the certificate has it: DNS names beyond ASCII begin with xn--, URIs have percent signs";

const refusals: [rule: string, difference: Partial<MqttProxyArgs>, error: string][] = [
  ["routes by alternative names on NGINX Plus without njs", plus({}), noNjs],
  ["a tenant by an alternative name on NGINX Plus without njs", plus({ routes: [], tenants: [one] }), noNjs],
  [
    "a user name from an alternative name on NGINX Plus without njs",
    plus({ routes: [], listeners: [devices], credentials: { usernameFromCertificate: "emailAddress" } }),
    noNjs,
  ],
  [
    "both a subject and an alternative name",
    route({ commonName: { exact: "a" }, uri: { exact: "urn:a" } }),
    "routes[0].certificate has 2 of commonName, organizationalUnit, organization, dnsName, uri and emailAddress; give exactly one of them",
  ],
  [
    "an alternative name of a kind without a match",
    route({ ipAddress: { exact: "192.0.2.1" } }),
    "routes[0].certificate.ipAddress is not an argument; write routes[0].certificate.emailAddress",
  ],
  [
    "a regular expression",
    route({ dnsName: { regex: ".*" } }),
    "routes[0].certificate.dnsName.regex is not an argument; remove it; routes[0].certificate.dnsName has exact, prefix",
  ],
  [
    "an empty text",
    route({ uri: { prefix: "" } }),
    "routes[0].certificate.uri.prefix is empty; clients without this field take the default route",
  ],
  [
    "a NUL character",
    route({ dnsName: { exact: "a.example.com\0.example.net" } }),
    "routes[0].certificate.dnsName.exact has a control character; remove it: no client id with one is accepted",
  ],
  [
    "letters beyond ASCII",
    route({ dnsName: { exact: "zwölf.example.com" } }),
    `routes[0].certificate.dnsName.exact ${unread}`,
  ],
  ["a space", route({ uri: { prefix: "spiffe://example.com/a b" } }), `routes[0].certificate.uri.prefix ${unread}`],
  [
    "a text longer than 1024 bytes",
    route({ emailAddress: { prefix: "a".repeat(1025) } }),
    "routes[0].certificate.emailAddress.prefix has 1025 bytes; write at most 1024: NGINX reads no longer words",
  ],
  [
    "a wildcard",
    route({ dnsName: { exact: "*.example.com" } }),
    "routes[0].certificate.dnsName.exact begins with *, which stands for itself here; write the whole name, or its beginning as a prefix",
  ],
  [
    "a URI without its scheme",
    route({ uri: { exact: "//example.com/a" } }),
    "routes[0].certificate.uri.exact has no scheme, and every URI in a certificate has one; write it whole: spiffe://example.com/sensor-1",
  ],
  [
    "a mail address without its host",
    route({ emailAddress: { exact: "sensor-1@" } }),
    "routes[0].certificate.emailAddress.exact has no @ between two parts; write the whole address, or its beginning as a prefix",
  ],
  [
    "the same name twice",
    { routes: [...valid.routes!, { certificate: { uri: { exact: "urn:a" } }, upstream: "shared" }] },
    "routes[6].certificate takes the same clients as routes[2]; remove one of the two",
  ],
  [
    "more prefixes than a ConfigMap holds",
    {
      routes: Array.from({ length: 501 }, (_, index) => ({
        certificate: { uri: { prefix: `urn:${index}`.padEnd(1000, "x") } },
        upstream: "shared",
      })),
    },
    "routes have 501000 bytes of prefixes and expressions, and the configuration has room for 500000; use exact matches, of which there may be any number: NGINX tries the others one by one",
  ],
  [
    "a capture beside a table of alternative names",
    {
      routes: Array.from({ length: 101 }, (_, index) => ({
        certificate: { dnsName: { exact: `a-${index}.example.com` } },
        upstream: "shared",
      })),
      snippets: { stream: [{ name: "log_format", args: ["mine", "$1"], variables: true }] },
    },
    "snippets.stream[0] uses a capture, and so does the map of the routes: the value may be a client id; name the capture, (?<name>…), and use $name",
  ],
  [
    "a route by an alternative name on a listener without client certificates",
    { listeners: [devices, { ...own, tls: undefined }] },
    'routes[0].certificate is for clients of the listener "own", which asks for no certificates; set tls.clientCertificates there',
  ],
  [
    "a user name from an alternative name where certificates are optional",
    {
      listeners: [{ ...devices, tls: optional }],
      tenants: undefined,
      credentials: { usernameFromCertificate: "dnsName" },
    },
    'credentials.usernameFromCertificate is for clients of the listener "devices", which requires no certificates; set tls.clientCertificates there, in the mode required',
  ],
  [
    "a tenant by an alternative name where certificates are optional",
    { listeners: [{ ...devices, tls: optional }, own] },
    'tenants[0].certificate is for clients of the listener "devices", which requires no certificates; set tls.clientCertificates there, in the mode required',
  ],
  [
    "a tenant by a URI without its scheme",
    tenant({ certificate: { uri: { exact: "two.example" } } }),
    "tenants[1].certificate.uri.exact has no scheme, and every URI in a certificate has one; write it whole: spiffe://example.com/sensor-1",
  ],
  [
    "tenants by two kinds of alternative names",
    tenant({ certificate: { dnsName: { exact: "two.example" } } }),
    'tenants[1].certificate.dnsName is another field than tenants[0].certificate.uri on the listener "devices", so a client could belong to both tenants; use the same field for all tenants of a listener',
  ],
  [
    "tenants with overlapping URIs",
    tenant({ certificate: { uri: { exact: "spiffe://one.example/two" } } }),
    "tenants[1].certificate.uri can match the same clients as tenants[0].certificate.uri; write texts of which none is the beginning of another",
  ],
];

testRefusals(
  refusals.map(([rule, difference, error]) => ({
    rule,
    component: MqttProxy,
    args: { ...valid, ...difference },
    error,
    secrets: [password],
    plain: true,
  })),
);
