import { type Alert, prometheusRuleSpec } from "../foundation";
import { Edition } from "./edition";
import { connectionsMetric } from "./monitoring";
import type { NginxContents, ResolvedNginx } from "./resolve";

type Metric = (name: string) => string;

const day = 24 * 60 * 60;

/** Share of a pod's room from which the alert fires. Workers share the clients unevenly, so one is full before the others. */
const nearlyFull = 0.8;

/** Metrics of one job. */
export const metricsOf =
  (job: string): Metric =>
  (name) =>
    `${name}{job="${job}"}`;

/** Spec of the PrometheusRule. `job` is the value of the instance label. */
export function alertRules(nginx: Pick<ResolvedNginx, "edition" | "contents">, job: string) {
  const metric = metricsOf(job);
  const alerts = [
    ...connectionAlerts(nginx, metric),
    ...(nginx.edition === Edition.oss ? [] : [...upstreamAlerts(nginx.contents, metric), ...licenseAlerts(metric)]),
  ];
  return prometheusRuleSpec(job, alerts);
}

function connectionAlerts(
  { edition, contents: { clientsPerPod: room } }: Pick<ResolvedNginx, "edition" | "contents">,
  metric: Metric,
): Alert[] {
  const accepted = metric("nginx_connections_accepted");
  const handled = metric("nginx_connections_handled");
  return [
    {
      alert: "NginxDown",
      expr: `${metric(edition === Edition.plus ? "nginxplus_up" : "nginx_up")} == 0`,
      for: "5m",
      severity: "critical",
      summary: "NGINX in {{ $labels.pod }} does not answer its exporter.",
    },
    ...(room === undefined
      ? []
      : [
          {
            alert: "NginxNearlyFull",
            expr: `${metric(connectionsMetric[edition])} > ${Math.floor(room * nearlyFull)}`,
            for: "5m",
            severity: "warning" as const,
            summary: `{{ $labels.pod }} has {{ $value }} clients, and room for ${room}.`,
          },
        ]),
    {
      alert: "NginxConnectionsDropped",
      expr:
        edition === Edition.plus
          ? `increase(${metric("nginxplus_connections_dropped")}[5m]) > 0`
          : // Not by increase(): it extrapolates each of the two by itself.
            `(${accepted} - ${handled}) - (${accepted} offset 5m - ${handled} offset 5m) > 0`,
      severity: "warning",
      summary: "{{ $labels.pod }} closed connections of clients as soon as they came.",
    },
  ];
}

/** Returns the beginnings of the names of metrics about upstreams of NGINX Plus. */
export const upstreamMetrics = ({ httpUpstreams, streamUpstreams }: NginxContents): string[] => [
  ...(httpUpstreams ? ["nginxplus_upstream_server"] : []),
  ...(streamUpstreams ? ["nginxplus_stream_upstream_server"] : []),
];

// States of a server, in the exporter's numbers: 1 up, 2 draining, 3 down (by configuration), 4 unavailable, 5 being checked, 6 unhealthy.
function upstreamAlerts(contents: NginxContents, metric: Metric): Alert[] {
  const families = upstreamMetrics(contents);
  if (families.length === 0) return [];
  const each = (expression: (family: string) => string) => families.map(expression).join(" or ");
  return [
    {
      alert: "NginxUpstreamServerDown",
      expr: each((family) => `${metric(`${family}_state`)} > 3`),
      for: "2m",
      severity: "warning",
      summary: "{{ $labels.pod }} sends no clients to {{ $labels.server }} of upstream {{ $labels.upstream }}.",
    },
    {
      alert: "NginxUpstreamDown",
      expr: each((family) => `min by (namespace, pod, upstream) (${metric(`${family}_state`)}) > 2`),
      for: "1m",
      severity: "critical",
      summary: "{{ $labels.pod }} has no server left in upstream {{ $labels.upstream }}.",
    },
    ...(contents.healthChecks
      ? [
          {
            alert: "NginxHealthChecksFail",
            expr: each((family) => `increase(${metric(`${family}_health_checks_fails`)}[5m]) > 0`),
            for: "5m",
            severity: "warning" as const,
            summary:
              "Health checks of {{ $labels.server }} in upstream {{ $labels.upstream }} fail, seen from {{ $labels.pod }}.",
          },
        ]
      : []),
  ];
}

function licenseAlerts(metric: Metric): Alert[] {
  const expires = metric("nginxplus_license_expiration_timestamp_seconds");
  const fails = metric("nginxplus_license_reporting_fails_count");
  const healthy = metric("nginxplus_license_reporting_healthy");
  const grace = metric("nginxplus_license_reporting_grace_period_seconds");
  return [
    {
      alert: "NginxLicenseUnknown",
      // The exporter reads the licence only where the release has an R and a number in its name.
      expr: `${metric("nginxplus_up")} == 1 unless on (namespace, pod) ${expires} > 0`,
      for: "15m",
      severity: "warning",
      summary: "The exporter of {{ $labels.pod }} does not say when the licence expires: no alert about it can come.",
    },
    {
      alert: "NginxLicenseExpiresSoon",
      // The exporter says 0 where NGINX does not tell.
      expr: `0 < ${expires} - time() < ${30 * day} and ${expires} > 0`,
      severity: "warning",
      summary: "The NGINX Plus licence of {{ $labels.pod }} expires within 30 days.",
    },
    {
      alert: "NginxLicenseExpired",
      expr: `${expires} - time() <= 0 and ${expires} > 0`,
      severity: "critical",
      summary: "The NGINX Plus licence of {{ $labels.pod }} has expired: within 90 days from then NGINX still starts.",
    },
    {
      alert: "NginxUsageReportsFail",
      expr: `${fails} > 2`,
      for: "15m",
      severity: "warning",
      summary: "The hourly usage reports of {{ $labels.pod }} fail, {{ $value }} in a row.",
    },
    {
      alert: "NginxUsageReportingUnhealthy",
      expr: `${healthy} == 0`,
      for: "15m",
      severity: "critical",
      summary: "NGINX Plus in {{ $labels.pod }} calls the state of its usage reports unhealthy.",
    },
    {
      alert: "NginxUsageGraceEnds",
      expr: `${grace} < ${30 * day} and ${fails} > 0`,
      severity: "critical",
      summary: "Without a usage report {{ $labels.pod }} stops its traffic in {{ $value | humanizeDuration }}.",
    },
  ];
}
