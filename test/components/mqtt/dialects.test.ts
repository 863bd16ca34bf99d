import { Certificate, CertificateAuthority, LicenseSecret, MqttProxy, type MqttProxyArgs } from "../../../components";
import { manifests, record } from "../../../engine";
import { type CrossplaneNode, type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { goodToken } from "../foundation/token";
import { acceptFaults } from "../known-faults";

const missing = crossplaneMissing();
const describeWithGo = missing ? describe.skip : describe;

/** Returns the files that NGINX reads, rendered from one set of arguments in one dialect. */
async function files(dialect: Partial<MqttProxyArgs>): Promise<Record<string, string>> {
  const run = await record(() => {
    const namespace = "mqtt";
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
    new MqttProxy("edge", {
      namespace,
      license: dialect.edition === "oss" ? undefined : new LicenseSecret("license", { namespace, jwt: goodToken() }),
      upstreams: [
        { name: "alpha", servers: [{ host: "alpha.example.com" }] },
        {
          name: "beta",
          servers: [{ host: "beta-1.example.com" }, { host: "beta-2.example.com", port: 18883 }],
          serverName: "beta.example.com",
        },
      ],
      routes: [
        { clientId: { regex: "[0-9]+" }, upstream: "alpha" },
        { clientId: { prefix: "b" }, upstream: "beta" },
        { clientId: { prefix: "bb." }, upstream: "alpha" },
        { clientId: { exact: "Gateway" }, upstream: "alpha" },
        { clientId: { exact: "42" }, upstream: "beta" },
      ],
      defaultRoute: { refuse: true },
      brokerTls: {
        trustedCertificatesPem: issuer.bundle,
        clientCertificate: new Certificate("client", {
          namespace,
          issuer,
          usage: "client",
          subject: { commonName: "edge" },
        }),
      },
      credentials: { username: "edge" },
      ...dialect,
    });
  });
  const objects = manifests(run, { secrets: "show" });
  const data = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name.startsWith(name))!.data as Record<
      string,
      string
    >;
  const configuration = data("ConfigMap", "edge-nginx");
  return {
    "/etc/nginx/nginx.conf": configuration["nginx.conf"]!,
    "/etc/nginx/mqtt-credentials/credentials.conf": Buffer.from(
      data("Secret", "edge-credentials")["credentials.conf"]!,
      "base64",
    ).toString(),
  };
}

const dialects: [CrossplaneRelease, Partial<MqttProxyArgs>][] = [
  ...["R33", "R34", "R35"].map((release): [CrossplaneRelease, Partial<MqttProxyArgs>] => [
    release as CrossplaneRelease,
    {
      edition: "plus",
      pods: { release, image: "registry.example.com/nginx-plus:own", ...acceptFaults },
    },
  ]),
  ["R36", { edition: "plus", pods: { ...acceptFaults, release: "R36 P8" } }],
  ["R37", { edition: "plus" }],
  ["oss", { edition: "oss" }],
];

describeWithGo(`an MqttProxy's configuration${missing ? ` (${missing})` : ""}`, () => {
  describe.each(dialects)("%s", (release, dialect) => {
    let stream: CrossplaneNode[];
    let errors: unknown[];
    beforeAll(async () => {
      const [result] = parseStrict([{ files: await files(dialect), release }]);
      errors = result!.errors;
      stream = block(result!.tree, "stream");
    });

    test("has only directives that this release accepts in their context", () => expect(errors).toEqual([]));

    test("routes an exact client id first, then the longest prefix, then the expressions", () => {
      expect(lines(mapOf(stream, "$mqtt_upstream"))).toEqual([
        "default ",
        "~^Gateway\\z mqtt_alpha",
        "42 mqtt_beta",
        "~^bb\\. mqtt_alpha",
        "~^b mqtt_beta",
        "~^(?:[0-9]+)\\z mqtt_alpha",
      ]);
    });

    test("has the upstreams, hashed by client id, whose names are resolved again and again", () => {
      const resolver = "resolver kube-dns.kube-system.svc.cluster.local valid=10s ipv6=off";
      expect(
        stream.filter(({ name }) => name === "upstream").map(({ args, block }) => [args[0], lines(block!)]),
      ).toEqual([
        [
          "mqtt_alpha",
          ["zone mqtt_alpha 256k", "hash $mqtt_hash_key", resolver, "server alpha.example.com:8883 resolve"],
        ],
        [
          "mqtt_beta",
          [
            "zone mqtt_beta 256k",
            "hash $mqtt_hash_key consistent",
            resolver,
            "server beta-1.example.com:8883 resolve",
            "server beta-2.example.com:18883 resolve",
          ],
        ],
      ]);
    });

    test("verifies the broker by its upstream's server name, and presents its own certificate", () => {
      const server = block(stream, "server");
      expect(lines(server).filter((line) => line.startsWith("proxy_ssl"))).toEqual([
        "proxy_ssl on",
        "proxy_ssl_protocols TLSv1.2 TLSv1.3",
        "proxy_ssl_server_name on",
        "proxy_ssl_name $mqtt_broker_name",
        "proxy_ssl_verify on",
        "proxy_ssl_verify_depth 3",
        "proxy_ssl_trusted_certificate /etc/nginx/mqtt-trust/ca.crt",
        "proxy_ssl_certificate /etc/nginx/mqtt-client-certificate/tls.crt",
        "proxy_ssl_certificate_key /etc/nginx/mqtt-client-certificate/tls.key",
      ]);
      expect(lines(mapOf(stream, "$mqtt_broker_name"))).toEqual([
        "~^mqtt_alpha\\z alpha.example.com",
        "~^mqtt_beta\\z beta.example.com",
      ]);
    });

    test("reads and rewrites the CONNECT with the directives of its edition", () => {
      const ways = /^(?:mqtt|js_)/;
      const own = lines(block(stream, "server")).filter((line) => ways.test(line));
      expect(own).toEqual(
        release === "oss"
          ? ["js_preread mqtt.preread", "js_filter mqtt.filter"]
          : [
              "mqtt_preread on",
              "mqtt on",
              "mqtt_set_connect username $mqtt_connect_username",
              "mqtt_set_connect password $mqtt_connect_password",
            ],
      );
    });

    test("reads the credentials from the Secret's file", () => {
      expect(lines(mapOf(stream, "$mqtt_connect_username"))).toEqual(["default edge"]);
      expect(lines(mapOf(stream, "$mqtt_connect_password"))).toEqual([
        expect.stringMatching(/^default [A-Za-z0-9]{32}$/),
      ]);
    });
  });
});

const block = (nodes: CrossplaneNode[], name: string) => nodes.find((node) => node.name === name)!.block!;
const mapOf = (nodes: CrossplaneNode[], variable: string) =>
  nodes.find(({ name, args }) => name === "map" && args[1] === variable)!.block!;
const lines = (nodes: CrossplaneNode[]) => nodes.map(({ name, args }) => [name, ...args].join(" "));
