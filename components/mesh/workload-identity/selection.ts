import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, formats, isPlainInput } from "../../foundation";

type LabelSelector = types.input.meta.v1.LabelSelector;

/** Selection of the pods that get an identity. */
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
export function checkSelection(selection: Argument<WorkloadSelection>): void {
  checkChoice(selection, ["namespaces", "namespaceSelector", "everyNamespace"]);
  checkChoice(selection, ["podSelector", "everyPod"]);
  const namespaces = selection.field("namespaces");
  if (namespaces.value?.length === 0)
    namespaces.refuse("is empty", "name the namespaces of the pods (or, for all of them, everyNamespace: true)");
  for (const namespace of namespaces.entries()) namespace.matches(formats.dnsLabel);
  checkSelector(selection.field("namespaceSelector"), "everyNamespace: true");
  checkSelector(selection.field("podSelector"), "everyPod: true");
}

/** Checks that exactly one of these is chosen; `false` chooses nothing. */
function checkChoice(selection: Argument<WorkloadSelection>, keys: (keyof WorkloadSelection)[]): void {
  const chosen = keys.filter((key) => selection.value[key] !== undefined && selection.value[key] !== false);
  const all = keys.join(", ");
  if (chosen.length === 0) selection.field(keys[0]!).refuse("is missing", `say which: exactly one of ${all}`);
  if (chosen.length > 1)
    selection.field(chosen[1]!).refuse(`is given beside ${chosen[0]}`, `give exactly one of ${all}`);
}

function checkSelector(selector: Argument<LabelSelector | undefined>, all: string): void {
  if (selector.value === undefined) return;
  const { matchLabels = {}, matchExpressions = [] } = selector.value;
  // Labels that are an output as a whole are not known to be none.
  if (!isPlainInput(matchLabels) || !isPlainInput(matchExpressions)) return;
  if (Object.keys(matchLabels).length + matchExpressions.length === 0)
    selector.refuse("is empty, which selects everything", `write at least one label (or, meaning that, ${all})`);
}

/** Returns the selectors of a ClusterSPIFFEID. */
export function selectors({ namespaces, namespaceSelector, podSelector }: WorkloadSelection) {
  const named = namespaces && { matchExpressions: [{ key: nameLabel, operator: "In", values: namespaces }] };
  return { namespaceSelector: named ?? namespaceSelector, podSelector };
}
