import { NginxPlus, type NginxPlusArgs } from "../../../components/nginx";
import { manifests, record } from "../../../engine";
import { expressionFaults, firing, promtoolMissing, type Rules, ruleFaults, type Series } from "../../promtool";

const job = "project-test-edge";
const metricLabels = `{job="${job}",namespace="edge",pod="edge-1"`;

/** A server that passes its clients on to an upstream. */
const proxied = (port: string): NginxPlusArgs["configuration"]["stream"] => [
  { name: "upstream", args: ["brokers"], block: [{ name: "server", args: ["192.0.2.1:1883"] }] },
  {
    name: "server",
    block: [
      { name: "listen", args: [port] },
      { name: "status_zone", args: ["devices"], plus: true },
      { name: "proxy_pass", args: ["brokers"] },
      { name: "health_check", plus: true },
    ],
  },
];

const monitored = {
  namespace: "edge",
  monitoring: { prometheusOperator: true, dashboard: true },
  ports: [{ name: "mqtt", port: 1883 }],
  configuration: { stream: proxied("1883") },
};
const plus: NginxPlusArgs = { ...monitored, license: { secretName: "license", revision: "1" } };
const oss: NginxPlusArgs = { ...monitored, edition: "oss" };
const webOnly: NginxPlusArgs = { ...plus, configuration: { http: proxied("1883") } };
const both: NginxPlusArgs = { ...plus, configuration: { http: proxied("1884"), stream: proxied("1883") } };
const unproxied: NginxPlusArgs = {
  ...oss,
  configuration: {
    stream: [
      {
        name: "server",
        block: [
          { name: "listen", args: ["1883"] },
          { name: "return", args: ["x"] },
        ],
      },
    ],
  },
};
const variants = { plus, oss, webOnly, both, unproxied };

const rendered = new Map<NginxPlusArgs, ReturnType<typeof renderAnew>>();

/** What comes of the arguments, rendered once. */
function render(args: NginxPlusArgs) {
  const made = rendered.get(args) ?? renderAnew(args);
  rendered.set(args, made);
  return made;
}

async function renderAnew(args: NginxPlusArgs) {
  const objects = manifests(await record(() => void new NginxPlus("edge", args)));
  const rules = objects.find(({ kind }) => kind === "PrometheusRule")!.spec as unknown as Rules;
  const dashboards = objects.filter(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.includes("dashboard"),
  );
  const [data] = Object.values(dashboards[0]!.data as Record<string, string>);
  return { rules, dashboards, dashboard: JSON.parse(data!) as Dashboard };
}

interface Dashboard {
  uid: string;
  panels: {
    id: number;
    title: string;
    gridPos: { x: number; y: number };
    targets: { refId: string; expr: string }[];
    fieldConfig: { defaults: { thresholds?: { steps: { value: number | null }[] } } };
  }[];
}

/** What NGINX in one pod is seen as, minute by minute, for 30 minutes unless it says otherwise. */
const of = (name: string, values: string, labels = ""): Series => ({
  [`${name}${metricLabels}${labels && `,${labels}`}}`]: values,
});
const server = 'upstream="brokers",server="192.0.2.1:1883"';
const other = 'upstream="brokers",server="192.0.2.2:1883"';
const day = 24 * 60 * 60;
const expires = (seconds: number) => of("nginxplus_license_expiration_timestamp_seconds", `${seconds}x60`);

interface Case {
  args: NginxPlusArgs;
  alert: string;
  fires: Series;
  /** What the alert says then, once for each series. */
  saying: string[];
  silent: Record<string, Series>;
}

