import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { checked, checkPlain, labelName, type Refuser } from "../../foundation";

type LabelSelector = types.input.meta.v1.LabelSelector;

/** Which pods get an identity. */
export interface WorkloadSelection {
  /** Names of the namespaces of the pods: one of `namespaces`, `namespaceSelector` and `everyNamespace`. */
  namespaces?: Input<string>[];
  /** Labels of the namespaces of the pods. */
  namespaceSelector?: LabelSelector;
  /** `true`: pods of every namespace, but for those that the mesh ignores. @default false */
  everyNamespace?: boolean;
  /** Labels of the pods: one of `podSelector` and `everyPod`. */
  podSelector?: LabelSelector;
  /** `true`: every pod of the namespaces. @default false */
  everyPod?: boolean;
}

/** The label that every namespace has. */
const nameLabel = "kubernetes.io/metadata.name";

/** Checks that the selection is as narrow as it is said to be: an empty selector would select everything. */
export function checkSelection(refuse: Refuser, selection: WorkloadSelection): void {
  const { namespaces, namespaceSelector, everyNamespace, podSelector, everyPod } = selection;
  checkPlain(refuse, { namespaces, namespaceSelector, everyNamespace, podSelector, everyPod });
  exactlyOne(refuse, "namespaces", { namespaces, namespaceSelector, everyNamespace: everyNamespace || undefined });
  exactlyOne(refuse, "podSelector", { podSelector, everyPod: everyPod || undefined });
  if (namespaces?.length === 0)
    refuse("namespaces", "is empty", "name the namespaces of the pods (or, for all of them, everyNamespace: true)");
  for (const [index, namespace] of (namespaces ?? []).entries())
    checked(namespace, labelName(refuse, `namespaces[${index}]`));
  checkSelector(refuse, "namespaceSelector", namespaceSelector, "everyNamespace: true");
  checkSelector(refuse, "podSelector", podSelector, "everyPod: true");
}

function exactlyOne(refuse: Refuser, property: string, alternatives: Record<string, unknown>): void {
  const given = Object.keys(alternatives).filter((name) => alternatives[name] !== undefined);
  const all = Object.keys(alternatives).join(", ");
  if (given.length === 0) refuse(property, "is missing", `say which: exactly one of ${all}`);
  if (given.length > 1) refuse(given[1]!, `is given beside ${given[0]}`, `give exactly one of ${all}`);
}

function checkSelector(refuse: Refuser, property: string, selector: LabelSelector | undefined, all: string): void {
  if (!selector) return;
  const { matchLabels, matchExpressions } = selector;
  checkPlain(refuse, { [`${property}.matchLabels`]: matchLabels, [`${property}.matchExpressions`]: matchExpressions });
  const labels = Object.keys((matchLabels ?? {}) as object).length;
  const expressions = ((matchExpressions ?? []) as unknown[]).length;
  if (labels + expressions === 0)
    refuse(property, "is empty, which selects everything", `write at least one label (or, meaning that, ${all})`);
}

/** The selectors of a ClusterSPIFFEID. */
export function selectors({ namespaces, namespaceSelector, podSelector }: WorkloadSelection) {
  const named = namespaces && { matchExpressions: [{ key: nameLabel, operator: "In", values: namespaces }] };
  return { namespaceSelector: named ?? namespaceSelector, podSelector };
}
