import { type MqttCertificateMatch, MqttProxy, type MqttProxyArgs } from "../../../components";
import { manifests, record } from "../../../engine";
import { type CrossplaneNode, type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";

const missing = crossplaneMissing();
const describeWithGo = missing ? describe.skip : describe;

const image = "registry.example.com/nginx-plus-njs:own";
const program = "/etc/nginx/njs/certificate.njs";
const trustedCertificatesPem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
const tls = { certificate: { secretName: "tls" }, clientCertificates: { trustedCertificatesPem } };
const credentials = { password: "p", unsafeSendToUnverifiedBrokers: true };
const route = (certificate: MqttCertificateMatch, upstream: string) => ({ certificate, upstream });

const withNames: MqttProxyArgs = {
  namespace: "mqtt",
  upstreams: ["a", "b", "north", "south"].map((name) => ({ name, servers: [{ host: `${name}.example.com` }] })),
  listeners: [
    { name: "shared", port: 8883, tls },
    { name: "own", port: 8884, tls },
  ],
  routes: [
    { clientId: { prefix: "a" }, upstream: "a" },
    route({ emailAddress: { prefix: "a@" } }, "a"),
    route({ uri: { prefix: "urn:" } }, "a"),
    route({ uri: { prefix: "urn:b:" } }, "b"),
    route({ uri: { exact: "urn:b:$a" } }, "a"),
    route({ dnsName: { exact: "b.example.com" } }, "b"),
    route({ organization: { exact: "B" } }, "b"),
  ],
  defaultRoute: { refuse: true },
  credentials: { usernameFromCertificate: "dnsName", ...credentials },
  tenants: ["north", "south"].map((name) => ({
    name,
    listeners: ["shared"],
    certificate: { uri: { prefix: `spiffe://${name}.example/` } },
    defaultRoute: { upstream: name },
    credentials: { usernameFromCertificate: "uri", ...credentials },
  })),
};
const without: MqttProxyArgs = {
  ...withNames,
  routes: [route({ organization: { exact: "B" } }, "b")],
  tenants: undefined,
  credentials: { usernameFromCertificate: "commonName", ...credentials },
};

/** What a proxy renders: the file that NGINX starts from, those beside it, and the image of its pods. */
async function render(args: MqttProxyArgs) {
  const license = args.edition === "oss" ? undefined : { secretName: "license" };
  const objects = manifests(await record(() => void new MqttProxy("edge", { license, ...args })), { secrets: "show" });
  const configMaps = objects.filter(({ kind }) => kind === "ConfigMap");
  const data: Record<string, string> = Object.assign({}, ...configMaps.map((one) => one.data));
  const secrets = objects.filter(({ kind, metadata }) => kind === "Secret" && /-credentials/.test(metadata.name));
  const files: Record<string, string> = { "/etc/nginx/nginx.conf": data["nginx.conf"]! };
  for (const { metadata, data: own } of secrets) {
    const [, part] = /^edge(.*)-credentials/.exec(metadata.name)!;
    const text = (own as Record<string, string>)["credentials.conf"]!;
    files[`/etc/nginx/mqtt-credentials${part}/credentials.conf`] = Buffer.from(text, "base64").toString();
  }
  const deployment = objects.find(({ kind }) => kind === "Deployment")!.spec as {
    template: { spec: { containers: { image: string }[] } };
  };
  return { files, keys: Object.keys(data), image: deployment.template.spec.containers[0]!.image };
}

const dialects: [CrossplaneRelease, Partial<MqttProxyArgs>][] = [
  ...["R33", "R34", "R35"].map((release): [CrossplaneRelease, Partial<MqttProxyArgs>] => [
    release as CrossplaneRelease,
    { edition: "plus", pods: { release, image, unsafeAllowVulnerableRelease: true } },
  ]),
  ["R36", { edition: "plus", pods: { release: "R36 P8", image } }],
  ["R37", { edition: "plus", pods: { image } }],
  ["oss", { edition: "oss" }],
];

describeWithGo(`alternative names in an MqttProxy's configuration${missing ? ` (${missing})` : ""}`, () => {
  describe.each(dialects)("%s", (release, dialect) => {
    let main: CrossplaneNode[];
    let stream: CrossplaneNode[];
    let errors: unknown[];
    let keys: string[];
    beforeAll(async () => {
      const rendered = await render({ ...withNames, ...dialect });
      const [result] = parseStrict([{ files: rendered.files, release }]);
      errors = result!.errors;
      main = result!.tree;
      keys = rendered.keys;
      stream = main.find(({ name }) => name === "stream")!.block!;
    });

    test("have only directives that this release accepts", () => expect(errors).toEqual([]));

    test("are read by njs, which is loaded once and sets only the variables in use", () => {
      expect(lines(main).filter((line) => line.startsWith("load_module"))).toEqual([
        "load_module modules/ngx_stream_js_module.so",
      ]);
      expect(lines(stream).filter((line) => /^js_(?:import|set|var) .*certificate/.test(line))).toEqual([
        `js_import certificate from ${program}`,
        "js_set $mqtt_certificate_dns_name certificate.dnsName",
        "js_set $mqtt_certificate_uri certificate.uri",
        "js_set $mqtt_certificate_email_address certificate.emailAddress",
      ]);
      expect(keys.filter((key) => key.endsWith("certificate.njs"))).toHaveLength(1);
      expect(keys.filter((key) => key.endsWith("connect.njs"))).toHaveLength(release === "oss" ? 1 : 0);
    });

    test("choose by subject, then by DNS name, URI and mail address, then by client id", () => {
      const map = (variable: string) => {
        const node = stream.find(({ name, args }) => name === "map" && args[1] === variable)!;
        return [node.args[0], ...lines(node.block!)];
      };
      const own = "$mqtt_route_of_proxy";
      expect(map("$mqtt_upstream")).toEqual([
        "$mqtt_listener",
        "~^shared\\z $mqtt_tenant_on_shared",
        `~^own\\z ${own}_with_dns_name`,
      ]);
      expect(map(`${own}_with_dns_name`)).toEqual(["$mqtt_certificate_dns_name", `default ${own}`, " "]);
      expect(map(own)).toEqual([
        "$ssl_client_s_dn",
        `default ${own}_by_dns_name`,
        expect.stringMatching(/O=B\(\?:\[,\+\]\|\\z\) mqtt_b$/),
      ]);
      expect(map(`${own}_by_dns_name`)).toEqual([
        "$mqtt_certificate_dns_name",
        `default ${own}_by_uri`,
        "~^b\\.example\\.com\\z mqtt_b",
      ]);
      expect(map(`${own}_by_uri`)).toEqual([
        "$mqtt_certificate_uri",
        `default ${own}_by_email_address`,
        "~^urn:b:\\$a\\z mqtt_a",
        "~^urn:b: mqtt_b",
        "~^urn: mqtt_a",
      ]);
      expect(map(`${own}_by_email_address`)).toEqual([
        "$mqtt_certificate_email_address",
        `default ${own}_by_client_id`,
        "~^a@ mqtt_a",
      ]);
      expect(map(`${own}_by_client_id`)).toEqual(["$mqtt_preread_clientid", "default ", "~^a mqtt_a"]);
      expect(map("$mqtt_tenant_on_shared")).toEqual([
        "$mqtt_certificate_uri",
        "default ",
        "~^spiffe://north\\.example/ $mqtt_route_of_tenant_north_with_uri",
        "~^spiffe://south\\.example/ $mqtt_route_of_tenant_south_with_uri",
      ]);
      expect(map("$mqtt_connect_username_default")[1]).toBe("default $mqtt_certificate_dns_name");
      expect(map("$mqtt_connect_username_north")[1]).toBe("default $mqtt_certificate_uri");
    });
  });

  test("are the same in both editions, except for the directives that read and rewrite the CONNECT", async () => {
    const rendered = [
      await render({ ...withNames, edition: "plus", pods: { image } }),
      await render({ ...withNames, edition: "oss", pods: { image } }),
    ];
    const releases: CrossplaneRelease[] = ["R37", "oss"];
    const results = parseStrict(rendered.map(({ files }, index) => ({ files, release: releases[index]! })));
    const [plus, oss] = results.map(({ tree }) => {
      const stream = tree.find(({ name }) => name === "stream")!.block!;
      return all(stream).filter(
        (line) => !/^(?:mqtt|js_preread|js_filter|js_var|js_import mqtt|status_zone)/.test(line),
      );
    });
    expect(plus!.length).toBeGreaterThan(100);
    expect(plus).toEqual(oss);
  });
});

test("without alternative names NGINX Plus has the default image, and neither njs nor its file", async () => {
  const { files, keys, image: used } = await render({ ...without, edition: "plus" });
  expect(Object.values(files).join()).not.toMatch(/js_|load_module/);
  expect(keys.filter((key) => key.endsWith(".njs"))).toEqual([]);
  expect(used).toBe("private-registry.nginx.com/nginx-plus/rootless-base:r37.0-debian");
  const openSource = await render({ ...without, edition: "oss" });
  expect(openSource.files["/etc/nginx/nginx.conf"]).not.toContain("certificate.njs");
  expect(openSource.keys.filter((key) => key.endsWith("certificate.njs"))).toEqual([]);
});

test.each([
  ["a tenant", { tenants: [{ ...withNames.tenants![0]!, credentials: undefined }] }],
  [
    "a route of a listener",
    { listeners: [{ ...withNames.listeners![1]!, routes: withNames.routes, defaultRoute: { refuse: true } }] },
  ],
  ["a user name", { credentials: { usernameFromCertificate: "emailAddress" as const, ...credentials } }],
])("%s with an alternative name is enough to load njs", async (_what, change) => {
  const base = { ...without, edition: "plus" as const, pods: { image }, credentials: undefined };
  const { keys } = await render({ ...base, ...change });
  expect(keys.filter((key) => key.endsWith("certificate.njs"))).toHaveLength(1);
});

const lines = (nodes: CrossplaneNode[]) => nodes.map(({ name, args }) => [name, ...args].join(" "));
const all = (nodes: CrossplaneNode[]): string[] =>
  nodes.flatMap((node) => [...lines([node]), ...all(node.block ?? [])]);
