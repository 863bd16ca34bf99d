import type { NginxAutoscaling } from "../nginx";

/**
 * Pods that leave slower than others': the clients of each are cut off and connect again, so one goes when half an hour has shown that it is not needed,
 * and the next not before its clients have long been back.
 */
export function unhurried(autoscaling: NginxAutoscaling): NginxAutoscaling {
  const { stabilizationWindowSeconds = 1800, periodSeconds = 600, pods } = autoscaling.scaleDown ?? {};
  return { ...autoscaling, scaleDown: { stabilizationWindowSeconds, periodSeconds, pods } };
}
