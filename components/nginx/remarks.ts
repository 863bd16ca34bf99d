import { Edition } from "./edition";
import type { NginxPlusArgs } from "./nginx-plus-args";

/** What works, and yet a user should know. */
export function remarks({ edition, networkPolicy, image, registry, imagePullSecrets }: NginxPlusArgs): string[] {
  if (edition === Edition.oss) return [];
  const openEgress = networkPolicy !== undefined && networkPolicy.licenseEndpointCidrs === undefined;
  const unpulled = image === undefined && registry === undefined && imagePullSecrets === undefined;
  return [
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
