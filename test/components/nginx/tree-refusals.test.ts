import { Certificate, CertificateAuthority } from "../../../components";
import { Namespace } from "../../../components/foundation";
import { type NginxConfigNode, NginxPlus } from "../../../components/nginx";
import { record } from "../../../engine";
import { type Refusal, testRefusals, thrownBy, withoutPlace } from "../refusals";

const listen = (...args: string[]) => ({ name: "listen", args });
const base = { namespace: "edge", edition: "oss", ports: [{ name: "http", port: 8000 }] };

const refusal = (rule: string, args: object, error: string, plain?: boolean): Refusal => ({
  rule,
  component: NginxPlus,
  args: { ...base, ...args },
  error,
  plain: plain ?? /^configuration\S*\.(name|block) /.test(error),
});
/** Nodes in `http > server`, beside one that listens on port 8000; they begin at `configuration.http[0].block[1]`. */
const server = (rule: string, nodes: NginxConfigNode[], error: string) =>
  refusal(rule, { configuration: { http: [{ name: "server", block: [listen("8000"), ...nodes] }] } }, error);
/** The words of the one `listen` of the configuration. */
const listening = (rule: string, args: string[], error: string) =>
  refusal(
    rule,
    {
      configuration: {
        http: [
          { name: "server", block: [listen("8000")] },
          { name: "server", block: [listen(...args)] },
        ],
      },
    },
    error,
  );
const http = (rule: string, nodes: NginxConfigNode[], error: string) =>
  refusal(rule, { configuration: { http: [{ name: "server", block: [listen("8000")] }, ...nodes] } }, error);
const main = (rule: string, node: NginxConfigNode, error: string) =>
  refusal(rule, { configuration: { main: [node], http: [{ name: "server", block: [listen("8000")] }] } }, error);
const tls = [
  { name: "ssl_certificate", args: ["/etc/nginx/tls/tls.crt"] },
  { name: "ssl_certificate_key", args: ["/etc/nginx/tls/tls.key"] },
];
const mounted = { secretMounts: [{ name: "tls", secretName: "tls", path: "/etc/nginx/tls", keys: ["tls.crt"] }] };

const at = "configuration.http[0].block[1]";
const second = "configuration.http[1].block[0]";

