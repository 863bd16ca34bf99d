import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { Edition } from "./edition";
import { exporterImage } from "./image";
import { managementPort, metricsPort } from "./ports";

/**
 * Metrics for Prometheus, by NGINX's own exporter beside each NGINX: port 9113, path `/metrics`, announced by `prometheus.io` annotations.
 * For NGINX Plus they have the state of the licence (`nginxplus_license_…`), which NGINX's API gives to this pod only.
 */
export interface NginxMonitoring {
  /** Image of the exporter. @default "docker.io/nginx/nginx-prometheus-exporter:1.5.3" */
  exporterImage?: Input<string>;
  /**
   * Whether the cluster runs the Prometheus Operator: then a PodMonitor has the metrics collected, and a PrometheusRule warns when NGINX is down, when the licence is
   * about to expire or has expired, when usage reports fail, and when the time without one runs out.
   *
   * @default false
   */
  prometheusOperator?: boolean;
  /** Labels of the PodMonitor and PrometheusRule, for the selectors of a Prometheus: `{ release: "prometheus" }`. @default none */
  labels?: Record<string, Input<string>>;
}

const statusPath = { plus: "/api", oss: "/stub_status" };

/** The exporter beside NGINX. */
export function exporterContainer(
  edition: Edition,
  monitoring: NginxMonitoring,
  registry: Input<string> | undefined,
  securityContext: types.input.core.v1.SecurityContext,
): types.input.core.v1.Container {
  return {
    name: "exporter",
    image: monitoring.exporterImage ?? exporterImage(registry),
    args: [
      ...(edition === Edition.plus ? ["--nginx.plus"] : []),
      `--nginx.scrape-uri=http://127.0.0.1:${managementPort.port}${statusPath[edition]}`,
    ],
    ports: [{ name: metricsPort.name, containerPort: metricsPort.port }],
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
    securityContext,
  };
}

/** How Prometheus finds the metrics where no operator tells it. */
export const scrapeAnnotations = {
  "prometheus.io/scrape": "true",
  "prometheus.io/port": `${metricsPort.port}`,
  "prometheus.io/path": "/metrics",
};

/** Spec of the PodMonitor. Its job is the instance, so that alerts are about these pods and no others. */
export const podMonitorSpec = (matchLabels: Record<string, Input<string>>, instanceLabel: string) => ({
  jobLabel: instanceLabel,
  selector: { matchLabels },
  podMetricsEndpoints: [{ port: metricsPort.name }],
});

interface Alert {
  alert: string;
  expr: string;
  for?: string;
  severity: "warning" | "critical";
  summary: string;
}

const day = 24 * 60 * 60;

/** Spec of the PrometheusRule. `job` is the value of the instance label. */
export function alertRules(edition: Edition, job: string) {
  const metric = (name: string) => `${name}{job="${job}"}`;
  const alerts = edition === Edition.plus ? plusAlerts(metric) : [downAlert(metric("nginx_up"))];
  return {
    groups: [
      {
        name: job,
        rules: alerts.map(({ alert, expr, for: duration, severity, summary }) => ({
          alert,
          expr,
          ...(duration && { for: duration }),
          labels: { severity },
          annotations: { summary },
        })),
      },
    ],
  };
}

const downAlert = (up: string): Alert => ({
  alert: "NginxDown",
  expr: `${up} == 0`,
  for: "5m",
  severity: "critical",
  summary: "NGINX in {{ $labels.pod }} does not answer its exporter.",
});

function plusAlerts(metric: (name: string) => string): Alert[] {
  const expires = metric("nginxplus_license_expiration_timestamp_seconds");
  const fails = metric("nginxplus_license_reporting_fails_count");
  const healthy = metric("nginxplus_license_reporting_healthy");
  const grace = metric("nginxplus_license_reporting_grace_period_seconds");
  return [
    downAlert(metric("nginxplus_up")),
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
