import * as pulumi from "@pulumi/pulumi";
import {
  containerNames,
  type SidecarPod,
  type SidecarPodSettings,
  sidecarLabel,
  sidecarPod,
  templateHash,
  templateHashLabel,
  volumeNames,
} from "../sidecar";
import { type CelExpression, type CelValue, cel } from "./cel";

/** Injected parts as literals: the pod of `withSidecar`, with the name of the ConfigMap read from the pod's label. */
export interface Injected {
  /** Digests by which pods say that they get this, with and without redirect. */
  kinds: string[];
  /** Whether the pod's connections are redirected. */
  redirects: CelExpression;
  /** In order; with `when`, only where that holds. */
  initContainers: { name: string; literal: CelValue; when?: CelExpression }[];
  volumes: { name: string; literal: CelValue }[];
  imagePullSecrets: CelValue[];
}

/** The label's value, the name of the ConfigMap. */
export const configMapName = cel`object.metadata.labels[${sidecarLabel}]`;

/** What the pod's Sidecar adds, by its label. */
const kind = cel`object.metadata.labels[?${templateHashLabel}].orValue("")`;
/** Whether the pod is of one of these kinds. */
export const isOf = (kinds: string[]) => cel`${kind} in ${kinds}`;

/** The digests by which pods say what they get. */
interface Kinds {
  none: string;
  ipv4: string;
  ipv6: string;
  both: string;
}

/** Reads what is injected from what `withSidecar` would add. */
export function injected(settings: SidecarPodSettings): pulumi.Output<Injected> {
  const { redirect, ...plain } = settings;
  const of = (ipv4: boolean, ipv6: boolean) => ({ ...plain, redirect: { ...redirect!, ipv4, ipv6 } });
  const kinds = {
    none: templateHash(plain),
    ipv4: templateHash(of(true, false)),
    ipv6: templateHash(of(false, true)),
    both: templateHash(of(true, true)),
  };
  return pulumi
    .all([sidecarPod({ ...of(true, true), configMapName: "" }), pulumi.all(kinds)] as const)
    .apply(([pod, known]) => literals(pod as pulumi.Unwrap<SidecarPod>, known as unknown as Kinds));
}

function literals(pod: pulumi.Unwrap<SidecarPod>, { none, ipv4, ipv6, both }: Kinds): Injected {
  const when: Record<string, CelExpression> = {
    [containerNames.redirect]: isOf([ipv4, both]),
    [containerNames.redirectIpv6]: isOf([ipv6, both]),
  };
  return {
    kinds: [none, ipv4, ipv6, both],
    redirects: isOf([ipv4, ipv6, both]),
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

/** Names of the containers that every pod with a sidecar has, in order, and of those that only some have. */
export const always = [containerNames.identityFirst, containerNames.identity, containerNames.proxy] as const;
export const allContainers = Object.values(containerNames);
