import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type SidecarPodSettings, sidecarPod } from "./pod";

/** A digest of what pods with this sidecar get. */
export function kindOf(settings: SidecarPodSettings): pulumi.Output<string> {
  const { labels, ...pod } = sidecarPod({ ...settings, configMapName: "" });
  return pulumi
    .output(pod)
    .apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 32));
}
