import * as pulumi from "@pulumi/pulumi";
import {
  containerNames,
  hashTemplate,
  renderSidecarPod,
  type SidecarPod,
  type SidecarPodSettings,
  sidecarLabel,
  templateHashLabel,
  volumeNames,
} from "../sidecar";
import { type CelExpression, type CelValue, cel } from "./cel";

/** Parts of a sidecar as CEL literals: those of `withSidecar`, with the name of the ConfigMap read from the pod's label. */
export interface PodLiterals {
  /** Template hashes of the sidecars that this injector adds, with and without redirect. */
  templateHashes: string[];
  /** `true`: the pod's connections are redirected. */
  redirects: CelExpression;
  /** Init containers in order; with `when`, only where that holds. */
  initContainers: { name: string; literal: CelValue; when?: CelExpression }[];
  volumes: { name: string; literal: CelValue }[];
  imagePullSecrets: CelValue[];
}

/** Name of the ConfigMap, from the pod's label. */
export const configMapName = cel`object.metadata.labels[${sidecarLabel}]`;

/** Template hash of the pod's sidecar, from its label. */
const podTemplateHash = cel`object.metadata.labels[?${templateHashLabel}].orValue("")`;
/** Returns whether the pod has one of these template hashes. */
export const hasTemplateHash = (hashes: string[]) => cel`${podTemplateHash} in ${hashes}`;

/** Template hashes by the address families of the redirect. */
interface TemplateHashes {
  none: string;
  ipv4: string;
  ipv6: string;
  both: string;
}

/** Returns the literals of the parts that `withSidecar` would add. */
export function toPodLiterals(settings: SidecarPodSettings): pulumi.Output<PodLiterals> {
  const { redirect, ...plain } = settings;
  const withRedirect = (ipv4: boolean, ipv6: boolean) => ({ ...plain, redirect: { ...redirect!, ipv4, ipv6 } });
  const hashes = {
    none: hashTemplate(plain),
    ipv4: hashTemplate(withRedirect(true, false)),
    ipv6: hashTemplate(withRedirect(false, true)),
    both: hashTemplate(withRedirect(true, true)),
  };
  return pulumi
    .all([renderSidecarPod({ ...withRedirect(true, true), configMapName: "" }), pulumi.all(hashes)] as const)
    .apply(([pod, known]) => renderLiterals(pod as pulumi.Unwrap<SidecarPod>, known as unknown as TemplateHashes));
}

function renderLiterals(pod: pulumi.Unwrap<SidecarPod>, { none, ipv4, ipv6, both }: TemplateHashes): PodLiterals {
  const when: Record<string, CelExpression> = {
    [containerNames.redirect]: hasTemplateHash([ipv4, both]),
    [containerNames.redirectIpv6]: hasTemplateHash([ipv6, both]),
  };
  return {
    templateHashes: [none, ipv4, ipv6, both],
    redirects: hasTemplateHash([ipv4, ipv6, both]),
    initContainers: pod.initContainers.map((container) => ({
      name: container.name,
      literal: container as unknown as CelValue,
      when: when[container.name],
    })),
    volumes: pod.volumes.map((volume) => ({
      name: volume.name,
      literal:
        volume.name === volumeNames.configuration
          ? { name: volume.name, configMap: { name: configMapName } }
          : (volume as unknown as CelValue),
    })),
    imagePullSecrets: pod.imagePullSecrets as unknown as CelValue[],
  };
}

/** Names of the containers of every sidecar, in order. */
export const requiredContainers = [
  containerNames.identityFirst,
  containerNames.identity,
  containerNames.proxy,
] as const;
/** Names of the containers of any sidecar. */
export const allContainers = Object.values(containerNames);
