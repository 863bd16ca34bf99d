import type { NginxConfigNode, NginxPlusArgs } from "../../../components/nginx";
import type { Series } from "../../promtool";

export const job = "instance-of-edge";
const metricLabels = `{job="${job}",namespace="edge",pod="edge-1"`;

/** A server that passes its clients on to an upstream. */
const proxied = (port: string): NginxPlusArgs["configuration"]["stream"] =>
  proxiedBy(port, "brokers", (nodes) => nodes);
/** The same for requests. */
const proxiedRequests = (port: string) =>
  proxiedBy(port, "http://brokers", (nodes) => [{ name: "location", args: ["/"], block: nodes }]);

const proxiedBy = (
  port: string,
  pass: string,
  around: (nodes: NginxConfigNode[]) => NginxConfigNode[],
): NginxConfigNode[] => [
  { name: "upstream", args: ["brokers"], block: [{ name: "server", args: ["192.0.2.1:1883"] }] },
  {
    name: "server",
    block: [
      { name: "listen", args: [port] },
      { name: "status_zone", args: ["devices"], plus: true },
      ...around([
        { name: "proxy_pass", args: [pass] },
        { name: "health_check", plus: true },
      ]),
    ],
  },
];

const monitored = {
  namespace: "edge",
  monitoring: { prometheusOperator: true, dashboard: true },
  ports: [{ name: "mqtt", port: 1883 }],
  configuration: { stream: proxied("1883") },
};
export const plus: NginxPlusArgs = { ...monitored, license: { secretName: "license", revision: "1" } };
export const oss: NginxPlusArgs = { ...monitored, edition: "oss" };
export const webOnly: NginxPlusArgs = { ...plus, configuration: { http: proxiedRequests("1883") } };
export const both: NginxPlusArgs = {
  ...plus,
  configuration: { http: proxiedRequests("1884"), stream: proxied("1883") },
};
export const unproxied: NginxPlusArgs = {
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
export const variants = { plus, oss, webOnly, both, unproxied };

/** What NGINX in one pod is seen as, minute by minute, for 30 minutes unless it says otherwise. */
const of = (name: string, values: string, labels = ""): Series => ({
  [`${name}${metricLabels}${labels && `,${labels}`}}`]: values,
});
const server = 'upstream="brokers",server="192.0.2.1:1883"';
const other = 'upstream="brokers",server="192.0.2.2:1883"';
const day = 24 * 60 * 60;
const expires = (seconds: number) => of("nginxplus_license_expiration_timestamp_seconds", `${seconds}x60`);

/** An alert, and series of metrics in which it must fire or be silent. */
export interface Case {
  args: NginxPlusArgs;
  alert: string;
  fires: Series;
  /** What the alert says then, once for each series. */
  saying: string[];
  silent: Record<string, Series>;
}

export const cases: Case[] = [
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
      saying: ["edge-1 sends no clients to 192.0.2.1:1883 of upstream brokers."],
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
