import { Edition } from "./edition";
import type { NginxPlusArgs } from "./nginx-plus-args";

/** Warning about an endpoint that is not verified; the argument's name comes first. */
export const unverifiedUsage =
  "unsafeSkipVerification: any server that answers at the usage endpoint learns the licence and can withhold the reports without which NGINX Plus stops";

/** Returns messages for the log, about arguments that work and need a decision of the user's. */
export function warningsOf(
  { networkPolicy, image, registry, imagePullSecrets, management }: NginxPlusArgs,
  edition: Edition,
): string[] {
  if (edition === Edition.oss) return [];
  const openEgress = networkPolicy !== undefined && networkPolicy.licenseEndpointCidrs === undefined;
  const unpulled = image === undefined && registry === undefined && imagePullSecrets === undefined;
  return [
    ...(management?.unsafeSkipVerification ? [`management.${unverifiedUsage}`] : []),
    ...(openEgress
      ? [
          "networkPolicy: a policy knows no host names, so the port of the licensing endpoint is open to anywhere; licenseEndpointCidrs closes it",
        ]
      : []),
    ...(unpulled
      ? [
          "imagePullSecrets: F5's registry gives nothing without credentials; name a RegistrySecret's secretName, unless the nodes have them",
        ]
      : []),
  ];
}
