/** Removal of pods that are not needed (`behavior.scaleDown`). Each ends its long connections. */
export interface NginxScaleDown {
  /** Time for which fewer pods must have been enough, in seconds, at most 3600 (`stabilizationWindowSeconds`). @default 300; 1800 for an MqttProxy */
  stabilizationWindowSeconds?: number;
  /** Number of pods that may leave within a period. @default 1 */
  pods?: number;
  /** The period, in seconds, at most 1800. @default 60; 600 for an MqttProxy */
  periodSeconds?: number;
}

/** Lets the number of pods follow their load (HorizontalPodAutoscaler): their CPU's, and the number of their connections if you like. The higher number decides. */
export interface NginxAutoscaling {
  /** Fewest pods. @default 2 */
  minReplicas?: number;
  /** Most pods. */
  maxReplicas: number;
  /** CPU use that is aimed at, in percent of what the pods request. @default 75 */
  cpuPercent?: number;
  /**
   * Client connections that are aimed at, on average of the pods. Needs `monitoring`, a Prometheus that collects it, and an adapter that gives the metric of the pods
   * `nginx_connections_active`, for NGINX Plus `nginxplus_connections_active`, to the API `custom.metrics.k8s.io`; docs/nginx-plus.md has the adapter's rule. @default CPU alone decides
   */
  connectionsPerPod?: number;
  /** Removal of pods. Pods are added without waiting, twice as many or four more every 15 seconds. @default slowly */
  scaleDown?: NginxScaleDown;
}

/** Number of pods that an eviction must leave (PodDisruptionBudget): at most one of the two. */
export interface NginxDisruptionBudget {
  /** Pods that must be available. */
  minAvailable?: number;
  /** Pods that may be unavailable. @default 1, unless minAvailable is given */
  maxUnavailable?: number;
}
