import type { Input } from "@pulumi/pulumi";
import { Edition } from "../nginx";
import type { GatewayFabricCommonArgs } from "./gateway-fabric-args";

/** What works, and yet a user should know. */
export function remarks(args: GatewayFabricCommonArgs): string[] {
  return [
    ...(pullsWithoutSecret(args)
      ? [
          "imagePullSecrets: F5's registry gives nothing without credentials; name a RegistrySecret's secretName, unless the nodes have them",
        ]
      : []),
    ...(args.usage?.insecureSkipVerify
      ? ["usage.insecureSkipVerify: whoever answers at the endpoint of usage reports learns the licence"]
      : []),
  ];
}

/** Whether the image of NGINX comes from F5's registry, with nothing to pull it with. */
function pullsWithoutSecret({
  edition = Edition.plus,
  registry,
  dataPlaneImage,
  imagePullSecrets = [],
}: GatewayFabricCommonArgs): boolean {
  const own: Input<string> | undefined = dataPlaneImage?.repository ?? registry;
  return edition === Edition.plus && own === undefined && imagePullSecrets.length === 0;
}
