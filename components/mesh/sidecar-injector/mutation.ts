import type { types } from "@pulumi/kubernetes";
import { redirectLabel, sidecarLabel, untilAnnotation } from "../sidecar";
import { CelExpression, type CelValue, cel, every } from "./cel";
import { allContainers, configMapName, hasTemplateHash, type PodLiterals } from "./pod-literals";

type Policy = types.input.admissionregistration.v1.MutatingAdmissionPolicySpec;

/** Creation of pods with the label of a sidecar. */
export const labelledPods: types.input.admissionregistration.v1.MatchResources = {
  matchPolicy: "Equivalent",
  objectSelector: { matchExpressions: [{ key: sidecarLabel, operator: "Exists" }] },
  resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
};

/** Returns the names in one of a pod's lists, which may be missing. */
const namesOf = (list: string): CelExpression => cel`object.spec.?${field(list)}.orValue([]).map(one, one.name)`;
const field = (name: string) => new CelExpression(name);

/** Names of the containers, init containers and volumes of the pod. */
export const containers = namesOf("containers");
export const initContainers = namesOf("initContainers");
export const volumes = namesOf("volumes");

/** Returns whether the label is a valid name of a ConfigMap; a label may be other text too. */
const namesConfigMap = cel`${configMapName}.matches("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")`;

/** Returns the policy that adds a sidecar to pods without a part of one, and the instant until which it is accepted. */
export function renderMutationPolicy(pod: PodLiterals, until?: string): Policy {
  const names = pod.volumes.map(({ name }) => name);
  const none = (list: CelExpression, of: readonly string[]) => cel`!${list}.exists(name, name in ${of})`;
  return {
    failurePolicy: "Fail",
    // Another policy or webhook may add the label later.
    reinvocationPolicy: "IfNeeded",
    matchConstraints: labelledPods,
    matchConditions: [
      { name: "known-kind", expression: hasTemplateHash(pod.templateHashes).text },
      { name: "names-a-config-map", expression: namesConfigMap.text },
      {
        name: "no-part-of-a-sidecar",
        expression: every(none(containers, allContainers), none(initContainers, allContainers), none(volumes, names))
          .text,
      },
      { name: "shares-processes", expression: "object.spec.?shareProcessNamespace.orValue(true) == true" },
    ],
    mutations: [
      ...[...renderMutations(pod), ...(until === undefined ? [] : [annotate(until)])].map(({ text }) => ({
        patchType: "JSONPatch",
        jsonPatch: { expression: text },
      })),
      ...(pod.preStop === undefined
        ? []
        : [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: pod.preStop.text } }]),
    ],
  };
}

function renderMutations({ redirects, initContainers, volumes, imagePullSecrets }: PodLiterals): CelExpression[] {
  // Each is inserted first, so the last one is inserted before the others.
  const containerPatches = [...initContainers].reverse().map(({ literal, when }) => {
    const patch = cel`[${add("/spec/initContainers/0", literal)}]`;
    return when ? cel`(${when} ? ${patch} : [])` : patch;
  });
  return [
    concat(ensureList("initContainers"), ...containerPatches),
    concat(ensureList("volumes"), ...volumes.map(({ literal }) => cel`[${add("/spec/volumes/-", literal)}]`)),
    cel`[${add("/spec/shareProcessNamespace", true)}]`,
    ...(imagePullSecrets.length > 0
      ? [
          concat(
            ensureList("imagePullSecrets"),
            ...imagePullSecrets.map((secret) => cel`[${add("/spec/imagePullSecrets/-", secret)}]`),
          ),
        ]
      : []),
    cel`${redirects} ? [${add(`/metadata/labels/${redirectLabel.replace("/", "~1")}`, "true")}] : []`,
  ];
}

/** Returns the patch that sets the annotation, also where the pod has one already. */
const annotate = (until: string) =>
  concat(
    cel`(has(object.metadata.annotations) ? [] : [${add("/metadata/annotations", {})}])`,
    cel`[${add(`/metadata/annotations/${untilAnnotation.replace("/", "~1")}`, until)}]`,
  );

const add = (path: string, value: CelValue) => cel`JSONPatch{op: "add", path: ${path}, value: ${value}}`;

/** Returns the patch that makes a list of the pod's spec where there is none, so that others can add to it. */
const ensureList = (name: string) => cel`(has(object.spec.${field(name)}) ? [] : [${add(`/spec/${name}`, [])}])`;

const concat = (...parts: CelExpression[]) => parts.reduce((all, part) => cel`${all} + ${part}`);