testRefusals([
  server(
    "a directive that NGINX does not have",
    [{ name: "location", args: ["/"], block: [{ name: "proxypass", args: ["http://backend"] }] }],
    `${at}.block[0].name is "proxypass", which is not a directive of NGINX; write proxy_pass, or set thirdParty: true on the node if another module has it`,
  ),
  server(
    "a directive like no other",
    [{ name: "frobnicate_everything_twice", args: ["on"] }],
    `${at}.name is "frobnicate_everything_twice", which is not a directive of NGINX; correct it, or set thirdParty: true on the node if another module has it`,
  ),
  server(
    "a directive in the wrong block",
    [{ name: "proxy_pass", args: ["http://192.0.2.1"] }],
    `${at}.name is "proxy_pass", which NGINX does not allow in http > server; write it in http > location > if, http > location, http > location > limit_except, stream > server`,
  ),
  server(
    "a block without its nodes",
    [{ name: "location", args: ["/"] }],
    `${at}.block is missing: location is a block; write the nodes inside it; [] for none`,
  ),
  server(
    "a directive as a block",
    [{ name: "root", args: ["/usr/share/nginx/html"], block: [] }],
    `${at}.block is given for root, which is not a block; remove it`,
  ),
  server(
    "two words in one",
    [{ name: "add_header", args: ["X-Edge 1"] }],
    `${at}.args has 1 word; write 2 or 3: that is how many add_header takes, each a word by itself`,
  ),
  server(
    "a switch that is neither on nor off",
    [{ name: "gzip", args: ["yes"] }],
    `${at}.args[0] is "yes"; write "on" or "off"`,
  ),
  server(
    "a variable of NGINX that is not said to be one",
    [{ name: "proxy_set_header", args: ["Host", "$host"] }],
    `${at}.args[1] has $host, the name of a variable, in a directive that NGINX evaluates; set variables: true on the node for the variable's value, or variables: false for the text`,
  ),
  server(
    "a variable with a header's name",
    [{ name: "return", args: ["200", "${http_x_tenant}"] }],
    `${at}.args[1] has $http_x_tenant, the name of a variable, in a directive that NGINX evaluates; set variables: true on the node for the variable's value, or variables: false for the text`,
  ),
  http(
    "a variable of the configuration that is not said to be one",
    [
      { name: "map", args: ["$host", "$backend"], variables: true, block: [{ name: "default", args: ["a"] }] },
      {
        name: "server",
        block: [listen("8001"), { name: "return", args: ["301", "https://$backend/"] }],
      },
    ],
    "configuration.http[2].block[1].args[1] has $backend, the name of a variable, in a directive that NGINX evaluates; set variables: true on the node for the variable's value, or variables: false for the text",
  ),

  listening(
    "words of listen in one",
    ["8443 ssl"],
    `${second}.args[0] is "8443 ssl" in one word; write each word by itself: args: ["8443", "ssl"]`,
  ),
  listening(
    "an address that is none",
    ["[::]" + "8443"],
    `${second}.args[0] is "[::]8443", which is not an address of listen; write a port, an address and a port, or unix:/path: 8443, 127.0.0.1:8443, [::]:8443`,
  ),
  listening(
    "an address alone, which means port 80",
    ["192.0.2.1"],
    `${second}.args[0] listens on port 80, which takes privileges; listen on a port from 1024`,
  ),
  listening("a port beyond all", ["70000"], `${second}.args[0] is "70000"; write a port from 1024 to 65535`),
  listening(
    "a parameter that listen does not have",
    ["8001", "default-server"],
    `${second}.args[1] is "default-server", which is not a parameter of listen; write default_server`,
  ),
  listening(
    "TLS without a certificate",
    ["8443", "ssl"],
    `${second} has ssl, and the server has no certificate; write ssl_certificate and ssl_certificate_key beside it, or remove ssl`,
  ),

  server(
    "a file that no volume has",
    tls.slice(0, 1),
    `${at}.args[0] is /etc/nginx/tls/tls.crt, which no volume of the pods has; add it to files, or its Secret to secretMounts`,
  ),
  refusal(
    "a key that is not mounted",
    { ...mounted, configuration: { http: [{ name: "server", block: [listen("8000", "ssl"), ...tls] }] } },
    "configuration.http[0].block[2].args[0] is /etc/nginx/tls/tls.key, and the Secret that is mounted there has no such key among those that are wanted; write one of /etc/nginx/tls/tls.crt, or add the key to the mount",
  ),
  server(
    "a relative path",
    [{ name: "include", args: ["mime.types"] }],
    `${at}.args[0] is the relative path "mime.types", which begins at /etc/nginx/main, where no other file is; write an absolute path: /etc/nginx/mime.types`,
  ),
  main(
    "a block that has an argument of its own",
    { name: "http", block: [] },
    'configuration.main[0].name is "http", which the component writes itself; write configuration.http',
  ),
  http(
    "a directive of a module that is not loaded",
    [{ name: "js_import", args: ["/etc/nginx/njs/edge.js"] }],
    'configuration.http[1].name is "js_import", a directive of a module that is not loaded; write { name: "load_module", args: ["modules/ngx_http_js_module.so"] } in configuration.main',
  ),
]);

test.each<[string, object]>([
  [
    "the value of a variable",
    { http: [location({ name: "proxy_set_header", args: ["Host", "$host"], variables: true })] },
  ],
  [
    "a text like a variable",
    { http: [location({ name: "proxy_set_header", args: ["X", "$host"], variables: false })] },
  ],
  ["a dollar sign", { http: [location({ name: "add_header", args: ["X-Price", "5$"] })] }],
  [
    "another module's directive that is marked",
    { http: [location({ name: "brotli", args: ["on"], thirdParty: true })] },
  ],
  [
    "another module's directive where it is loaded",
    {
      main: [{ name: "load_module", args: ["modules/ngx_http_brotli_filter_module.so"] }],
      http: [location({ name: "brotli", args: ["on"] })],
    },
  ],
  [
    "a second server of an address, which has the first one's certificate",
    {
      http: [
        location(),
        { name: "server", block: [listen("8443", "ssl"), { name: "ssl_certificate", args: ["/etc/ssl/tls.crt"] }] },
        { name: "server", block: [listen("8443", "ssl"), { name: "server_name", args: ["b.example.com"] }] },
      ],
    },
  ],
  [
    "certificates of http",
    {
      http: [
        location(),
        { name: "ssl_certificate", args: ["data:PEM"] },
        { name: "server", block: [listen("[::]:8443", "ssl")] },
      ],
    },
  ],
  [
    "files of the image, and patterns",
    {
      http: [
        location(),
        { name: "include", args: ["/etc/nginx/mime.types"] },
        { name: "include", args: ["/etc/nginx/extra/*.conf"] },
      ],
    },
  ],
  ["a socket of UNIX", { http: [location(), { name: "server", block: [listen("unix:/tmp/edge.sock")] }] }],
])("accepts %s", async (_, configuration) => {
  await record(() => void new NginxPlus("edge", { ...base, edition: "oss", configuration }));
});

