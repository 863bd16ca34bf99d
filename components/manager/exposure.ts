import type { Argument } from "../foundation";
import { type NginxService, NginxServiceType } from "../nginx";

/**
 * Checks that a Service which anyone may reach is meant. The document: "Never expose your management server to the public internet."
 *
 * @param exposed whether the user says that it is meant
 */
export function checkServiceExposure(
  service: Argument<NginxService | undefined>,
  exposed: Argument<boolean | undefined>,
): void {
  const { type = NginxServiceType.clusterIP, loadBalancerClass, loadBalancerSourceRanges } = service.value ?? {};
  const open =
    type !== NginxServiceType.clusterIP && loadBalancerClass === undefined && loadBalancerSourceRanges === undefined;
  if (open && !exposed.value)
    service
      .field("type")
      .refuse(
        `is ${type}, which anyone may reach from outside the cluster`,
        "give loadBalancerSourceRanges or an internal loadBalancerClass (or, where that is meant, exposed: true)",
      );
  if (exposed.value && !open) exposed.refuse("is true, but the Service is not open to everyone", "leave it out");
}
