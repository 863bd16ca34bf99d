import { createHash } from "node:crypto";
import { metricsOf, upstreamMetrics } from "./alerts";
import { Edition } from "./edition";
import { connectionsMetric } from "./monitoring";
import type { ResolvedNginx } from "./resolve";

type Resolved = Pick<ResolvedNginx, "edition" | "contents">;

/** One line of a panel: what it shows, and the name of each series, in which `{{label}}` is a label's value. */
interface Query {
  expr: string;
  legend: string;
}

/** A panel before it has a place. */
interface Panel {
  title: string;
  /** A unit of Grafana. @default "short" */
  unit?: string;
  description?: string;
  /** From where the line is red. */
  threshold?: number;
  /** Words for values. */
  words?: Record<string, string>;
  queries: Query[];
}

/** Data of the ConfigMap. The sidecar puts the dashboards of all ConfigMaps into one folder, so the file's name is the instance's. */
export const dashboardData = (nginx: Resolved, job: string, title: string): Record<string, string> => ({
  [`${job}.json`]: `${JSON.stringify(dashboard(nginx, job, title), undefined, 2)}\n`,
});

/** The dashboard: what these pods have to show, and no panel that stays empty. `job` is the value of the instance label. */
export function dashboard(nginx: Resolved, job: string, title: string) {
  return {
    // At most 40 characters.
    uid: createHash("sha256").update(job).digest("hex").slice(0, 16),
    title,
    tags: ["nginx"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }],
    },
    panels: panels(nginx, metricsOf(job)).map(placed),
  };
}

const width = 12;
const height = 8;

/** Two panels beside each other. */
const placed = ({ title, unit, description, threshold, words, queries }: Panel, index: number) => ({
  id: index + 1,
  type: "timeseries",
  title,
  ...(description && { description }),
  datasource: { type: "prometheus", uid: "${datasource}" },
  gridPos: { x: (index % 2) * width, y: Math.floor(index / 2) * height, w: width, h: height },
  fieldConfig: {
    defaults: {
      unit: unit ?? "short",
      min: 0,
      ...(threshold !== undefined && {
        thresholds: {
          mode: "absolute",
          steps: [
            { color: "green", value: null },
            { color: "red", value: threshold },
          ],
        },
        custom: { thresholdsStyle: { mode: "line" } },
      }),
      ...(words && {
        mappings: [
          {
            type: "value",
            options: Object.fromEntries(
              Object.entries(words).map(([value, text], order) => [value, { text, index: order }]),
            ),
          },
        ],
      }),
    },
    overrides: [],
  },
  targets: queries.map(({ expr, legend }, position) => ({
    refId: String.fromCharCode(65 + position),
    expr,
    legendFormat: legend,
  })),
});

function panels({ edition, contents }: Resolved, metric: (name: string) => string): Panel[] {
  const plus = edition === Edition.plus;
  const prefix = plus ? "nginxplus" : "nginx";
  const rate = (name: string) => `rate(${metric(name)}[5m])`;
  const perPod = (expr: string): Query[] => [{ expr, legend: "{{pod}}" }];
  const upstreams = plus ? upstreamMetrics(contents) : [];
  const perServer = (ending: string, change = metric): Query[] =>
    upstreams.map((family) => ({
      expr: change(`${family}_${ending}`),
      legend: "{{upstream}} {{server}} from {{pod}}",
    }));
  const zones = plus && contents.streamZones;
  return [
    { title: "Clients", threshold: contents.clientsPerPod, queries: perPod(metric(connectionsMetric[edition])) },
    {
      title: "Clients of all pods",
      queries: [{ expr: `sum(${metric(connectionsMetric[edition])})`, legend: "clients" }],
    },
    { title: "New connections", unit: "cps", queries: perPod(rate(`${prefix}_connections_accepted`)) },
    {
      title: "Connections closed as soon as they came",
      unit: "cps",
      queries: perPod(
        plus
          ? rate("nginxplus_connections_dropped")
          : `${rate("nginx_connections_accepted")} - ${rate("nginx_connections_handled")}`,
      ),
    },
    { title: "Answers to the exporter", words: { 0: "none", 1: "yes" }, queries: perPod(metric(`${prefix}_up`)) },
    ...(contents.http
      ? [{ title: "HTTP requests", unit: "reqps", queries: perPod(rate(`${prefix}_http_requests_total`)) }]
      : []),
    ...(zones
      ? [
          {
            title: "Connections of each listener",
            queries: [
              {
                expr: `sum by (server_zone) (${metric("nginxplus_stream_server_zone_processing")})`,
                legend: "{{server_zone}}",
              },
            ],
          },
          {
            title: "Sessions that ended, by status",
            unit: "cps",
            description: "4xx: no valid CONNECT, or not allowed. 5xx: no broker could be reached, or none was meant.",
            queries: [
              {
                expr: `sum by (server_zone, code) (${rate("nginxplus_stream_server_zone_sessions")})`,
                legend: "{{server_zone}} {{code}}",
              },
            ],
          },
          {
            title: "Bytes from and to clients",
            unit: "Bps",
            queries: [
              {
                expr: `sum by (server_zone) (${rate("nginxplus_stream_server_zone_received")})`,
                legend: "from {{server_zone}}",
              },
              {
                expr: `sum by (server_zone) (${rate("nginxplus_stream_server_zone_sent")})`,
                legend: "to {{server_zone}}",
              },
            ],
          },
        ]
      : []),
    ...(upstreams.length > 0
      ? [
          {
            title: "State of the servers of upstreams",
            words: { 1: "up", 2: "draining", 3: "down", 4: "unavailable", 5: "checking", 6: "unhealthy" },
            queries: perServer("state"),
          },
          { title: "Connections to the servers of upstreams", queries: perServer("active") },
          { title: "Failed attempts on servers of upstreams", unit: "cps", queries: perServer("fails", rate) },
          ...(contents.healthChecks
            ? [{ title: "Failed health checks", unit: "cps", queries: perServer("health_checks_fails", rate) }]
            : []),
        ]
      : []),
    ...(plus
      ? [
          {
            title: "TLS handshakes that failed",
            unit: "cps",
            queries: perPod(rate("nginxplus_ssl_handshakes_failed")),
          },
          {
            title: "Licence: time left",
            unit: "s",
            queries: [
              {
                expr: `${metric("nginxplus_license_expiration_timestamp_seconds")} - time()`,
                legend: "licence, {{pod}}",
              },
              {
                expr: metric("nginxplus_license_reporting_grace_period_seconds"),
                legend: "without a usage report, {{pod}}",
              },
            ],
          },
        ]
      : []),
  ];
}
