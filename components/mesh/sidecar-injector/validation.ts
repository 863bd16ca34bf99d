import type { types } from "@pulumi/kubernetes";
import { containerNames, redirectLabel, sidecarLabel, sidecarUser, volumeNames } from "../sidecar";
import { CelExpression, cel, every } from "./cel";
import { initContainers, labelledPods, ownContainers } from "./mutation";
import { allContainers, always, configMapName, type Injected } from "./pod-literals";

type Policy = types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
type Rule = types.input.admissionregistration.v1.Validation;

/** What a pod with the label has to be, wherever it is. */
export function labelledValidation(pod: Injected): Policy {
  return {
    failurePolicy: "Fail",
    matchConstraints: labelledPods,
    validations: [
      rule(
        cel`!object.spec.?hostNetwork.orValue(false)`,
        "hostNetwork is true, so the sidecar would be the node's; leave it out",
      ),
      rule(
        cel`object.spec.?shareProcessNamespace.orValue(true) == true`,
        "shareProcessNamespace is false; leave it out: spiffe-helper signals NGINX, which is in another container",
      ),
      rule(
        cel`!${ownContainers}.exists(name, name in ${allContainers})`,
        "a container has the name of one of the sidecar's; rename it",
      ),
      ...nobodyElse,
      wholeSidecar,
      rule(
        cel`${others}.all(one, one.?volumeMounts.orValue([]).all(mount, !(mount.name in ${pod.volumes.map(({ name }) => name)})))`,
        "a container mounts a volume of the sidecar; leave the mount out: the identity is the sidecar's alone",
      ),
    ],
  };
}

const spec = "object.spec";
const lists = ["containers", "initContainers"].map((list) => new CelExpression(`${spec}.?${list}.orValue([])`));
const mesh = cel`${lists[1]!}.filter(one, one.name in ${allContainers})`;
const others = cel`(${lists[0]!} + ${lists[1]!}.filter(one, !(one.name in ${allContainers})))`;

/** The user of the sidecar is the sidecar's alone: its connections pass beside NGINX, and it could read the key. */
const nobodyElse: Rule[] = [
  rule(
    cel`object.spec.?securityContext.runAsUser.orValue(0) != ${sidecarUser}`,
    `spec.securityContext.runAsUser is ${sidecarUser}, the sidecar's; use another user`,
  ),
  rule(
    cel`${others}.all(one, one.?securityContext.runAsUser.orValue(0) != ${sidecarUser})`,
    `a container's securityContext.runAsUser is ${sidecarUser}, the sidecar's; use another user`,
  ),
];

/** The sidecar is there, before all else, with the ConfigMap that the label names. */
const wholeSidecar: Rule = {
  ...rule(
    every(
      cel`${always}.all(name, ${initContainers}.exists(one, one == name))`,
      cel`${mesh}.all(one, one.name in ${[containerNames.redirect, containerNames.redirectIpv6]} || one.?securityContext.runAsUser.orValue(0) == ${sidecarUser})`,
      cel`${mesh}.all(one, !(one.name in ${[containerNames.identity, containerNames.proxy]}) || one.?restartPolicy.orValue("") == "Always")`,
      cel`${lists[1]!}.size() == 0 || ${mesh}.size() > 0 && [0, 1, 2, 3, 4].all(at, at >= ${mesh}.size() || ${lists[1]!}[at].name in ${allContainers})`,
      cel`object.spec.?volumes.orValue([]).exists(one, one.name == ${volumeNames.configuration} && one.?configMap.name.orValue("") == ${configMapName})`,
      cel`!(object.metadata.labels[?${redirectLabel}].orValue("") == "true") || ${mesh}.exists(one, one.name in ${[containerNames.redirect, containerNames.redirectIpv6]})`,
    ),
    "the pod has no whole sidecar",
  ),
  messageExpression:
    cel`${`the pod has no whole sidecar, and its label ${sidecarLabel} is "`} + ${configMapName} + ${'"; its labels have to be all of those that a Sidecar puts out, with the same image, edition, licence, resources and firstPort as the SidecarInjector, and nothing of the pod may have a name of the sidecar; or use withSidecar'}`
      .text,
};

/** What holds in strict namespaces besides: every pod has the label, and no container that is added later is the sidecar's user. */
export const strictValidation: Policy = {
  failurePolicy: "Fail",
  matchConstraints: {
    matchPolicy: "Equivalent",
    resourceRules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
      { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/ephemeralcontainers"] },
    ],
  },
  validations: [
    rule(
      cel`!object.spec.?hostNetwork.orValue(false)`,
      "hostNetwork is true, and the pods of this namespace are in the mesh; leave it out, or use another namespace",
    ),
    ...nobodyElse,
    rule(
      cel`object.spec.?ephemeralContainers.orValue([]).all(one, one.?securityContext.runAsUser.orValue(0) != ${sidecarUser})`,
      `an ephemeral container's securityContext.runAsUser is ${sidecarUser}, the sidecar's; use another user`,
    ),
    rule(
      cel`${sidecarLabel} in object.metadata.?labels.orValue({})`,
      `the pod has no sidecar, and every pod of this namespace needs one; give it the labels that a Sidecar puts out, or use withSidecar`,
    ),
  ],
};

function rule({ text }: CelExpression, message: string): Rule {
  return { expression: text, message, reason: "Forbidden" };
}