const cases: Case[] = [
  {
    args: oss,
    alert: "NginxDown",
    fires: of("nginx_up", "1 0x60"),
    saying: ["NGINX in edge-1 does not answer its exporter."],
    silent: {
      "it is up": of("nginx_up", "1x60"),
      "it was down for four minutes": of("nginx_up", "1x26 0x3 1x30"),
      "another's is down": { 'nginx_up{job="other",pod="edge-1"}': "0x60" },
    },
  },
  {
    args: plus,
    alert: "NginxDown",
    fires: of("nginxplus_up", "0x60"),
    saying: ["NGINX in edge-1 does not answer its exporter."],
    silent: { "it is up": of("nginxplus_up", "1x60") },
  },
  {
    args: oss,
    alert: "NginxNearlyFull",
    fires: of("nginx_connections_active", "3277x60"),
    saying: ["edge-1 has 3277 clients, and room for 4096."],
    silent: {
      "there is room": of("nginx_connections_active", "3276x60"),
      "it was full for a moment": of("nginx_connections_active", "10x26 4000x3 10x30"),
    },
  },
  {
    args: plus,
    alert: "NginxNearlyFull",
    fires: of("nginxplus_connections_active", "4096x60"),
    saying: ["edge-1 has 4096 clients, and room for 4096."],
    silent: { "there is room": of("nginxplus_connections_active", "3276x60") },
  },
  {
    args: oss,
    alert: "NginxConnectionsDropped",
    fires: { ...of("nginx_connections_accepted", "0+10x60"), ...of("nginx_connections_handled", "0+10x26 268+10x30") },
    saying: ["edge-1 closed connections of clients as soon as they came."],
    silent: {
      "all are handled": {
        ...of("nginx_connections_accepted", "3+10x60"),
        ...of("nginx_connections_handled", "3+10x60"),
      },
      "none has been dropped lately": {
        ...of("nginx_connections_accepted", "7+10x60"),
        ...of("nginx_connections_handled", "3+10x60"),
      },
      "the container began anew": {
        ...of("nginx_connections_accepted", "700+10x26 0+10x30"),
        ...of("nginx_connections_handled", "650+10x26 0+10x30"),
      },
    },
  },
  {
    args: plus,
    alert: "NginxConnectionsDropped",
    fires: of("nginxplus_connections_dropped", "5x27 6x30"),
    saying: ["edge-1 closed connections of clients as soon as they came."],
    silent: { "none has been dropped lately": of("nginxplus_connections_dropped", "5x60") },
  },
  ...[
    { args: plus, family: "nginxplus_stream_upstream_server" },
    { args: webOnly, family: "nginxplus_upstream_server" },
    { args: both, family: "nginxplus_upstream_server" },
    { args: both, family: "nginxplus_stream_upstream_server" },
  ].flatMap(({ args, family }): Case[] => [
    {
      args,
      alert: "NginxUpstreamServerDown",
      fires: { ...of(`${family}_state`, "6x60", server), ...of(`${family}_state`, "1x60", other) },
      saying: ["edge-1 sends nobody to 192.0.2.1:1883 of upstream brokers."],
      silent: {
        "it is up": of(`${family}_state`, "1x60", server),
        "it is down by configuration": of(`${family}_state`, "3x60", server),
        "it was unavailable for a moment": of(`${family}_state`, "1x29 4x1 1x30", server),
      },
    },
    {
      args,
      alert: "NginxUpstreamDown",
      fires: { ...of(`${family}_state`, "4x60", server), ...of(`${family}_state`, "3x60", other) },
      saying: ["edge-1 has no server left in upstream brokers."],
      silent: { "one is up": { ...of(`${family}_state`, "6x60", server), ...of(`${family}_state`, "1x60", other) } },
    },
    {
      args,
      alert: "NginxHealthChecksFail",
      fires: of(`${family}_health_checks_fails`, "0+1x60", server),
      saying: ["Health checks of 192.0.2.1:1883 in upstream brokers fail, seen from edge-1."],
      silent: { "one failed once": of(`${family}_health_checks_fails`, "3x27 4x60", server) },
    },
  ]),
  {
    args: plus,
    alert: "NginxLicenseUnknown",
    fires: of("nginxplus_up", "1x60"),
    saying: ["The exporter of edge-1 does not say when the licence expires: no alert about it can come."],
    silent: {
      "it is known": { ...of("nginxplus_up", "1x60"), ...expires(day) },
      "nothing is known of NGINX": of("nginxplus_up", "0x60"),
    },
  },
  {
    args: plus,
    alert: "NginxLicenseExpiresSoon",
    fires: expires(29 * day),
    saying: ["The NGINX Plus licence of edge-1 expires within 30 days."],
    silent: {
      "there is time": expires(31 * day),
      "it has expired": expires(60),
      "NGINX does not tell": expires(0),
    },
  },
  {
    args: plus,
    alert: "NginxLicenseExpired",
    fires: expires(60),
    saying: ["The NGINX Plus licence of edge-1 has expired: within 90 days from then NGINX still starts."],
    silent: { "it is good for a day": expires(day), "NGINX does not tell": expires(0) },
  },
  {
    args: plus,
    alert: "NginxUsageReportsFail",
    fires: of("nginxplus_license_reporting_fails_count", "3x60"),
    saying: ["The hourly usage reports of edge-1 fail, 3 in a row."],
    silent: { "two failed": of("nginxplus_license_reporting_fails_count", "2x60") },
  },
  {
    args: plus,
    alert: "NginxUsageReportingUnhealthy",
    fires: of("nginxplus_license_reporting_healthy", "0x60"),
    saying: ["NGINX Plus in edge-1 calls the state of its usage reports unhealthy."],
    silent: { "it is healthy": of("nginxplus_license_reporting_healthy", "1x60") },
  },
  {
    args: plus,
    alert: "NginxUsageGraceEnds",
    fires: {
      ...of("nginxplus_license_reporting_grace_period_seconds", `${29 * day}x60`),
      ...of("nginxplus_license_reporting_fails_count", "1x60"),
    },
    saying: ["Without a usage report edge-1 stops its traffic in 29d 0h 0m 0s."],
    silent: {
      "reports succeed": {
        ...of("nginxplus_license_reporting_grace_period_seconds", `${29 * day}x60`),
        ...of("nginxplus_license_reporting_fails_count", "0x60"),
      },
      "there is time": {
        ...of("nginxplus_license_reporting_grace_period_seconds", `${31 * day}x60`),
        ...of("nginxplus_license_reporting_fails_count", "1x60"),
      },
    },
  },
];

