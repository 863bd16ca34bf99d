import { LicenseSecret, MqttProxy, type MqttProxyArgs } from "../../../components";
import { mapHashNodes } from "../../../components/nginx/conf";
import { manifests, record } from "../../../engine";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { goodToken } from "../foundation/token";
import { testRefusals } from "../refusals";

const valid: MqttProxyArgs = {
  namespace: "mqtt",
  edition: "oss",
  upstreams: [{ name: "brokers", servers: [{ host: "broker.example.com" }] }],
  defaultRoute: { refuse: true },
};
const exactly = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ clientId: { exact: `Device-${index}` }, upstream: "brokers" }));
const long = (prefix: number) => ({ clientId: { prefix: `${prefix}`.padEnd(1000, "x") }, upstream: "brokers" });
const snippet = (name: string, ...args: string[]) => ({ stream: [{ name, args, variables: true }] });

testRefusals(
  (
    [
      [
        "more prefixes than a ConfigMap holds",
        { routes: Array.from({ length: 501 }, (_, index) => long(index)) },
        "routes have 501000 bytes of prefixes and expressions, and the configuration has room for 500000; use exact matches, of which there may be any number: NGINX tries the others one by one",
      ],
      [
        "a size of hash tables after the proxy's maps, which NGINX calls a duplicate",
        { snippets: snippet("map_hash_bucket_size", "64") },
        "snippets.stream[0] sets map_hash_bucket_size after the proxy's maps, where NGINX has a default already; remove it: it follows from the routes",
      ],
      [
        "a capture beside a table of routes",
        {
          routes: exactly(101),
          snippets: {
            stream: [
              {
                name: "map",
                args: ["$remote_addr", "$x"],
                variables: true,
                block: [{ name: "~^(.)", args: ["$1 $mqtt_upstream"], variables: true }],
              },
            ],
          },
        },
        "snippets.stream[0].block[0] uses a capture, and so does the map of the routes: the value may be a client id; name the capture, (?<name>…), and use $name",
      ],
    ] satisfies [string, Partial<MqttProxyArgs>, string][]
  ).map(([rule, difference, error]) => ({
    rule,
    component: MqttProxy,
    args: { ...valid, ...difference },
    error,
    plain: true,
  })),
);

async function nginxConf(args: Partial<MqttProxyArgs>): Promise<string> {
  const run = await record(() => void new MqttProxy("edge", { ...valid, ...args }));
  const map = manifests(run, { secrets: "show" }).find(({ kind }) => kind === "ConfigMap")!;
  return (map.data as Record<string, string>)["nginx.conf"]!;
}

test("a capture in raw nodes is accepted without a table", async () => {
  const snippets = { stream: [{ name: "log_format", args: ["mine", "$1"], variables: true }] };
  expect(await nginxConf({ routes: exactly(100), snippets })).toContain("log_format mine $1;");
});

test("sizes of hash tables follow from the number of keys and the longest one", async () => {
  expect((await nginxConf({ routes: exactly(101) })).match(/map_hash_\w+ \d+/g)).toEqual([
    "map_hash_max_size 2048",
    "map_hash_bucket_size 448",
  ]);
  const sizes = (...tables: [number, number][]) =>
    mapHashNodes(tables.map(([keys, longestKey]) => ({ keys, longestKey }))).map(({ args }) => args![0]);
  expect(sizes()).toEqual([]);
  expect(sizes([100_000, 20])).toEqual(["200000", "576"]);
  expect(sizes([200, 1024], [5000, 3])).toEqual(["10000", "16704"]);
});

const missing = crossplaneMissing();
const own = { image: "registry.example.com/nginx-plus:own", unsafeAllowVulnerableRelease: true };
const dialects: [CrossplaneRelease, Partial<MqttProxyArgs>][] = [
  ["R33", { edition: "plus", pods: { release: "R33", ...own } }],
  ["R34", { edition: "plus", pods: { release: "R34", ...own } }],
  ["R35", { edition: "plus", pods: { release: "R35", ...own } }],
  ["R36", { edition: "plus", pods: { release: "R36 P8" } }],
  ["R37", { edition: "plus" }],
  ["oss", { edition: "oss" }],
];
(missing ? describe.skip : describe)(
  `NGINX's own reader reads tables of routes${missing ? ` (${missing})` : ""}`,
  () => {
    test.each(dialects)("%s", async (release, dialect) => {
      const run = await record(() => {
        const license =
          dialect.edition === "oss" ? undefined : new LicenseSecret("license", { namespace: "mqtt", jwt: goodToken() });
        new MqttProxy("edge", { ...valid, ...dialect, license, routes: exactly(300) });
      });
      const map = manifests(run, { secrets: "show" }).find(({ kind }) => kind === "ConfigMap")!;
      const data = map.data as Record<string, string>;
      const [result] = parseStrict([
        {
          files: {
            "/etc/nginx/nginx.conf": data["nginx.conf"]!,
            "/etc/nginx/mqtt-routes/0.conf": data["mqtt-routes.0.conf"]!,
          },
          release,
        },
      ]);
      expect(result!.errors).toEqual([]);
      const stream = result!.tree.find(({ name }) => name === "stream")!.block!;
      const lines = (variable: string) =>
        stream
          .find(({ name, args }) => name === "map" && args[1] === variable)!
          .block!.map(({ name, args }) => [name, ...args].join(" "));
      // The reader takes the lines of a map as they are, so what the file says is seen on the wire alone.
      expect(lines("$mqtt_upstream_key")).toEqual(["include /etc/nginx/mqtt-routes/0.conf"]);
      expect(lines("$mqtt_upstream")).toEqual([
        "default $mqtt_upstream_otherwise",
        "~^([^\\n]++)\\n\\1\\n0\\z mqtt_brokers",
      ]);
      expect(data["mqtt-routes.0.conf"]!.split("\n")[7]).toBe('Device-7 "Device-7\\n0";');
    });
  },
);
