/** An alert of Prometheus. */
export interface Alert {
  alert: string;
  expr: string;
  for?: string;
  severity: "warning" | "critical";
  summary: string;
}

/** Spec of a PrometheusRule with one group of alerts. */
export const prometheusRuleSpec = (group: string, alerts: Alert[]) => ({
  groups: [
    {
      name: group,
      rules: alerts.map(({ alert, expr, for: duration, severity, summary }) => ({
        alert,
        expr,
        ...(duration && { for: duration }),
        labels: { severity },
        annotations: { summary },
      })),
    },
  ],
});
