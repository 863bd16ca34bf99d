import * as pulumi from "@pulumi/pulumi";
import type { CrdFile, ResolvedCrds } from "../foundation";
import type { GatewayFabricVersion } from "./versions";

/** Features that need CRDs of their own. */
interface CrdNeeds {
  experimentalFeatures?: boolean;
  inferenceExtension?: boolean;
}

/** Returns the files of the CRDs that a version needs: those of the Gateway API first. */
export function crdFiles(
  { version, gatewayApiVersion, inferenceExtensionVersion, additions }: GatewayFabricVersion,
  { experimentalFeatures = false, inferenceExtension = false }: CrdNeeds,
): CrdFile[] {
  const channel = experimentalFeatures ? "experimental" : "standard";
  const published = (name: string, url: string): CrdFile => ({ name, urls: [url] });
  return [
    published(
      `gateway-api-${gatewayApiVersion}-${channel}.yaml`,
      `https://github.com/kubernetes-sigs/gateway-api/releases/download/v${gatewayApiVersion}/${channel}-install.yaml`,
    ),
    published(
      `nginx-gateway-fabric-${version}.yaml`,
      `https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v${version}/deploy/crds.yaml`,
    ),
    ...(inferenceExtension && inferenceExtensionVersion !== undefined
      ? [
          published(
            `inference-pools-${inferenceExtensionVersion}.yaml`,
            `https://raw.githubusercontent.com/kubernetes-sigs/gateway-api-inference-extension/v${inferenceExtensionVersion}/config/crd/bases/inference.networking.k8s.io_inferencepools.yaml`,
          ),
        ]
      : []),
    ...(additions.crds ?? []).map((url) => published(url.slice(url.lastIndexOf("/") + 1), url)),
  ];
}

/** Tells the user, in the log, which CRDs have to exist where none are installed. */
export function reportCrds({ files, urls }: ResolvedCrds, component: pulumi.Resource): void {
  if (files.length > 0) return;
  const [last, ...others] = [...urls].reverse();
  const all = others.length === 0 ? last : `${others.reverse().join(", ")} and ${last}`;
  pulumi.log.info(`the CRDs of ${all} have to be there, applied server-side`, component);
}
