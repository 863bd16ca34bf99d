import type { Input } from "@pulumi/pulumi";
import { mapInput } from "../foundation";

/** Versions that are tested with each other. */
export const meshVersions = {
  spire: "1.15.3",
  controllerManager: "0.7.0",
  /** Version with the CRDs of the controller manager; 0.7.0 has the same ones. */
  controllerManagerCrds: "0.6.6",
  csiDriver: "0.2.12",
  nodeDriverRegistrar: "v2.15.0",
  spiffeHelper: "0.11.0",
} as const;

const registries = { github: "ghcr.io", kubernetes: "registry.k8s.io", redHat: "registry.access.redhat.com" };

/** Images of the mesh, without that of NGINX. */
export interface MeshImages {
  /** Mirror that replaces the registry of every image: `registry.example.com/mirror`. @default each image's own registry */
  registry?: Input<string>;
  /** Image of the SPIRE server, with its tag or digest. @default "ghcr.io/spiffe/spire-server:1.15.3" */
  spireServer?: Input<string>;
  /** Image of the SPIRE agent, with its tag or digest. @default "ghcr.io/spiffe/spire-agent:1.15.3" */
  spireAgent?: Input<string>;
  /** Image of the controller manager, with its tag or digest. @default "ghcr.io/spiffe/spire-controller-manager:0.7.0" */
  controllerManager?: Input<string>;
  /** Image of the SPIFFE CSI driver, with its tag or digest. @default "ghcr.io/spiffe/spiffe-csi-driver:0.2.12" */
  csiDriver?: Input<string>;
  /** Image of the program that registers the CSI driver with the kubelet. @default "registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.15.0" */
  nodeDriverRegistrar?: Input<string>;
  /** Image with `chcon`, for the driver on OpenShift. @default "registry.access.redhat.com/ubi9/ubi-minimal:9.6" */
  selinux?: Input<string>;
  /** Image of spiffe-helper, with its tag or digest. @default "ghcr.io/spiffe/spiffe-helper:0.11.0" */
  spiffeHelper?: Input<string>;
}

const defaults: Record<Exclude<keyof MeshImages, "registry">, readonly [registry: string, path: string]> = {
  spireServer: [registries.github, `spiffe/spire-server:${meshVersions.spire}`],
  spireAgent: [registries.github, `spiffe/spire-agent:${meshVersions.spire}`],
  controllerManager: [registries.github, `spiffe/spire-controller-manager:${meshVersions.controllerManager}`],
  csiDriver: [registries.github, `spiffe/spiffe-csi-driver:${meshVersions.csiDriver}`],
  nodeDriverRegistrar: [
    registries.kubernetes,
    `sig-storage/csi-node-driver-registrar:${meshVersions.nodeDriverRegistrar}`,
  ],
  selinux: [registries.redHat, "ubi9/ubi-minimal:9.6"],
  spiffeHelper: [registries.github, `spiffe/spiffe-helper:${meshVersions.spiffeHelper}`],
};

/** Returns the given image, otherwise the default from its registry or the mirror. */
export function meshImage(images: MeshImages | undefined, which: keyof typeof defaults): Input<string> {
  const [registry, path] = defaults[which];
  return images?.[which] ?? mapInput(images?.registry ?? registry, (host) => `${host.replace(/\/$/, "")}/${path}`);
}
