import type { Refuser } from "../foundation";
import { type NginxService, NginxServiceType } from "../nginx";

/** Who can reach a Service of Instance Manager, and whether that is meant. */
interface Exposure {
  service?: NginxService;
  exposed?: boolean;
}

/** The document: "Never expose your management server to the public internet." */
export function checkExposure({ service = {}, exposed }: Exposure, refuse: Refuser): void {
  const { type = NginxServiceType.clusterIP, loadBalancerClass, loadBalancerSourceRanges } = service;
  const open =
    type !== NginxServiceType.clusterIP && loadBalancerClass === undefined && loadBalancerSourceRanges === undefined;
  if (open && !exposed)
    refuse(
      "service.type",
      `is ${type}, which anyone may reach from outside the cluster`,
      "give loadBalancerSourceRanges or an internal loadBalancerClass (or, where that is meant, exposed: true)",
    );
  if (exposed && !open) refuse("exposed", "is true, but the Service is not open to everyone", "leave it out");
}
