import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  LicenseSecret,
  MqttProxy,
  type MqttProxyArgs,
  Namespace,
  RegistrySecret,
  TrustedCertificates,
} from "../../../components";
import { factsOf } from "../../../components/foundation";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { goodToken } from "../foundation/token";
import { testRefusals, thrownBy, withoutPlace } from "../refusals";

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
const license = { secretName: "license" };
const tls = { certificate: { secretName: "server" } };
const upstream = (change: object) => ({ upstreams: [{ ...valid.upstreams[0]!, ...change }] });
const pods = (change: object) => ({ pods: change });
const snippet = (name: string, ...args: string[]) => ({ snippets: { server: [{ name, args }] } });
const hostFault =
  "is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets";
const nameFault =
  "is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`";

const refusals: [rule: string, difference: object, error: string, ...also: string[]][] = [
  // Names of other components, of other products, and former names.
  ...(
    [
      ["image", "nginx:1.30.7"],
      ["replicas", 3],
      ["networkPolicy", {}],
      ["monitoring", {}],
      ["service", { type: "NodePort" }],
      ["imagePullSecrets", ["registry"]],
    ] as const
  ).map(([name, value]): [string, object, string] => [
    `${name} outside pods`,
    { [name]: value },
    `${name} is not an argument; write pods.${name}`,
  ]),
  [
    "a time under its former name",
    { longestKeepAliveSeconds: 60 },
    "longestKeepAliveSeconds is not an argument; write timeouts.longestKeepAliveSeconds",
  ],
  [
    "a size under its former name",
    { maximumConnectKibibytes: 60 },
    "maximumConnectKibibytes is not an argument; write limits.maximumConnectKibibytes",
  ],
  [
    "the brokers' authorities under their former name",
    { brokerTls: { trustedCertificates: trustedCertificatesPem } },
    "brokerTls.trustedCertificates is not an argument; write brokerTls.trustedCertificatesPem",
  ],
  [
    "an existing Secret under the name of a reference",
    { credentials: { existing: { secretName: "kept" } } },
    "credentials.existing.secretName is not an argument; write credentials.existing.name, the name of the Secret",
    "credentials.existing.name is missing; write a string: Name of the Secret, in the proxy's namespace",
  ],
  [
    "client certificates under a misspelt name, which would leave the listener open",
    { listeners: [{ name: "mqtts", port: 8883, tls: { ...tls, clientCertificate: { trustedCertificatesPem } } }] },
    "listeners[0].tls.clientCertificate is not an argument; write listeners[0].tls.clientCertificates",
  ],
  [
    "PEM text in place of a Secret",
    {
      listeners: [
        {
          name: "mqtts",
          port: 8883,
          tls: { ...tls, clientCertificates: { trustedCertificates: trustedCertificatesPem } },
        },
      ],
    },
    "listeners[0].tls.clientCertificates.trustedCertificates is a string; write an object with secretName",
  ],
  // Types.
  [
    "a host in place of a server",
    upstream({ servers: ["broker.example.com"] }),
    "upstreams[0].servers[0] is a string; write an object with host",
  ],
  ["a number written as a string", pods({ replicas: "3" }), 'pods.replicas is "3"; write a number'],
  [
    "a port that is an output",
    { port: pulumi.output(1883) },
    "port is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
  ],
  [
    "a string in place of a match",
    { routes: [{ clientId: "s-", upstream: "brokers" }] },
    "routes[0].clientId is a string; write an object",
  ],
  [
    "no default route",
    { defaultRoute: undefined },
    "defaultRoute is missing; write an object: Route of the clients that match no other route",
  ],
  // One format for one thing.
  ...["a..b", "-", ".", ".example.com", "broker_1", "broker.example.com."].map((host): [string, object, string] => [
    `the host ${host}`,
    upstream({ servers: [{ host }] }),
    `upstreams[0].servers[0].host ${hostFault}`,
  ]),
  ...[".example.com", "a..b", "*.example.com", "192.0.2.1", "broker.example.com:8883", ""].map(
    (serverName): [string, object, string] => [
      `the server name ${JSON.stringify(serverName)}`,
      upstream({ serverName }),
      `upstreams[0].serverName ${nameFault}`,
    ],
  ),
  ...["10.96.0.10:", "10.96.0.10:70000", "kube_dns", "fe80::1%eth0"].map((resolver): [string, object, string] => [
    `the name server ${resolver}`,
    { defaultRoute: { clientIdAsHost: { hosts: ["*.example.com"], resolvers: [resolver] } } },
    "defaultRoute.clientIdAsHost.resolvers[0] is not an IP address with an optional port; write for example `10.96.0.10`, `10.96.0.10:53` or `[2001:db8::10]:53`",
  ]),
  [
    "a Secret's name in capitals",
    { credentials: { existing: { name: "Broker" } } },
    "credentials.existing.name is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  ],
  [
    "a certificate's Secret that is a path",
    { listeners: [{ name: "mqtts", port: 8883, tls: { certificate: { secretName: "a/b" } } }] },
    "listeners[0].tls.certificate.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  ],
  [
    "a network that is not in CIDR notation",
    pods({ service: { type: "LoadBalancer", loadBalancerSourceRanges: ["banana"] } }),
    "pods.service.loadBalancerSourceRanges[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ],
  // NGINX's resolver has no search list, and its hash knows names alone.
  ...["orders.shop.svc", "broker"].map((host): [string, object, string] => [
    `a short name with a resolver: ${host}`,
    upstream({ servers: [{ host, service: "mqtt" }], resolver: { addresses: ["10.96.0.10"] } }),
    "upstreams[0].servers[0].host is not a whole name, and NGINX's resolver has no search list; write it with the domain of the cluster, for example `broker.mqtt.svc.cluster.local`",
  ]),
  [
    "a short name in clientIdAsHost",
    { defaultRoute: { clientIdAsHost: { hosts: ["*.mqtt.svc"], resolvers: ["10.96.0.10"] } } },
    'defaultRoute.clientIdAsHost.hosts[0] is "*.mqtt.svc", and NGINX\'s resolver has no search list; write the whole name, for example *.mqtt.svc.cluster.local',
  ],
  [
    "balancing by client id, by default, over the addresses of one name",
    upstream({ resolver: { addresses: ["10.96.0.10"] } }),
    'upstreams[0].balancing is missing, so "clientId", and NGINX uses the addresses of one name in turn; write the service of the SRV records (service: "mqtt") or one server for each broker, or set balancing to "leastConnections" or "roundRobin"',
  ],
  [
    "balancing by client id, as given, over the addresses of one name",
    upstream({ resolver: { addresses: ["10.96.0.10"] }, balancing: "clientId" }),
    'upstreams[0].balancing is "clientId", and NGINX uses the addresses of one name in turn; write the service of the SRV records (service: "mqtt") or one server for each broker, or set balancing to "leastConnections" or "roundRobin"',
  ],
  // Two things that are only right together.
  [
    "a snippet that repeats a time",
    snippet("proxy_timeout", "1h"),
    "snippets.server[0] repeats proxy_timeout, which this component writes in the same block; write timeouts.longestKeepAliveSeconds instead",
  ],
  [
    "a snippet that repeats TLS to the brokers",
    snippet("proxy_ssl_verify", "off"),
    "snippets.server[0] repeats proxy_ssl_verify, which this component writes in the same block; write brokerTls.unsafeSkipVerification instead",
  ],
  [
    "a snippet that repeats a directive without an argument",
    snippet("proxy_connect_timeout", "1s"),
    "snippets.server[0] repeats proxy_connect_timeout, which this component writes in the same block; remove it: NGINX accepts it once",
  ],
  ...[
    { name: "upstream", args: ["mqtt_brokers"], block: [{ name: "server", args: ["192.0.2.1:1883"] }] },
    { name: "log_format", args: ["mqtt", "$remote_addr"], variables: true },
    {
      name: "map",
      args: ["$remote_addr", "$mqtt_upstream"],
      variables: true,
      block: [{ name: "default", args: ["x"] }],
    },
    { name: "geo", args: ["$mqtt_hash_key"], variables: true, block: [{ name: "default", args: ["x"] }] },
  ].map((node): [string, object, string] => {
    const word = node.name === "map" ? node.args[1] : node.args[0];
    return [
      `a snippet with a name of the proxy's own, ${node.name} ${word}`,
      { snippets: { stream: [node] } },
      `snippets.stream[0] defines ${word}, a name of the proxy's own; write another name`,
    ];
  }),
  [
    "one health check for brokers with and without the PROXY protocol",
    {
      edition: "plus",
      license,
      ...upstream({ healthCheck: {} }),
      listeners: [
        { name: "balanced", port: 1883, proxyProtocolToBrokers: true },
        { name: "plain", port: 1884 },
      ],
    },
    'listeners[1].proxyProtocolToBrokers is not true, but another listener sends the PROXY protocol to the upstream "brokers", whose health check sends it always or never; set it for all listeners with this upstream, or give this one an upstream of its own',
  ],
  [
    "a NetworkPolicy without the ports of brokers with SRV records",
    {
      ...upstream({
        servers: [{ host: "mqtt.example.com", service: "mqtt" }],
        resolver: { addresses: ["10.96.0.10"] },
      }),
      pods: { networkPolicy: {} },
    },
    'pods.networkPolicy.upstreams is missing, and only SRV records have the ports of upstreams[0]; write the brokers with their ports, for example [{ podLabels: { app: "broker" }, ports: [8883] }]',
  ],
  // Faults of what the proxy contains.
  [
    "a name of a directive with a space",
    { snippets: { stream: [{ name: "bad name" }] } },
    "snippets.stream[0].name is not the name of a directive; write the name alone, and its arguments in args",
  ],
  [
    "a namespace in capitals",
    { namespace: "MQTT" },
    "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ],
];

testRefusals(
  refusals.map(([rule, difference, error, ...also]) => ({
    rule,
    component: MqttProxy,
    args: { ...valid, ...difference },
    error,
    also,
    secrets: ["planted"],
    plain:
      !/^(namespace|\S+(\.host|serverName|resolvers\[0\]|secretName|existing\.name)) (is not a (host|DNS)|is not an IP)/.test(
        error,
      ),
  })),
);

test("five wrong arguments give five sentences, from the rules of the proxy and of its pods", () => {
  const args = {
    ...valid,
    port: 70_000,
    routes: [{ clientId: { prefix: "sensor-" }, upstream: "others" }],
    credentials: { usernam: "edge", password: "planted-password" },
    pods: { replicas: 0 },
    snippets: { server: [{ name: "proxy_timeout", args: ["1h"] }] },
  };
  const { message } = thrownBy(() => new MqttProxy("edge", args as never)) as Error;
  expect(withoutPlace(message).split("\n")).toEqual([
    'MqttProxy "edge": credentials.usernam is not an argument; write credentials.username',
    'MqttProxy "edge": routes[0].upstream names "others", which is not an upstream; use one of brokers',
    'MqttProxy "edge": port is 70000; write a whole number from 1 to 65535',
    'MqttProxy "edge": snippets.server[0] repeats proxy_timeout, which this component writes in the same block; write timeouts.longestKeepAliveSeconds instead',
    'MqttProxy "edge": pods.replicas is 0; write a whole number from 1 to 1000',
  ]);
  expect(message).not.toContain("planted");
});

const balanced = (trustedSources: pulumi.Input<string>[]) => ({
  listeners: [{ name: "balanced", port: 1883, proxyProtocol: { trustedSources } }],
});
test.each<[string, object]>([
  ["upstreams[0].servers[0].host", upstream({ servers: [{ host: pulumi.secret("a.example.com") }] })],
  ["upstreams[0].serverName", upstream({ serverName: pulumi.secret("a.example.com") })],
  [
    "brokerTls.trustedCertificatesPem",
    { brokerTls: { trustedCertificatesPem: pulumi.secret(trustedCertificatesPem) } },
  ],
  ["listeners[0].proxyProtocol.trustedSources[1]", balanced(["192.0.2.1", pulumi.secret("192.0.2.2")])],
  [
    "defaultRoute.clientIdAsHost.resolvers",
    { defaultRoute: { clientIdAsHost: { hosts: ["*.example.com"], resolvers: [pulumi.secret("10.96.0.10")] } } },
  ],
])("a secret that would be in a ConfigMap is refused at the path of its argument, %s", async (path, change) => {
  await expect(record(() => void new MqttProxy("edge", { ...valid, ...change } as never))).rejects.toThrow(
    `MqttProxy "edge": ${path} holds a secret, and would stand in a ConfigMap`,
  );
});

/** What a program says that makes a proxy of the Secrets of two namespaces, or of one. */
async function outcome(make: (namespaces: { own: pulumi.Output<string>; other: pulumi.Output<string> }) => object) {
  return record(() => {
    const [own, other] = ["own", "other"].map((name) => new Namespace(name).name);
    new MqttProxy("edge", { ...valid, namespace: own!, ...make({ own: own!, other: other! }) } as never);
  }).then(
    () => "accepted",
    (error: Error) => withoutPlace(error.message).replace(/^.*?MqttProxy/s, "MqttProxy"),
  );
}

const authority = (name: string) => new CertificateAuthority(name, { subject: { commonName: name } });
const certificate = (namespace: pulumi.Input<string>, usage: "server" | "client" | "serverAndClient") =>
  new Certificate("certificate", {
    namespace,
    issuer: authority("authority"),
    usage,
    subject: { commonName: "edge" },
    dnsNames: ["mqtt.example.com"],
  });
const listener = (reference: object, clientCertificates?: object) => ({
  listeners: [{ name: "mqtts", port: 8883, tls: { certificate: reference, clientCertificates } }],
});
const brokerTls = (clientCertificate: object) => ({ brokerTls: { trustedCertificatesPem, clientCertificate } });

describe("facts of other components", () => {
  test.each([
    [
      "a client's certificate for a listener",
      ({ own }: { own: pulumi.Output<string> }) => listener(certificate(own, "client")),
      'MqttProxy "edge": listeners[0].tls.certificate.secretName is of Certificate "certificate", a certificate for a client; give one with usage "server" or "serverAndClient"',
    ],
    [
      "a server's certificate for the brokers",
      ({ own }: { own: pulumi.Output<string> }) => brokerTls(certificate(own, "server")),
      'MqttProxy "edge": brokerTls.clientCertificate.secretName is of Certificate "certificate", a certificate for a server; give one with usage "client" or "serverAndClient"',
    ],
  ])("%s is refused", async (_what, make, error) => {
    expect(await outcome(make)).toBe(error);
  });

  const elsewhere = (path: string, component: string) =>
    `MqttProxy "edge": ${path} is of ${component}, which is in another namespace; make it in the namespace of the pods that use it, once for each namespace`;
  const trusted = (namespace: pulumi.Input<string>) =>
    new TrustedCertificates("trusted", { namespace, certificatesPem: authority("clients").bundle });
  const cases: [string, (namespace: pulumi.Output<string>) => object, string][] = [
    [
      "a listener's certificate",
      (namespace) => listener(certificate(namespace, "server")),
      elsewhere("listeners[0].tls.certificate.secretName", 'Certificate "certificate"'),
    ],
    [
      "the clients' authorities",
      (namespace) => listener(tls.certificate, { trustedCertificates: trusted(namespace) }),
      elsewhere("listeners[0].tls.clientCertificates.trustedCertificates.secretName", 'TrustedCertificates "trusted"'),
    ],
    [
      "the certificate for the brokers",
      (namespace) => brokerTls(certificate(namespace, "client")),
      elsewhere("brokerTls.clientCertificate.secretName", 'Certificate "certificate"'),
    ],
    [
      "the licence",
      (namespace) => ({ edition: "plus", license: new LicenseSecret("license", { namespace, jwt: goodToken() }) }),
      elsewhere("license.secretName", 'LicenseSecret "license"'),
    ],
    [
      "the registry's credentials",
      (namespace) =>
        pods({ imagePullSecrets: [new RegistrySecret("registry", { namespace, jwt: goodToken() }).secretName] }),
      elsewhere("pods.imagePullSecrets[0]", 'RegistrySecret "registry"'),
    ],
  ];
  test.each(cases)(
    "%s of another namespace is refused, and of the same namespace accepted",
    async (_what, make, error) => {
      expect([await outcome(({ other }) => make(other)), await outcome(({ own }) => make(own))]).toEqual([
        error,
        "accepted",
      ]);
    },
  );

  test("a plain name is accepted, since its namespace is unknown", async () => {
    expect(await outcome(() => listener({ secretName: "server" }))).toBe("accepted");
  });

  test("a certificate with usage serverAndClient is accepted on both sides", async () => {
    expect(
      await outcome(({ own }) => {
        const both = certificate(own, "serverAndClient");
        return { ...listener(both), ...brokerTls(both) };
      }),
    ).toBe("accepted");
  });

  test("the outputs of the proxy have its namespace as a fact", async () => {
    let facts: unknown;
    await record(() => {
      facts = factsOf(new MqttProxy("edge", valid).host);
    });
    expect(facts).toEqual({ component: 'MqttProxy "edge"', namespace: "mqtt" });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: expectations go anywhere in a manifest
type Policy = any;

describe("in a Namespace that denies by default", () => {
  async function policy(change: Partial<MqttProxyArgs>, defaultDeny = true): Promise<Policy> {
    const objects: KubernetesObject[] = manifests(
      await record(() => {
        const namespace = new Namespace("mqtt", { defaultDeny }).name;
        new MqttProxy("edge", { ...valid, namespace, ...change });
      }),
    );
    return objects.find(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name.startsWith("edge"))?.spec;
  }
  const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));

  test("the proxy has a NetworkPolicy with its port and the brokers' port", async () => {
    const { ingress, egress } = await policy({});
    expect(ingress).toEqual([{ ports: tcp(1883) }]);
    const [dns, brokers, ...others] = egress;
    expect(dns.ports).toContainEqual({ port: 53, protocol: "UDP" });
    expect([brokers, others]).toEqual([{ ports: tcp(8883) }, []]);
  });

  test("the NetworkPolicy has all listeners, and the ports of all brokers and name servers, known or not", async () => {
    const { ingress, egress } = await policy({
      listeners: [
        { name: "devices", port: 443, tls },
        { name: "web", port: 9443, tls, passCredentials: true, webSocket: { upstream: "later", brokerPort: 9001 } },
      ],
      upstreams: [
        { name: "brokers", servers: [{ host: "a.example.com", port: 18_883 }, { host: "b.example.com" }] },
        { name: "later", servers: [{ host: pulumi.output("c.example.com"), port: 28_883 }] },
        {
          name: "found",
          servers: [{ host: "d.example.com" }, { host: "e.example.com" }],
          resolver: { addresses: ["10.96.0.10:5353"] },
        },
      ],
    });
    expect(ingress).toEqual([{ ports: tcp(10_443, 9443) }]);
    const open = new Set(
      egress.flatMap(({ to, ports }: Policy) => (to ? [] : ports)).map((port: object) => JSON.stringify(port)),
    );
    for (const port of [...tcp(8883, 9001, 18_883, 28_883, 5353), { port: 5353, protocol: "UDP" }])
      expect(open).toContain(JSON.stringify(port));
  });

  test("a given policy stays as it is, and where traffic is open there is none by default", async () => {
    const peers = [{ podLabels: { app: "broker" }, ports: [8883] }];
    const { egress } = await policy(pods({ networkPolicy: { upstreams: peers } }));
    expect(egress.slice(1)).toEqual([{ to: [{ podSelector: { matchLabels: { app: "broker" } } }], ports: tcp(8883) }]);
    expect(await policy({}, false)).toBeUndefined();
  });
});

describe("options that depend on each other, on NGINX Plus", () => {
  const configuration = async (change: Partial<MqttProxyArgs>) =>
    manifests(
      await record(() => void new MqttProxy("edge", { ...valid, edition: "plus", license, ...change })),
    ).flatMap(({ kind, data }) => (kind === "ConfigMap" ? [(data as Record<string, string>)["nginx.conf"]!] : []))[0]!;
  const healthServer = (text: string) => /server \{\s+listen 127\.0\.0\.1:19000;.*?\n {4}\}/s.exec(text)![0];

  test("a health check sends the PROXY header if clients' connections do", async () => {
    const checked = upstream({ healthCheck: {} });
    const listeners = [{ name: "balanced", port: 1883, proxyProtocolToBrokers: true }];
    expect(healthServer(await configuration({ ...checked, listeners }))).toContain("proxy_protocol on;");
    expect(healthServer(await configuration(checked))).not.toContain("proxy_protocol");
  });

  test("the buffers for CONNECT follow its size", async () => {
    const buffers = async (maximumConnectKibibytes?: number) =>
      (await configuration({ limits: { maximumConnectKibibytes } })).match(/mqtt_buffers .*;/g);
    expect(await buffers()).toBeNull();
    expect(await buffers(49)).toBeNull();
    expect(await buffers(50)).toEqual(["mqtt_buffers 102 1k;"]);
    expect(await buffers(256)).toEqual(["mqtt_buffers 514 1k;"]);
  });
});
