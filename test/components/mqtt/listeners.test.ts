import { Certificate, CertificateAuthority, LicenseSecret, MqttProxy, type MqttProxyArgs } from "../../../components";
import { manifests, record } from "../../../engine";
import { type CrossplaneNode, type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { goodToken } from "../foundation/token";

const missing = crossplaneMissing();
const describeWithGo = missing ? describe.skip : describe;

/** The files of a proxy with every option of its listeners, in one dialect. */
async function files(dialect: Partial<MqttProxyArgs>): Promise<Record<string, string>> {
  const run = await record(() => {
    const namespace = "mqtt";
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
    const certificate = new Certificate("server", {
      namespace,
      issuer,
      usage: "server",
      subject: { commonName: "edge" },
      dnsNames: ["mqtt.example.com"],
    });
    new MqttProxy("edge", {
      namespace,
      license: dialect.edition === "oss" ? undefined : new LicenseSecret("license", { namespace, jwt: goodToken() }),
      upstreams: ["shared", "of-one", "of-two"].map((name) => ({
        name,
        servers: [{ host: `${name}-1.example.com` }, { host: `${name}-2.example.com` }],
      })),
      routes: [{ username: { prefix: "gauge-" }, upstream: "shared", credentials: "gauges" }],
      defaultRoute: { clientIdAsHost: { hosts: ["*.brokers.example.com"], resolvers: ["10.96.0.10"] } },
      brokerTls: { trustedCertificatesPem: issuer.bundle },
      credentials: { username: "edge" },
      namedCredentials: [{ name: "gauges", credentials: { username: "gauge" } }],
      limits: { connectionsPerAddress: 50, uploadBytesPerSecond: 65536, downloadBytesPerSecond: 65536 },
      listeners: [
        {
          name: "balanced",
          port: 1883,
          proxyProtocol: { trustedSources: ["192.0.2.0/24", "2001:db8::/32"] },
          proxyProtocolToBrokers: true,
        },
        {
          name: "devices",
          port: 8883,
          tls: {
            certificate,
            clientCertificates: {
              trustedCertificates: { secretName: "authorities" },
              verifyDepth: 2,
              revocation: { crl: true, deniedSerials: ["0A:1B"] },
            },
          },
        },
        {
          name: "own",
          port: 8884,
          passCredentials: true,
          tls: { certificate, clientCertificates: { mode: "optional", trustedCertificatesPem: issuer.bundle } },
          routes: [{ certificate: { organization: { exact: "Example, Inc" } }, upstream: "shared" }],
          defaultRoute: { refuse: true },
        },
        {
          name: "web",
          port: 443,
          tls: { certificate },
          proxyProtocol: { trustedSources: ["192.0.2.1"] },
          passCredentials: true,
          limits: { connectionsPerAddress: 5 },
          webSocket: { upstream: "shared", brokerPort: 8884 },
        },
      ],
      tenants: [
        {
          name: "one",
          listeners: ["devices"],
          certificate: { organizationalUnit: { prefix: "one." } },
          routes: [{ clientId: { exact: "A" }, upstream: "of-one" }],
          defaultRoute: { refuse: true },
          credentials: { usernameFromCertificate: "commonName" },
        },
        {
          name: "two",
          listeners: ["devices"],
          certificate: { organizationalUnit: { exact: "Zwölf" } },
          defaultRoute: { upstream: "of-two" },
          credentials: { usernameFromCertificate: "subject" },
        },
      ],
      ...dialect,
    });
  });
  const objects = manifests(run, { secrets: "show" });
  const found = objects.filter(({ kind }) => kind === "ConfigMap" || kind === "Secret");
  const texts: Record<string, string> = {};
  for (const { kind, metadata, data = {} } of found)
    for (const [key, text] of Object.entries(data as Record<string, string>)) {
      if (key === "nginx.conf") texts["/etc/nginx/nginx.conf"] = text;
      const [, part] = /^edge(.*)-credentials/.exec(metadata.name) ?? [];
      if (kind === "Secret" && part !== undefined)
        texts[`/etc/nginx/mqtt-credentials${part}/${key}`] = Buffer.from(text, "base64").toString();
    }
  return texts;
}

const dialects: [CrossplaneRelease, Partial<MqttProxyArgs>][] = [
  ...["R33", "R34", "R35"].map((release): [CrossplaneRelease, Partial<MqttProxyArgs>] => [
    release as CrossplaneRelease,
    {
      edition: "plus",
      pods: { release, image: "registry.example.com/nginx-plus:own", unsafeAllowVulnerableRelease: true },
    },
  ]),
  ["R36", { edition: "plus", pods: { release: "R36 P8" } }],
  ["R37", { edition: "plus" }],
  ["oss", { edition: "oss" }],
];

describeWithGo(`the listeners of an MqttProxy${missing ? ` (${missing})` : ""}`, () => {
  describe.each(dialects)("%s", (release, dialect) => {
    let stream: CrossplaneNode[];
    let http: CrossplaneNode[];
    let errors: unknown[];
    beforeAll(async () => {
      const [result] = parseStrict([{ files: await files(dialect), release }]);
      errors = result!.errors;
      stream = result!.tree.find(({ name }) => name === "stream")!.block!;
      http = result!.tree.find(({ name }) => name === "http")!.block!;
    });

    test("have only directives that this release accepts in their context", () => expect(errors).toEqual([]));

    test("choose by listener, then by tenant, then by route", () => {
      const route = (name: string) => lines(mapOf(stream, name));
      expect(route("$mqtt_route")).toEqual([
        "~^balanced\\z $mqtt_route_of_proxy",
        "~^devices\\z $mqtt_admitted_on_devices",
        "~^own\\z $mqtt_route_of_listener_own",
      ]);
      expect(route("$mqtt_admitted_on_devices")).toEqual(["default $mqtt_tenant_on_devices", "0A1B "]);
      const unit = (text: string) =>
        `~^(?!(?:(?:[^,+\\\\]|\\\\.)*[,+])*?OU=(?:[^,+\\\\]|\\\\.)*[,+](?:(?:[^,+\\\\]|\\\\.)*[,+])*?OU=)(?:(?:[^,+\\\\]|\\\\.)*[,+])*?OU=${text}(?:[,+]|\\z)`;
      expect(route("$mqtt_tenant_on_devices")).toEqual([
        "default ",
        `${unit("Zw\\\\C3\\\\B6lf")} $mqtt_route_of_tenant_two_with_subject`,
        `${unit("one\\.(?:[^,+\\\\]|\\\\.)*")} $mqtt_route_of_tenant_one_with_common_name`,
      ]);
      expect(route("$mqtt_upstream")).toEqual(["default $mqtt_route", "~^mqtt_shared/gauges\\z mqtt_shared"]);
      expect(route("$mqtt_host_of_proxy")).toEqual([
        "default ",
        "~^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\\.brokers\\.example\\.com)\\z $mqtt_preread_clientid:8883",
      ]);
    });

    test("have their own port, TLS and limits", () => {
      const server = (listener: string) =>
        lines(
          stream.find(
            ({ name, block }) =>
              name === "server" && block!.some(({ args }) => args[1] === listener && args[0] === "$mqtt_listener"),
          )!.block!,
        );
      expect(server("balanced")).toEqual(
        expect.arrayContaining([
          "listen 1883 proxy_protocol",
          "set_real_ip_from 192.0.2.0/24",
          "set_real_ip_from 2001:db8::/32",
          "proxy_protocol on",
          "limit_conn mqtt-addresses 50",
          "proxy_upload_rate 65536",
          "proxy_download_rate 65536",
          "resolver 10.96.0.10",
        ]),
      );
      expect(server("devices")).toEqual(
        expect.arrayContaining([
          "listen 8883 ssl",
          "ssl_protocols TLSv1.2 TLSv1.3",
          "ssl_verify_client on",
          "ssl_verify_depth 2",
          "ssl_crl /etc/nginx/mqtt-authorities-devices/ca.crl",
          "ssl_session_tickets off",
        ]),
      );
      expect(server("own")).toContain("ssl_verify_client optional");
      expect(server("own").filter((line) => /^(?:mqtt on|js_filter)/.test(line))).toEqual([]);
    });

    test("a WebSocket listener is in http, without directives that read MQTT", () => {
      const server = http.find(
        ({ name, block }) => name === "server" && lines(block!).includes("listen 10443 ssl proxy_protocol"),
      )!;
      const location = server.block!.find(({ args }) => args[1] === "/mqtt")!;
      expect(lines(location.block!)).toEqual(
        expect.arrayContaining([
          "proxy_read_timeout 1800s",
          "proxy_ssl_verify on",
          "proxy_pass https://mqtt-websocket-web",
        ]),
      );
      expect(JSON.stringify(server)).not.toMatch(/mqtt_preread|js_preread|mqtt_set_connect/);
    });

    test("credentials follow the route, and those from a certificate are a variable", () => {
      expect(lines(mapOf(stream, "$mqtt_connect_username"))).toEqual([
        // Hosts that clients name.
        "default $mqtt_connect_username_default",
        "~^mqtt_shared/gauges\\z $mqtt_connect_username_gauges",
        "~^mqtt_of-one\\z $mqtt_connect_username_one",
        "~^mqtt_of-two\\z $mqtt_connect_username_two",
        "~^mqtt_shared\\z $mqtt_connect_username_default",
      ]);
      expect(lines(mapOf(stream, "$mqtt_connect_username_one"))).toEqual(["default $mqtt_certificate_common_name"]);
      expect(lines(mapOf(stream, "$mqtt_connect_username_two"))).toEqual(["default $ssl_client_s_dn"]);
    });
  });
});

test("names of tenants and listeners never give two maps the same variable", async () => {
  const names = ["a", "a-key", "a-otherwise", "a-by-username", "a-by-name", "a-by-client-id", "a-by-username-key"];
  const run = await record(
    () =>
      void new MqttProxy("edge", {
        namespace: "mqtt",
        edition: "oss",
        upstreams: names.map((name) => ({ name, servers: [{ host: "broker.example.com" }] })),
        defaultRoute: { refuse: true },
        listeners: names.map((_, index) => ({
          name: `l${index}`,
          port: 8000 + index,
          tls: {
            certificate: { secretName: "tls" },
            clientCertificates: {
              trustedCertificates: { secretName: "authorities" },
              revocation: { deniedSerials: ["0A"] },
            },
          },
        })),
        tenants: names.map((name, index) => ({
          name,
          listeners: [`l${index}`],
          routes: [
            ...Array.from({ length: 101 }, (_, id) => ({ clientId: { exact: `id-${id}` }, upstream: name })),
            ...Array.from({ length: 101 }, (_, id) => ({ username: { exact: `user-${id}` }, upstream: name })),
            { certificate: { commonName: { exact: "x" } }, upstream: name },
          ],
          defaultRoute: { refuse: true },
          credentials: {
            usernameFromCertificate: "commonName",
            password: "p",
            unsafeSendToUnverifiedBrokers: true,
          },
        })),
      }),
  );
  const configMaps = manifests(run).filter(({ kind }) => kind === "ConfigMap");
  const text = configMaps.map(({ data }) => (data as Record<string, string>)["nginx.conf"] ?? "").join("");
  const variables = [...text.matchAll(/^\s*map .*(\$\w+) \{$/gm)].map(([, variable]) => variable);
  expect(variables.length).toBeGreaterThan(names.length * 8);
  expect(variables.filter((variable, index) => variables.indexOf(variable) !== index)).toEqual([]);
  const keys = configMaps.flatMap(({ data }) => Object.keys(data as object));
  expect(keys.filter((key) => key.startsWith("mqtt-routes")).length).toBe(names.length * 2);
  expect(new Set(keys).size).toBe(keys.length);
});

const mapOf = (nodes: CrossplaneNode[], variable: string) =>
  nodes.find(({ name, args }) => name === "map" && args[1] === variable)!.block!;
const lines = (nodes: CrossplaneNode[]) => nodes.map(({ name, args }) => [name, ...args].join(" "));
