import { containerNames, sidecarLabel, templateHashLabel, volumeNames } from "../sidecar";
import { CelExpression, type CelValue, cel } from "./cel";
import type { SidecarTemplate } from "./template";

/** Parts of a sidecar as CEL literals: those of `withSidecar`, with the name of the ConfigMap read from the pod's label. */
export interface PodLiterals {
  /** Template hashes of the pods that get these parts, with and without redirect. */
  templateHashes: string[];
  /** `true`: the pod's connections are redirected. */
  redirects: CelExpression;
  /** Init containers in order; with `when`, only where that holds. */
  initContainers: { name: string; literal: CelValue; when?: CelExpression }[];
  volumes: { name: string; literal: CelValue }[];
  imagePullSecrets: CelValue[];
  /** Hook of the pod's own containers without one. */
  preStop?: CelExpression;
}

/** Name of the ConfigMap, from the pod's label. */
export const configMapName = cel`object.metadata.labels[${sidecarLabel}]`;

/** Template hash of the pod's sidecar, from its label. */
const podTemplateHash = cel`object.metadata.labels[?${templateHashLabel}].orValue("")`;
/** Returns whether the pod has one of these template hashes. */
export const hasTemplateHash = (hashes: string[]) => cel`${podTemplateHash} in ${hashes}`;

/** Returns the literals of a template, for pods with some of its hashes. */
export function toPodLiterals(template: SidecarTemplate, templateHashes = Object.values(template.hashes)): PodLiterals {
  const { ipv4, ipv6, both } = template.hashes;
  const when: Record<string, CelExpression> = {
    [containerNames.redirect]: hasTemplateHash([ipv4, both]),
    [containerNames.redirectIpv6]: hasTemplateHash([ipv6, both]),
  };
  return {
    templateHashes,
    redirects: hasTemplateHash([ipv4, ipv6, both]),
    initContainers: template.initContainers.map((container) => ({
      name: container.name,
      literal: container as unknown as CelValue,
      when: when[container.name],
    })),
    volumes: template.volumes.map((volume) => ({
      name: volume.name,
      literal:
        volume.name === volumeNames.configuration
          ? { name: volume.name, configMap: { name: configMapName } }
          : (volume as unknown as CelValue),
    })),
    preStop: template.preStop && renderHooks(template.preStop),
    imagePullSecrets: template.imagePullSecrets as unknown as CelValue[],
  };
}

/** Returns the pod's own containers with the hook: those without one, where the pod has more time to end. */
const renderHooks = ({ sleep: { seconds } }: NonNullable<SidecarTemplate["preStop"]>): CelExpression => {
  const containers = cel`object.spec.containers.filter(one, !one.?lifecycle.preStop.hasValue() && object.spec.?terminationGracePeriodSeconds.orValue(30) > ${seconds})`;
  const path = "Object.spec.containers.lifecycle";
  const hook = cel`${new CelExpression(`${path}.preStop`)}{sleep: ${new CelExpression(`${path}.preStop.sleep`)}{seconds: ${seconds}}}`;
  return cel`Object{spec: Object.spec{containers: ${containers}.map(one, Object.spec.containers{name: one.name, lifecycle: ${new CelExpression(path)}{preStop: ${hook}}})}}`;
};

/** Names of the containers of every sidecar, in order. */
export const requiredContainers = [
  containerNames.identityFirst,
  containerNames.identity,
  containerNames.proxy,
] as const;
/** Names of the containers of any sidecar. */
export const allContainers = Object.values(containerNames);
