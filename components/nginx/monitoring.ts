import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, formats } from "../foundation";
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
   * `true`: the cluster runs the Prometheus Operator. A PodMonitor has the metrics collected, and a PrometheusRule warns when NGINX is down or nearly full; with NGINX Plus also
   * when servers of an upstream are not well, when the licence is about to expire or has expired, when usage reports fail, and when the time without one runs out.
   *
   * @default false
   */
  prometheusOperator?: boolean;
  /** Labels of the PodMonitor and PrometheusRule, for the selectors of a Prometheus: `{ release: "prometheus" }`. @default none */
  labels?: Record<string, Input<string>>;
  /** `true`: a ConfigMap with a Grafana dashboard of these pods, for the sidecar that Grafana's chart has for it. Needs `prometheusOperator`. @default false */
  dashboard?: boolean;
  /** Labels by which Grafana's sidecar finds the dashboard. @default { grafana_dashboard: "1" } */
  dashboardLabels?: Record<string, Input<string>>;
}

/** The metric that counts the clients of a pod. */
export const connectionsMetric = { plus: "nginxplus_connections_active", oss: "nginx_connections_active" };

const statusPath = { plus: "/api", oss: "/stub_status" };

/** The exporter beside NGINX. */
export function exporterContainer(
  edition: Edition,
  { exporterImage: image }: ResolvedMonitoring,
  securityContext: types.input.core.v1.SecurityContext,
): types.input.core.v1.Container {
  return {
    name: "exporter",
    image,
    args: [
      ...(edition === Edition.plus ? ["--nginx.plus"] : []),
      `--nginx.scrape-uri=http://127.0.0.1:${managementPort.port}${statusPath[edition]}`,
    ],
    ports: [{ name: metricsPort.name, containerPort: metricsPort.port }],
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
    securityContext,
  };
}

/** Annotations by which a Prometheus without operator finds the metrics. */
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

/** Metrics with their defaults. */
export interface ResolvedMonitoring {
  exporterImage: Input<string>;
  prometheusOperator: boolean;
  labels: Record<string, Input<string>>;
  /** Labels of the ConfigMap with the dashboard; undefined where there is none. */
  dashboardLabels: Record<string, Input<string>> | undefined;
}

/** The label by which the sidecar of Grafana's chart finds dashboards, unless it is told another. */
const defaultDashboardLabels = { grafana_dashboard: "1" };

/** Checks arguments that have no effect without others, and returns all with their defaults. */
export function resolveMonitoring(
  monitoring: Argument<NginxMonitoring>,
  registry: Input<string> | undefined,
): ResolvedMonitoring {
  const { exporterImage: image, labels, prometheusOperator = false, dashboard, dashboardLabels } = monitoring.value;
  monitoring.field("exporterImage").matches(formats.image);
  if (labels && !prometheusOperator)
    monitoring
      .field("labels")
      .refuse("is given without prometheusOperator", "set prometheusOperator: true, or remove the labels");
  if (dashboard && !prometheusOperator)
    monitoring
      .field("dashboard")
      .refuse(
        "is given without prometheusOperator: it finds the pods by the job that the PodMonitor gives them",
        "set prometheusOperator: true, or remove the dashboard",
      );
  if (dashboardLabels && !dashboard)
    monitoring
      .field("dashboardLabels")
      .refuse("is given without dashboard", "set dashboard: true, or remove the labels");
  return {
    exporterImage: image ?? exporterImage(registry),
    prometheusOperator,
    labels: labels ?? {},
    dashboardLabels: dashboard ? (dashboardLabels ?? defaultDashboardLabels) : undefined,
  };
}
