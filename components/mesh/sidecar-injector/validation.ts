import type { types } from "@pulumi/kubernetes";
import { containerNames, redirectLabel, sidecarLabel, sidecarUser, untilAnnotation, volumeNames } from "../sidecar";
import { CelExpression, cel, every } from "./cel";
import { containers, initContainers, labelledPods } from "./mutation";
import { allContainers, configMapName, type PodLiterals, requiredContainers } from "./pod-literals";

type Policy = types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
type Rule = types.input.admissionregistration.v1.Validation;

/** Returns the policy for pods with the label of a sidecar, in every namespace. Earlier sidecars have an end, which the API server compares with its clock. */
export function renderLabelledPolicy(pods: PodLiterals[]): Policy {
  const volumes = [...new Set(pods.flatMap((pod) => pod.volumes.map(({ name }) => name)))];
  return {
    failurePolicy: "Fail",
    matchConstraints: labelledPods,
    validations: [
      rule(
        cel`!object.spec.?hostNetwork.orValue(false)`,
        "hostNetwork is true, so the sidecar would proxy the node; leave it out",
      ),
      rule(
        cel`object.spec.?shareProcessNamespace.orValue(true) == true`,
        "shareProcessNamespace is false; leave it out: spiffe-helper signals NGINX in another container",
      ),
      rule(
        cel`!${containers}.exists(name, name in ${allContainers})`,
        "a container has the name of a container of the sidecar; rename it",
      ),
      ...reservedUserRules,
      completeSidecarRule,
      rule(
        cel`${applicationContainers}.all(one, one.?volumeMounts.orValue([]).all(mount, !(mount.name in ${volumes})))`,
        "a container mounts a volume of the sidecar; leave the mount out: only the sidecar may read the identity",
      ),
      ...(pods.length > 1 ? [earlierSidecarRule] : []),
    ],
  };
}

const spec = "object.spec";
const lists = ["containers", "initContainers"].map((list) => new CelExpression(`${spec}.?${list}.orValue([])`));
const sidecarContainers = cel`${lists[1]!}.filter(one, one.name in ${allContainers})`;
const applicationContainers = cel`(${lists[0]!} + ${lists[1]!}.filter(one, !(one.name in ${allContainers})))`;

/** Rules that reserve the sidecar's user, whose connections bypass NGINX and which can read the key. */
const reservedUserRules: Rule[] = [
  rule(
    cel`object.spec.?securityContext.runAsUser.orValue(0) != ${sidecarUser}`,
    `spec.securityContext.runAsUser is ${sidecarUser}, the user of the sidecar; use another user`,
  ),
  rule(
    cel`${applicationContainers}.all(one, one.?securityContext.runAsUser.orValue(0) != ${sidecarUser})`,
    `a container's securityContext.runAsUser is ${sidecarUser}, the user of the sidecar; use another user`,
  ),
];

/** Rule that the sidecar is complete, before all other containers, with the ConfigMap of the label. */
const completeSidecarRule: Rule = {
  ...rule(
    every(
      cel`${requiredContainers}.all(name, ${initContainers}.exists(one, one == name))`,
      cel`${sidecarContainers}.all(one, one.name in ${[containerNames.redirect, containerNames.redirectIpv6]} || one.?securityContext.runAsUser.orValue(0) == ${sidecarUser})`,
      cel`${sidecarContainers}.all(one, !(one.name in ${[containerNames.identity, containerNames.proxy]}) || one.?restartPolicy.orValue("") == "Always")`,
      cel`${lists[1]!}.size() == 0 || ${sidecarContainers}.size() > 0 && [0, 1, 2, 3, 4].all(at, at >= ${sidecarContainers}.size() || ${lists[1]!}[at].name in ${allContainers})`,
      cel`object.spec.?volumes.orValue([]).exists(one, one.name == ${volumeNames.configuration} && one.?configMap.name.orValue("") == ${configMapName})`,
      cel`!(object.metadata.labels[?${redirectLabel}].orValue("") == "true") || ${sidecarContainers}.exists(one, one.name in ${[containerNames.redirect, containerNames.redirectIpv6]})`,
    ),
    "the pod has no complete sidecar",
  ),
  messageExpression:
    cel`${`the pod has no complete sidecar, and its label ${sidecarLabel} is "`} + ${configMapName} + ${'"; give it all labels of a Sidecar with the same image, edition, licence, resources and firstPort as the SidecarInjector, and no container or volume with a name of the sidecar; or use withSidecar'}`
      .text,
};

const until = cel`object.metadata.annotations[${untilAnnotation}]`;

/** Rule that a pod with an earlier sidecar was created before its end. The API server sets the time of creation before it validates. */
const earlierSidecarRule: Rule = {
  ...rule(
    cel`!(${untilAnnotation} in object.metadata.?annotations.orValue({})) || timestamp(object.metadata.creationTimestamp) < timestamp(${until})`,
    "the pod has an earlier sidecar, which is no longer accepted",
  ),
  messageExpression:
    cel`"the pod has an earlier sidecar, which was accepted until " + ${until} + "; give it the labels of its Sidecar as it is now"`
      .text,
};

/** Policy for strict namespaces: every pod has the label, and no ephemeral container runs as the sidecar's user. */
export const strictPolicy: Policy = {
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
    ...reservedUserRules,
    rule(
      cel`object.spec.?ephemeralContainers.orValue([]).all(one, one.?securityContext.runAsUser.orValue(0) != ${sidecarUser})`,
      `an ephemeral container's securityContext.runAsUser is ${sidecarUser}, the user of the sidecar; use another user`,
    ),
    rule(
      cel`${sidecarLabel} in object.metadata.?labels.orValue({})`,
      `the pod has no sidecar, and every pod of this namespace needs one; give it the labels of a Sidecar, or use withSidecar`,
    ),
  ],
};

function rule({ text }: CelExpression, message: string): Rule {
  return { expression: text, message, reason: "Forbidden" };
}
