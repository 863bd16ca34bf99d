import { LicenseSecret, MqttProxy, type MqttProxyArgs, type MqttServer, type MqttUpstream } from "../../../components";
import { manifests, record } from "../../../engine";
import { type CrossplaneNode, type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { goodToken } from "../foundation/token";
import { acceptFaults } from "../known-faults";
import { testRefusals } from "../refusals";

const missing = crossplaneMissing();
const namespace = "mqtt";

async function configuration(args: Partial<MqttProxyArgs>): Promise<string> {
  const run = await record(
    () =>
      void new MqttProxy("edge", {
        namespace,
        license: args.edition === "oss" ? undefined : new LicenseSecret("license", { namespace, jwt: goodToken() }),
        upstreams: [],
        defaultRoute: { upstream: "brokers" },
        ...args,
      }),
  );
  const map = manifests(run, { secrets: "show" }).find(({ kind }) => kind === "ConfigMap")!;
  return (map.data as Record<string, string>)["nginx.conf"]!;
}

/** Options that both editions have. */
const common: MqttUpstream = {
  name: "brokers",
  servers: [
    { host: "one.example.com", weight: 3, maximumConnections: 5000 },
    { host: "two.example.com", port: 11883, down: true },
    { host: "three.example.com", service: "_mqtt._tcp" },
    { host: "four.example.com", backup: true },
  ] satisfies MqttServer[],
  balancing: "leastConnections",
  maximumFailures: 2,
  failTimeoutSeconds: 30,
  resolver: {
    addresses: ["kube-dns.kube-system.svc.cluster.local", "[2001:db8::53]:5353"],
    validSeconds: 5,
    ipv6: false,
  },
};
const plus: MqttUpstream = {
  ...common,
  slowStartSeconds: 60,
  healthCheck: { intervalSeconds: 7, jitterSeconds: 2, fails: 2, passes: 3, timeoutSeconds: 4, mandatory: true },
};
const dialects: [CrossplaneRelease, Partial<MqttProxyArgs>][] = [
  ...["R33", "R34", "R35"].map((release): [CrossplaneRelease, Partial<MqttProxyArgs>] => [
    release as CrossplaneRelease,
    {
      pods: { release, image: "registry.example.com/nginx-plus:own", ...acceptFaults },
      upstreams: [plus],
    },
  ]),
  ["R36", { pods: { ...acceptFaults, release: "R36 P8" }, upstreams: [plus] }],
  ["R37", { upstreams: [plus] }],
  ["oss", { edition: "oss", upstreams: [common] }],
];

(missing ? describe.skip : describe)(`an upstream with every option${missing ? ` (${missing})` : ""}`, () => {
  describe.each(dialects)("%s", (release, args) => {
    let stream: CrossplaneNode[];
    test("has only directives that this release accepts in their context", async () => {
      const [result] = parseStrict([{ files: { "/etc/nginx/nginx.conf": await configuration(args) }, release }]);
      expect(result!.errors).toEqual([]);
      stream = result!.tree.find(({ name }) => name === "stream")!.block!;
    });

    test("has the directives and parameters of its options", () => {
      const slow = release === "oss" ? "" : " slow_start=60s";
      const failures = `max_fails=2 fail_timeout=30s${slow}`;
      expect(lines(block(stream, "upstream"))).toEqual([
        "zone mqtt_brokers 256k",
        "least_conn",
        "resolver kube-dns.kube-system.svc.cluster.local [2001:db8::53]:5353 valid=5s ipv6=off",
        `server one.example.com:1883 weight=3 max_conns=5000 ${failures} resolve`,
        `server two.example.com:11883 ${failures} down resolve`,
        `server three.example.com ${failures} service=_mqtt._tcp resolve`,
        `server four.example.com:1883 ${failures} backup resolve`,
      ]);
    });

    test("A4: checks the brokers, on NGINX Plus, in a server that clients cannot reach", () => {
      const servers = stream.filter(({ name }) => name === "server").map(({ block }) => lines(block!));
      const match = stream.find(({ name }) => name === "match");
      if (release === "oss") {
        expect([servers.length, match]).toEqual([1, undefined]);
        return;
      }
      expect(lines(match!.block!)).toEqual([
        "send \\x10\\x0c\\x00\\x04MQTT\\x04\\x02\\x00\\x3c\\x00\\x00",
        "expect ~ ^\\x20(?!\\x02[^\\x01-\\xff]\\x03)",
      ]);
      expect(servers[1]).toEqual([
        "listen 127.0.0.1:19000",
        "deny all",
        "access_log off",
        "proxy_pass mqtt_brokers",
        "health_check_timeout 4s",
        "health_check interval=7s jitter=2s fails=2 passes=3 mandatory match=mqtt_alive",
      ]);
    });
  });
});

test("one name has a hash over its addresses, SRV records a consistent one with a constant weight", async () => {
  const one: MqttUpstream = { name: "brokers", servers: [{ host: "brokers.example.com" }] };
  const service: MqttServer = { ...one.servers[0]!, service: "mqtt" };
  const has = async (upstream: MqttUpstream) =>
    (await configuration({ edition: "oss", upstreams: [upstream] })).includes("hash $mqtt_hash_key consistent;");
  expect(await has(one)).toBe(false);
  const addresses = await configuration({ edition: "oss", upstreams: [one] });
  expect(addresses).toContain("hash $mqtt_hash_key;");
  expect(addresses).toContain("server brokers.example.com:1883 resolve;");
  expect(await configuration({ edition: "oss", upstreams: [{ ...one, resolveOnce: true }] })).not.toContain(
    "hash $mqtt",
  );
  const records = { ...one, servers: [service] };
  expect(await has(records)).toBe(true);
  expect(await configuration({ edition: "oss", upstreams: [records] })).toContain(
    "server brokers.example.com weight=10 service=mqtt resolve;",
  );
  expect(await configuration({ edition: "oss", upstreams: [{ ...records, balancing: "leastConnections" }] })).toContain(
    "server brokers.example.com service=mqtt resolve;",
  );
  expect(await has({ ...one, servers: [...one.servers, { host: "other.example.com" }] })).toBe(true);
  expect(await has({ ...one, balancing: "roundRobin", servers: [...one.servers, { host: "other.example.com" }] })).toBe(
    false,
  );
});

test("the name servers are the cluster's, unless others are given, or names are resolved once", async () => {
  const upstreams: MqttUpstream[] = [{ name: "brokers", servers: [{ host: "a.example.com" }, { host: "192.0.2.1" }] }];
  const resolvers = async (args: Partial<MqttProxyArgs>) =>
    (await configuration({ edition: "oss", upstreams, ...args })).match(/resolver [^;]*|server \S+:1883[^;]*/g);
  const [resolved, asAddress] = ["server a.example.com:1883 resolve", "server 192.0.2.1:1883"];
  const parameters = "valid=10s ipv6=off";
  expect(await resolvers({})).toEqual([
    `resolver kube-dns.kube-system.svc.cluster.local ${parameters}`,
    resolved,
    asAddress,
  ]);
  expect(await resolvers({ pods: { openshift: true } })).toEqual([
    `resolver dns-default.openshift-dns.svc.cluster.local ${parameters}`,
    resolved,
    asAddress,
  ]);
  expect(await resolvers({ resolver: { addresses: ["192.0.2.53"] } })).toEqual([
    "resolver 192.0.2.53",
    resolved,
    asAddress,
  ]);
  const once = ["server a.example.com:1883", asAddress];
  expect(await resolvers({ upstreams: [{ ...upstreams[0]!, resolveOnce: true }] })).toEqual(once);
  expect(await resolvers({ pods: { image: "nginx:1.26.2" } })).toEqual(once);
  expect(await resolvers({ upstreams: [{ name: "brokers", servers: [{ host: "192.0.2.1" }] }] })).toEqual([asAddress]);
});

const lines = (nodes: CrossplaneNode[]) => nodes.map(({ name, args }) => [name, ...args].join(" "));
const block = (nodes: CrossplaneNode[], name: string) => nodes.find((node) => node.name === name)!.block!;

const license = { secretName: "license", revision: "1" };
const resolver = { addresses: ["192.0.2.53"] };
const base: MqttUpstream = { name: "brokers", servers: [{ host: "a.example.com" }, { host: "b.example.com" }] };
const server = (second: Partial<MqttServer>, more: Partial<MqttUpstream> = {}) => ({
  ...base,
  ...more,
  servers: [base.servers[0]!, { ...base.servers[1]!, ...second }],
});

type Row = [rule: string, upstream: Partial<MqttUpstream>, error: string, more?: Partial<MqttProxyArgs>];
const rows: Row[] = [
  ["a weight of 0", server({ weight: 0 }), "servers[1].weight is 0; write a whole number from 1 to 1000"],
  [
    "a limit of 0 connections",
    server({ maximumConnections: 0 }),
    "servers[1].maximumConnections is 0; write a whole number from 1 to 1000000",
  ],
  [
    "a backup beside a hash",
    server({ backup: true }),
    'servers[1].backup cannot be combined with balancing by client id: NGINX has no backup beside a hash; set balancing to "leastConnections" or "roundRobin", or remove it: a hash tries the next server by itself',
  ],
  [
    "servers that are all backup or down",
    {
      balancing: "roundRobin",
      servers: [
        { host: "a.example.com", backup: true },
        { host: "b.example.com", down: true },
      ],
    },
    "servers are all backup or down; leave at least one for clients",
  ],
  [
    "an unknown kind of balancing",
    { balancing: "random" as "roundRobin" },
    'balancing is "random"; write one of "clientId", "leastConnections", "roundRobin"',
  ],
  ["a fraction of a failure", { maximumFailures: 0.5 }, "maximumFailures is 0.5; write a whole number from 0 to 1000"],
  [
    "a fail timeout of 0 seconds",
    { failTimeoutSeconds: 0 },
    "failTimeoutSeconds is 0; write a whole number from 1 to 86400",
  ],
  [
    "a slow start without NGINX Plus",
    { slowStartSeconds: 5, balancing: "roundRobin" },
    'slowStartSeconds is only in NGINX Plus; remove it for edition "oss", or use edition "plus"',
  ],
  [
    "a slow start beside a hash",
    { slowStartSeconds: 5 },
    'slowStartSeconds cannot be combined with balancing by client id: NGINX has no slow start beside a hash; set balancing to "leastConnections" or "roundRobin", or remove it',
    { edition: "plus", license },
  ],
  [
    "a slow start of one server",
    { slowStartSeconds: 5, balancing: "roundRobin", servers: [{ host: "a.example.com" }] },
    "slowStartSeconds is ignored by NGINX where there is one server; remove it, or name more servers",
    { edition: "plus", license },
  ],
  [
    "a health check without NGINX Plus",
    { healthCheck: {} },
    'healthCheck is only in NGINX Plus; remove it for edition "oss", where maximumFailures finds brokers that do not answer, or use edition "plus"',
  ],
  [
    "a health check every 0 seconds",
    { healthCheck: { intervalSeconds: 0 } },
    "healthCheck.intervalSeconds is 0; write a whole number from 1 to 86400",
    { edition: "plus", license },
  ],
  [
    "a health check that fails after 0 checks",
    { healthCheck: { fails: 0 } },
    "healthCheck.fails is 0; write a whole number from 1 to 1000",
    { edition: "plus", license },
  ],
  [
    "a resolver without addresses",
    { resolver: { addresses: [] } },
    "resolver.addresses is empty; name at least one DNS server",
  ],
  [
    "a resolver with an IPv6 address without brackets",
    { resolver: { addresses: ["2001:db8::53"] } },
    "resolver.addresses[0] is not a host with an optional port; write for example `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
  ],
  [
    "an address as a host of an upstream with a resolver",
    server({ host: "192.0.2.1" }, { resolver }),
    "servers[1].host is an address, which needs no resolver; write a name, or remove resolver",
  ],
  [
    "a resolver in an older NGINX",
    { resolver },
    "resolver needs NGINX 1.27.3, and pods.image has 1.26.2; use a newer image, or remove it: then names are resolved once, when NGINX starts",
    { pods: { image: "registry.example.com:5000/nginx:1.26.2-bookworm" } },
  ],
  [
    "a service without a resolver",
    server({ service: "mqtt" }, { resolveOnce: true }),
    "servers[1].service needs a resolver, and names are resolved once; remove resolveOnce",
  ],
  [
    "a service in an older NGINX",
    server({ service: "mqtt" }),
    "servers[1].service needs a resolver, and names are resolved once; use NGINX 1.27.3 or later",
    { pods: { image: "registry.example.com:5000/nginx:1.26.2-bookworm" } },
  ],
  [
    "names that are resolved once, by a resolver",
    { resolveOnce: true, resolver },
    "resolveOnce is given beside resolver; remove one of the two",
  ],
  [
    "a short name",
    server({ host: "broker.mqtt.svc" }),
    "servers[1].host is not a whole name, and NGINX's resolver has no search list; write it with the domain of the cluster, for example `broker.mqtt.svc.cluster.local`",
  ],
  [
    "a service with a port",
    server({ service: "mqtt", port: 1883 }, { resolver }),
    "servers[1].port is given beside service, whose SRV records have the port; remove one of the two",
  ],
  [
    "a service with characters of NGINX's syntax",
    server({ service: "mqtt; }" }, { resolver }),
    "servers[1].service is not the name of a service; write it as mqtt or _mqtt._tcp",
  ],
];

describe("refusals", () => {
  testRefusals([
    ...rows.map(([rule, upstream, error, more]) => ({
      rule,
      component: MqttProxy,
      args: {
        namespace,
        edition: "oss",
        defaultRoute: { refuse: true },
        upstreams: [{ ...base, ...upstream }],
        ...more,
      },
      error: `upstreams[0].${error}`,
      plain: !error.startsWith("servers[1].host"),
    })),
    {
      rule: "a listener on a port of health checks",
      component: MqttProxy,
      args: {
        namespace,
        license,
        defaultRoute: { refuse: true },
        upstreams: [{ ...base, healthCheck: {} }],
        listeners: [{ name: "plain", port: 19_000 }],
      },
      error:
        "listeners[0] makes the pods listen on 19000, a port of health checks; choose a port outside 19000 to 19000",
      plain: true,
    },
  ]);

  test.each(["nginx:1.27.3", "nginx:1.30.7", "nginx", `nginx@sha256:${"0".repeat(64)}`, "registry:5000/nginx:stable"])(
    "a resolver with the image %s is accepted",
    async (image) => {
      expect(await configuration({ edition: "oss", pods: { image }, upstreams: [{ ...base, resolver }] })).toContain(
        " resolve;",
      );
    },
  );
});
