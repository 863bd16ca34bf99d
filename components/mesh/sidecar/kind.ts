import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type SidecarPodSettings, sidecarPod } from "./pod";

/** Label of a sidecar's ConfigMap: what its pods get, but for the ConfigMap's name. By it a SidecarInjector knows those that it can inject. */
export const kindLabel = "nginx-stacks/sidecar-kind";

/** A digest of what pods with this sidecar get; the families of addresses are left out, because the ConfigMap's files say which there are. */
export function kindOf({ redirect, ...settings }: SidecarPodSettings): pulumi.Output<string> {
  const pod = sidecarPod({
    ...settings,
    configMapName: "",
    ...(redirect && { redirect: { ...redirect, ipv4: true, ipv6: true } }),
  });
  return pulumi
    .output(pod)
    .apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 32));
}
