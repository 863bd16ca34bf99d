import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Gateway,
  type GatewayArgs,
  type GatewayListener,
} from "../../../components";
import { manifests, record } from "../../../engine";
import { type Refusal, testRefusals } from "../refusals";

const base = { namespace: "shop", gatewayClassName: "nginx" };
const https: GatewayListener = {
  name: "shop",
  port: 443,
  protocol: "HTTPS",
  hostname: "shop.example.com",
  certificates: [{ secretName: "shop-tls" }],
};
const passthrough: GatewayListener = { name: "database", port: 443, protocol: "TLS", passthrough: true };
const http: GatewayListener = { name: "http", port: 80, protocol: "HTTP" };

describe("a Gateway", () => {
  test("with the least that it needs", async () => {
    const run = await record(() => void new Gateway("web", { ...base, listeners: [http] }));
    expect(manifests(run)).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "Gateway",
    "metadata": {
      "name": "web-gateway-90b3c002",
      "namespace": "shop",
    },
    "spec": {
      "gatewayClassName": "nginx",
      "listeners": [
        {
          "name": "http",
          "port": 80,
          "protocol": "HTTP",
        },
      ],
    },
  },
]
`);
  });

  test("with every option", async () => {
    const run = await record(
      () =>
        void new Gateway("web", {
          ...base,
          name: "web",
          listeners: [
            { ...http, allowedRoutes: { from: "All", kinds: ["HTTPRoute"] } },
            { ...https, allowedRoutes: { from: "Selector", namespaceLabels: { team: "shop" } } },
            { name: "database", port: 5432, protocol: "TLS", hostname: "*.db.example.com", passthrough: true },
            { name: "dns", port: 53, protocol: "UDP" },
          ],
          labels: { team: "edge" },
          infrastructureLabels: { team: "edge" },
          infrastructureAnnotations: { "example.com/load-balancer": "internal" },
          nginxProxy: "own-settings",
        }),
    );
    expect(manifests(run)).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "Gateway",
    "metadata": {
      "labels": {
        "team": "edge",
      },
      "name": "web",
      "namespace": "shop",
    },
    "spec": {
      "gatewayClassName": "nginx",
      "infrastructure": {
        "annotations": {
          "example.com/load-balancer": "internal",
        },
        "labels": {
          "team": "edge",
        },
        "parametersRef": {
          "group": "gateway.nginx.org",
          "kind": "NginxProxy",
          "name": "own-settings",
        },
      },
      "listeners": [
        {
          "allowedRoutes": {
            "kinds": [
              {
                "group": "gateway.networking.k8s.io",
                "kind": "HTTPRoute",
              },
            ],
            "namespaces": {
              "from": "All",
            },
          },
          "name": "http",
          "port": 80,
          "protocol": "HTTP",
        },
        {
          "allowedRoutes": {
            "namespaces": {
              "from": "Selector",
              "selector": {
                "matchLabels": {
                  "team": "shop",
                },
              },
            },
          },
          "hostname": "shop.example.com",
          "name": "shop",
          "port": 443,
          "protocol": "HTTPS",
          "tls": {
            "certificateRefs": [
              {
                "kind": "Secret",
                "name": "shop-tls",
              },
            ],
            "mode": "Terminate",
          },
        },
        {
          "hostname": "*.db.example.com",
          "name": "database",
          "port": 5432,
          "protocol": "TLS",
          "tls": {
            "mode": "Passthrough",
          },
        },
        {
          "name": "dns",
          "port": 53,
          "protocol": "UDP",
        },
      ],
    },
  },
]
`);
  });

  test("has the Secret of a Certificate, for which it waits, and nothing secret", async () => {
    const run = await record(() => {
      const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
      const certificate = new Certificate("shop", {
        namespace: "shop",
        issuer,
        usage: "server",
        subject: { commonName: "shop" },
        dnsNames: ["shop.example.com"],
      });
      new Gateway("web", { ...base, listeners: [{ ...https, certificates: [certificate] }] });
    });
    const secret = manifests(run).find(({ kind }) => kind === "Secret")!;
    const gateway = run.requests.find(({ name }) => name === "web-gateway")!;
    expect(gateway.dependencies.map((urn) => urn.split("::").at(-1))).toContain("shop-secret");
    expect(JSON.stringify(gateway.inputs)).toContain(secret.metadata.name);
    const component = run.requests.find(({ name }) => name === "web")!;
    expect(JSON.stringify(component.inputs)).not.toContain("revision");
  });
});

const listeners = (...wrong: object[]) => ({ ...base, listeners: wrong }) as unknown as GatewayArgs;

test("listeners that share a port and nothing else are served", async () => {
  const program = (...given: GatewayListener[]) => record(() => void new Gateway("web", { ...base, listeners: given }));
  for (const hostname of ["db.example.com", "*.shop.example.com", pulumi.output("db.example.com")])
    await program(https, { ...passthrough, hostname });
  await program({ ...http, protocol: "TCP" }, { name: "udp", port: 80, protocol: "UDP" });
  await program({ ...https, hostname: "*.example.com" }, { ...https, name: "other" });
  // Once the names are known.
  await expect(program(https, { ...passthrough, hostname: pulumi.output("*.example.com") })).rejects.toThrow(
    'Gateway "web": listeners[1].port is 443, on which "shop" speaks HTTPS for shop.example.com',
  );
});

