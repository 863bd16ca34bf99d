import type { Input } from "@pulumi/pulumi";

/** Returns the spec of the PodMonitor. */
export const podMonitorSpec = (secure: boolean, matchLabels: Record<string, Input<string>>) => ({
  selector: { matchLabels },
  podMetricsEndpoints: [
    // The control plane signs its certificate itself, anew at each start.
    { port: "metrics", ...(secure && { scheme: "https", tlsConfig: { insecureSkipVerify: true } }) },
  ],
});

/** Returns the spec of the PrometheusRule; the metrics of one Gateway Fabric carry the name of its GatewayClass. */
export function alertRules(gatewayClass: string) {
  const metric = (name: string) => `nginx_gateway_fabric_${name}{class="${gatewayClass}"}`;
  const alert = (name: string, expr: string, severity: "warning" | "critical", summary: string) => ({
    alert: name,
    expr,
    for: "5m",
    labels: { severity },
    annotations: { summary },
  });
  return {
    groups: [
      {
        name: `nginx-gateway-fabric-${gatewayClass}`,
        rules: [
          alert(
            "GatewayFabricNginxDown",
            `${metric("up")} == 0`,
            "critical",
            "NGINX in {{ $labels.pod }} does not answer its control plane.",
          ),
          alert(
            "GatewayFabricStaleConfiguration",
            `${metric("nginx_stale_config")} == 1`,
            "critical",
            "NGINX in {{ $labels.pod }} does not run the configuration of the present Gateways and routes.",
          ),
          alert(
            "GatewayFabricReloadsFail",
            `increase(${metric("nginx_reload_errors_total")}[15m]) > 0`,
            "warning",
            "NGINX in {{ $labels.pod }} refuses configurations of its control plane.",
          ),
        ],
      },
    ],
  };
}