const missing = promtoolMissing();
const describeWithPromtool = missing ? describe.skip : describe;

describeWithPromtool(`alerts, as Prometheus reads them${missing ? ` (${missing})` : ""}`, () => {
  test.each(Object.entries(variants))("the rules and the dashboard of %s are valid", async (_, args) => {
    const { rules, dashboard } = await render(args);
    expect(ruleFaults(rules)).toBe("");
    expect(expressionFaults(dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))).toBe("");
  });

  test("each has a case in which it fires", async () => {
    for (const [name, args] of Object.entries(variants)) {
      const { rules } = await render(args);
      for (const { alert } of rules.groups[0]!.rules as { alert: string }[])
        expect([name, alert, cases.some((one) => one.alert === alert)]).toEqual([name, alert, true]);
    }
  });

  test.each(cases)("$alert fires when it should, and not otherwise", async ({ args, alert, fires, saying, silent }) => {
    const { rules } = await render(args);
    const [loud, ...quiet] = firing(rules, alert, [fires, ...Object.values(silent)], 30);
    expect(loud).toEqual(saying);
    expect(Object.fromEntries(Object.keys(silent).map((why, index) => [why, quiet[index]]))).toEqual(
      Object.fromEntries(Object.keys(silent).map((why) => [why, []])),
    );
  });
});

test("no alert about upstreams where there are none, and none about room that nobody knows", async () => {
  const alertsOf = async (args: NginxPlusArgs) =>
    ((await render(args)).rules.groups[0]!.rules as { alert: string; expr: string }[]).map(({ alert }) => alert);
  expect(await alertsOf(unproxied)).toEqual(["NginxDown", "NginxNearlyFull", "NginxConnectionsDropped"]);
  expect(await alertsOf(oss)).toEqual(await alertsOf(unproxied));
  const configuration = { ...unproxied.configuration, main: [{ name: "worker_processes", args: ["auto"] }] };
  expect(await alertsOf({ ...unproxied, configuration })).toEqual(["NginxDown", "NginxConnectionsDropped"]);
  expect(await alertsOf(plus)).toContain("NginxHealthChecksFail");
});

describe("the dashboard", () => {
  test("is found by Grafana's sidecar, under a file name of its own", async () => {
    const { dashboards } = await render(plus);
    expect(dashboards).toHaveLength(1);
    expect(dashboards[0]!.metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    expect(Object.keys(dashboards[0]!.data as object)).toEqual([`${job}.json`]);
    const labelled = await render({
      ...plus,
      monitoring: { ...plus.monitoring, dashboardLabels: { dashboards: "edge" } },
    });
    expect(labelled.dashboards[0]!.metadata.labels).toMatchObject({ dashboards: "edge" });
    expect(labelled.dashboards[0]!.metadata.labels).not.toHaveProperty("grafana_dashboard");
  });

  test("says the same at any time, and has an identity of its own", async () => {
    const [one, again] = [await render(plus), await renderAnew(plus)];
    expect(one.dashboard).toEqual(again.dashboard);
    expect(one.dashboard.uid).toMatch(/^[0-9a-f]{16}$/);
  });

  test("has a place for each panel", async () => {
    const { dashboard } = await render(both);
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(dashboard.panels.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { targets } of dashboard.panels) expect(targets.length).toBeGreaterThan(0);
  });

  test("shows what the edition has", async () => {
    const titles = async (args: NginxPlusArgs) => (await render(args)).dashboard.panels.map(({ title }) => title);
    expect({ plus: await titles(plus), oss: await titles(oss) }).toMatchInlineSnapshot(`
{
  "oss": [
    "Clients",
    "Clients of all pods",
    "New connections",
    "Connections closed as soon as they came",
    "Answers to the exporter",
  ],
  "plus": [
    "Clients",
    "Clients of all pods",
    "New connections",
    "Connections closed as soon as they came",
    "Answers to the exporter",
    "Connections of each listener",
    "Sessions that ended, by status",
    "Bytes from and to clients",
    "State of the servers of upstreams",
    "Connections to the servers of upstreams",
    "Failed attempts on servers of upstreams",
    "Failed health checks",
    "TLS handshakes that failed",
    "Licence: time left",
  ],
}
`);
    expect(await titles(webOnly)).toContain("HTTP requests");
  });

  test("is red where a pod is full", async () => {
    const threshold = async (args: NginxPlusArgs) =>
      (await render(args)).dashboard.panels[0]!.fieldConfig.defaults.thresholds?.steps[1]?.value;
    expect(await threshold(plus)).toBe(4096);
    expect(await threshold(unproxied)).toBe(8192);
  });
});
