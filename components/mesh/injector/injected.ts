import * as pulumi from "@pulumi/pulumi";
import { containerNames, fileNames, sidecarLabel, volumeNames } from "../sidecar/places";
import { type SidecarPodSettings, sidecarPod } from "../sidecar/pod";
import { type CelExpression, type CelValue, cel } from "./cel";

/** What is injected, as literals: the pod of `withSidecar`, with the name of the ConfigMap read from the pod's label. */
export interface Injected {
  /** In order; with `when`, only where that holds. */
  initContainers: { name: string; literal: CelValue; when?: CelExpression }[];
  volumes: { name: string; literal: CelValue }[];
  imagePullSecrets: CelValue[];
}

/** The label's value, the name of the ConfigMap. */
export const configMapName = cel`object.metadata.labels[${sidecarLabel}]`;

/** The ConfigMap has rules for iptables when the Sidecar redirects, of one family of addresses or both. */
const hasFile = (name: string) => cel`has(params.data) && ${name} in params.data`;
const conditions: Record<string, CelExpression> = {
  [containerNames.redirect]: hasFile(fileNames.redirect),
  [containerNames.redirectIpv6]: hasFile(fileNames.redirectIpv6),
};

/** Whether the pod's connections are redirected. */
export const redirects = cel`(${conditions[containerNames.redirect]!}) || (${conditions[containerNames.redirectIpv6]!})`;

/** Reads what is injected from what `withSidecar` would add. */
export function injected(settings: SidecarPodSettings): pulumi.Output<Injected> {
  const redirect = settings.redirect && { ...settings.redirect, ipv4: true, ipv6: true };
  return pulumi.output(sidecarPod({ ...settings, redirect, configMapName: "" })).apply((pod) => ({
    initContainers: pod.initContainers.map((container) => ({
      name: container.name,
      literal: container as unknown as CelValue,
      when: conditions[container.name],
    })),
    volumes: pod.volumes.map((volume) => ({
      name: volume.name,
      literal:
        volume.name === volumeNames.configuration
          ? { name: volume.name, configMap: { name: configMapName } }
          : (volume as unknown as CelValue),
    })),
    imagePullSecrets: pod.imagePullSecrets as unknown as CelValue[],
  }));
}

/** Names of the containers that every pod with a sidecar has, in order, and of those that only some have. */
export const always = [containerNames.identityFirst, containerNames.identity, containerNames.proxy] as const;
export const allContainers = Object.values(containerNames);
