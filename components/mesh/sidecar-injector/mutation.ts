import type { types } from "@pulumi/kubernetes";
import { redirectLabel, sidecarLabel } from "../sidecar";
import { CelExpression, type CelValue, cel, every } from "./cel";
import { allContainers, configMapName, type Injected, isOf } from "./pod-literals";

type Policy = types.input.admissionregistration.v1.MutatingAdmissionPolicySpec;

/** Pods when they are made, of those with the label. */
export const labelledPods: types.input.admissionregistration.v1.MatchResources = {
  matchPolicy: "Equivalent",
  objectSelector: { matchExpressions: [{ key: sidecarLabel, operator: "Exists" }] },
  resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
};

/** Names in one of a pod's lists, which may be missing. */
const namesOf = (list: string): CelExpression => cel`object.spec.?${field(list)}.orValue([]).map(one, one.name)`;
const field = (name: string) => new CelExpression(name);

/** Lists of a pod's containers. */
export const ownContainers = namesOf("containers");
export const initContainers = namesOf("initContainers");
export const volumes = namesOf("volumes");

/** The label has to be a name, which a label need not be. */
const namesConfigMap = cel`${configMapName}.matches("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")`;

/** What a pod gets: nothing where it has a part of a sidecar, by this policy or by `withSidecar`. */
export function mutation(pod: Injected): Policy {
  const names = pod.volumes.map(({ name }) => name);
  const none = (list: CelExpression, of: readonly string[]) => cel`!${list}.exists(name, name in ${of})`;
  return {
    failurePolicy: "Fail",
    // What another policy or webhook makes of a pod may give it the label.
    reinvocationPolicy: "IfNeeded",
    matchConstraints: labelledPods,
    matchConditions: [
      { name: "known-kind", expression: isOf(pod.kinds).text },
      { name: "names-a-config-map", expression: namesConfigMap.text },
      {
        name: "no-part-of-a-sidecar",
        expression: every(none(ownContainers, allContainers), none(initContainers, allContainers), none(volumes, names))
          .text,
      },
      { name: "shares-processes", expression: "object.spec.?shareProcessNamespace.orValue(true) == true" },
    ],
    mutations: mutations(pod).map(({ text }) => ({ patchType: "JSONPatch", jsonPatch: { expression: text } })),
  };
}

function mutations({ redirects, initContainers, volumes, imagePullSecrets }: Injected): CelExpression[] {
  // Each is put first, so the last comes first.
  const containers = [...initContainers].reverse().map(({ literal, when }) => {
    const patch = cel`[${add("/spec/initContainers/0", literal)}]`;
    return when ? cel`(${when} ? ${patch} : [])` : patch;
  });
  return [
    joined(list("initContainers"), ...containers),
    joined(list("volumes"), ...volumes.map(({ literal }) => cel`[${add("/spec/volumes/-", literal)}]`)),
    cel`[${add("/spec/shareProcessNamespace", true)}]`,
    ...(imagePullSecrets.length > 0
      ? [
          joined(
            list("imagePullSecrets"),
            ...imagePullSecrets.map((secret) => cel`[${add("/spec/imagePullSecrets/-", secret)}]`),
          ),
        ]
      : []),
    cel`${redirects} ? [${add(`/metadata/labels/${redirectLabel.replace("/", "~1")}`, "true")}] : []`,
  ];
}

const add = (path: string, value: CelValue) => cel`JSONPatch{op: "add", path: ${path}, value: ${value}}`;

/** A pod may have no list, and nothing can be added to that. */
const list = (name: string) => cel`(has(object.spec.${field(name)}) ? [] : [${add(`/spec/${name}`, [])}])`;

const joined = (...parts: CelExpression[]) => parts.reduce((all, part) => cel`${all} + ${part}`);