describe("refuses", () => {
  const cases: Omit<Refusal, "component">[] = [
    {
      rule: "no namespace",
      args: { gatewayClassName: "nginx", listeners: [http] },
      error:
        "namespace is missing; write a string: Namespace of the Gateway and of the pods of NGINX that 2.x makes for it",
    },
    {
      rule: "no class",
      args: { namespace: "shop", listeners: [http] },
      error:
        "gatewayClassName is missing; write a string: Name of the GatewayClass, the `gatewayClassName` of a GatewayFabric or GatewayFabricV1",
    },
    {
      rule: "a name that no Service can have",
      args: { ...base, name: "1-web", listeners: [http] },
      error:
        "name is not a DNS-1035 label; write at most 63 lower-case letters, digits and `-`, beginning with a letter",
    },
    {
      rule: "no listeners",
      args: listeners(),
      error: "listeners is empty; write at least one: a Gateway without listeners takes no connections",
    },
    {
      rule: "listeners that are not known yet",
      args: () => ({ ...base, listeners: pulumi.output([http]) }),
      error:
        "listeners is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    },
    {
      rule: "more listeners than there may be",
      args: listeners(
        ...Array.from({ length: 65 }, (_, index) => ({ ...http, name: `l${index}`, port: 1000 + index })),
      ),
      error: "listeners are 65; write at most 64, and make another Gateway",
    },
    {
      rule: "a listener without a name",
      args: listeners({ port: 80, protocol: "HTTP" }),
      error: "listeners[0].name is missing; write a string: Name of the listener, a DNS-1123 subdomain",
    },
    {
      rule: "a name in capitals",
      args: listeners({ ...http, name: "HTTP" }),
      plain: true,
      error:
        "listeners[0].name is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    },
    {
      rule: "a listener without a port",
      args: listeners({ name: "http", protocol: "HTTP" }),
      error: "listeners[0].port is missing; write a number: Port that clients connect to",
    },
    {
      rule: "no port",
      args: listeners({ ...http, port: 0 }),
      error: "listeners[0].port is 0; write a whole number from 1 to 65535",
    },
    {
      rule: "another protocol",
      args: listeners({ ...http, protocol: "https" }),
      plain: true,
      error: 'listeners[0].protocol is "https"; write one of "HTTP", "HTTPS", "TLS", "TCP", "UDP"',
    },
    {
      rule: "an address as host name",
      args: listeners({ ...http, hostname: "192.0.2.1" }),
      error:
        "listeners[0].hostname is not a host name; write it in lower case, without port: `shop.example.com`, or `*.example.com` for all below that",
    },
    {
      rule: "a host name with a port",
      args: listeners({ ...http, hostname: "shop.example.com:443" }),
      error:
        "listeners[0].hostname is not a host name; write it in lower case, without port: `shop.example.com`, or `*.example.com` for all below that",
    },
    {
      rule: "a host name for TCP",
      args: listeners({ ...http, protocol: "TCP", hostname: "shop.example.com" }),
      plain: true,
      error: "listeners[0].hostname is given for TCP; leave it out: such connections name no host",
    },
    {
      rule: "HTTPS without a certificate",
      args: listeners({ ...https, certificates: undefined }),
      error: "listeners[0].certificates is missing; give a Certificate: HTTPS ends at the Gateway",
    },
    {
      rule: "TLS that goes nowhere",
      args: listeners({ ...https, protocol: "TLS", certificates: [] }),
      error:
        "listeners[0].certificates is empty; give a Certificate: TLS ends at the Gateway, unless passthrough is true",
    },
    {
      rule: "a certificate for HTTP",
      args: listeners({ ...https, protocol: "HTTP" }),
      error: "listeners[0].certificates is given for HTTP; leave it out, or use protocol HTTPS or TLS",
    },
    {
      rule: "a certificate that TLS never meets",
      args: listeners({ ...https, protocol: "TLS", passthrough: true }),
      error:
        "listeners[0].certificates is given beside passthrough; remove one of the two: TLS ends here or goes through",
    },
    {
      rule: "passthrough of HTTPS",
      args: listeners({ ...https, passthrough: true }),
      error: "listeners[0].passthrough is given for HTTPS; leave it out, or use protocol TLS",
    },
    {
      rule: "a certificate that is not signed",
      args: listeners({ ...https, certificates: [{ secretName: "" }] }),
      error:
        "listeners[0].certificates[0].secretName is empty; give a Certificate that is signed: without a Secret there is no TLS",
    },
    {
      rule: "routes from elsewhere",
      args: listeners({ ...http, allowedRoutes: { from: "Anywhere" } }),
      plain: true,
      error: 'listeners[0].allowedRoutes.from is "Anywhere"; write one of "Same", "All", "Selector"',
    },
    {
      rule: "a selector that selects nothing",
      args: listeners({ ...http, allowedRoutes: { from: "Selector" } }),
      error:
        'listeners[0].allowedRoutes.namespaceLabels is missing; write the labels of the namespaces, or from: "All"',
    },
    {
      rule: "labels that nothing looks at",
      args: listeners({ ...http, allowedRoutes: { namespaceLabels: { team: "shop" } } }),
      error:
        'listeners[0].allowedRoutes.namespaceLabels is given without from: "Selector"; write that too, or leave it out',
    },
    {
      rule: "no kinds of routes",
      args: listeners({ ...http, allowedRoutes: { kinds: [] } }),
      error: "listeners[0].allowedRoutes.kinds is empty; name a kind of route, or leave it out",
    },
    {
      rule: "two listeners of a name",
      args: listeners(http, { ...http, port: 8080 }),
      plain: true,
      error: 'listeners[1].name repeats "http"; give each listener a name of its own',
    },
    {
      rule: "HTTP and HTTPS on one port",
      args: listeners(http, { ...https, port: 80 }),
      error:
        'listeners[1].port is 80, on which "http" speaks HTTP; choose another port: Gateway Fabric serves neither of the two',
    },
    {
      rule: "HTTPS and TLS passthrough on one port for one host name",
      args: listeners({ ...https, hostname: "*.example.com" }, { ...passthrough, hostname: "db.example.com" }),
      error:
        'listeners[1].port is 443, on which "shop" speaks HTTPS for db.example.com; choose another port, or host names that do not overlap: Gateway Fabric serves neither of the two',
    },
    {
      rule: "HTTPS and TLS passthrough on one port for any host name",
      args: listeners(passthrough, { ...https, hostname: undefined }),
      error:
        'listeners[1].port is 443, on which "database" speaks TLS for any host name; choose another port, or host names that do not overlap: Gateway Fabric serves neither of the two',
    },
    {
      rule: "HTTP and UDP on one port",
      args: listeners(http, { name: "udp", port: 80, protocol: "UDP" }),
      error:
        'listeners[1].port is 80, on which "http" speaks HTTP; choose another port: Gateway Fabric serves neither of the two',
    },
    {
      rule: "routes that cannot attach",
      args: listeners({ ...http, allowedRoutes: { kinds: ["HTTPRoute", "TCPRoute"] } }),
      plain: true,
      error:
        "listeners[0].allowedRoutes.kinds[1] is TCPRoute, which cannot attach to HTTP; write HTTPRoute or GRPCRoute, or leave kinds out",
    },
    {
      rule: "routes of a kind that does not exist",
      args: listeners({ ...http, allowedRoutes: { kinds: ["HttpRoute"] } }),
      plain: true,
      error:
        'listeners[0].allowedRoutes.kinds[0] is "HttpRoute"; write one of "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"',
    },
    {
      rule: "a grant for a certificate of the Gateway's namespace",
      args: listeners({ ...https, certificates: [{ secretName: "shop-tls", grant: false }] }),
      error:
        "listeners[0].certificates[0].grant is given without namespace; write the namespace of the Secret, or leave it out",
    },
    {
      rule: "a certificate twice",
      args: listeners({ ...https, certificates: [{ secretName: "shop-tls" }, { secretName: "shop-tls" }] }),
      plain: true,
      error: "listeners[0].certificates[1].secretName repeats another; name each certificate once",
    },
    {
      rule: "the name of the TLS settings in the Gateway API",
      args: listeners({ ...passthrough, passthrough: undefined, tls: { mode: "Passthrough" } }),
      error: "listeners[0].tls is not an argument; write listeners[0].certificates, or passthrough: true",
      also: [
        "listeners[0].certificates is missing; give a Certificate: TLS ends at the Gateway, unless passthrough is true",
      ],
    },
    {
      rule: "five faults, all at once",
      args: {
        namespace: "Shop",
        listeners: [
          { name: "http", port: 70_000, protocol: "HTTP" },
          { ...https, hostname: "shop..example.com", certificates: [] },
        ],
      },
      error:
        "gatewayClassName is missing; write a string: Name of the GatewayClass, the `gatewayClassName` of a GatewayFabric or GatewayFabricV1",
      also: [
        "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
        "listeners[0].port is 70000; write a whole number from 1 to 65535",
        "listeners[1].hostname is not a host name; write it in lower case, without port: `shop.example.com`, or `*.example.com` for all below that",
        "listeners[1].certificates is empty; give a Certificate: HTTPS ends at the Gateway",
      ],
    },
    {
      rule: "two listeners that are alike",
      args: listeners(https, { ...https, name: "again" }),
      error:
        'listeners[1] has the port, protocol and host name of "shop"; write another host name or port: of two that are alike, neither is served',
    },
  ];
  testRefusals(cases.map((one) => ({ component: Gateway, ...one })) as Refusal[]);
});