function location(...nodes: NginxConfigNode[]) {
  return { name: "server", block: [listen("8000"), { name: "location", args: ["/"], block: nodes }] };
}

test("five wrong arguments are five sentences", () => {
  const wrong = () =>
    new NginxPlus("edge", {
      ...base,
      edition: "oss",
      replicas: 0,
      drainSeconds: 0,
      imagePullSecrets: ["Registry"],
      service: { type: "LoadBalancer", loadBalancerSourceRanges: ["banana"] },
      configuration: { http: [location({ name: "proxypass", args: ["http://backend"] })] },
    });
  expect(withoutPlace((thrownBy(wrong) as Error).message).split("\n")).toEqual([
    'NginxPlus "edge": drainSeconds is 0; write a whole number from 1 to 86400',
    'NginxPlus "edge": imagePullSecrets[0] is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit',
    'NginxPlus "edge": service.loadBalancerSourceRanges[0] is not a network in CIDR notation; write for example `192.0.2.0/24`',
    'NginxPlus "edge": configuration.http[0].block[1].block[0].name is "proxypass", which is not a directive of NGINX; write proxy_pass, or set thirdParty: true on the node if another module has it',
    'NginxPlus "edge": replicas is 0; write a whole number from 1 to 1000',
  ]);
});

describe("what other components know", () => {
  /** The message about an NginxPlus that a program makes beside others. */
  const refusalOf = (make: () => object) =>
    record(() => void new NginxPlus("edge", make() as never)).then(
      () => undefined,
      (error: Error) => withoutPlace(error.message),
    );
  const withTls = (secretName: unknown) => ({
    ...base,
    secretMounts: [{ name: "tls", secretName, path: "/etc/nginx/tls" }],
    configuration: { http: [{ name: "server", block: [listen("8000", "ssl"), ...tls] }] },
  });
  const certificate = (usage: "server" | "client", namespace: string) =>
    new Certificate("tls", {
      usage,
      namespace,
      subject: { commonName: "edge" },
      dnsNames: ["edge.example.com"],
      issuer: new CertificateAuthority("root", { subject: { commonName: "root" } }),
    }).secretName;

  test("a Secret of another namespace is refused, one of the same is not", async () => {
    expect(await refusalOf(() => withTls(certificate("server", "shared")))).toContain(
      'NginxPlus "edge": secretMounts[0].secretName is of Certificate "tls", which is in another namespace; make it in the namespace of the pods that use it, once for each namespace',
    );
    expect(await refusalOf(() => withTls(certificate("server", "edge")))).toBeUndefined();
  });

  test("a client's certificate is refused for a server", async () => {
    expect(await refusalOf(() => withTls(certificate("client", "edge")))).toContain(
      'NginxPlus "edge": configuration.http[0].block[1].args[0] is of Certificate "tls", which is for clients; use one with usage: "server" or "serverAndClient"',
    );
  });

  test("a server's certificate is refused for usage reports", async () => {
    const plus = (usage: "server" | "client") => ({
      ...base,
      edition: "plus",
      license: { secretName: "license" },
      management: { clientCertificate: { secretName: certificate(usage, "edge") } },
      configuration: { http: [{ name: "server", block: [listen("8000")] }] },
    });
    expect(await refusalOf(() => plus("server"))).toContain(
      'NginxPlus "edge": management.clientCertificate is a certificate for servers; write one with usage: "client" or "serverAndClient"',
    );
    expect(await refusalOf(() => plus("client"))).toBeUndefined();
  });

  test("a Namespace that denies by default is no name of another", async () => {
    const namespace = () => new Namespace("edge", { name: "edge", defaultDeny: true }).name;
    expect(
      await refusalOf(() => ({ ...withTls(certificate("server", "edge")), namespace: namespace() })),
    ).toBeUndefined();
  });
});
