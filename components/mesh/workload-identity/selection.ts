import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, formats, isPlainInput } from "../../foundation";

type LabelSelector = types.input.meta.v1.LabelSelector;

/** Selection of the pods that get an identity: exactly one argument for namespaces, and one for pods. */
export interface WorkloadSelection {
  /** Names of the namespaces of the pods: one of `namespaces`, `namespaceSelector` and `everyNamespace`. */
  namespaces?: Input<string>[];
  /** Labels of the namespaces of the pods. */
  namespaceSelector?: LabelSelector;
  /** `true`: pods of every namespace, except those that the mesh ignores. @default false */
  everyNamespace?: boolean;
  /** Labels of the pods: one of `podSelector` and `everyPod`. */
  podSelector?: LabelSelector;
  /** `true`: every pod of the namespaces. @default false */
  everyPod?: boolean;
}

/** Label of every namespace with its name. */
const nameLabel = "kubernetes.io/metadata.name";

/** Checks the selection. An empty selector is refused, because it would select everything. */
export function checkSelection(selection: Argument<WorkloadSelection>): void {
  selection.exactlyOne(
    ["namespaces", "namespaceSelector", "everyNamespace"],
    "give one of the three; everyNamespace: true selects all namespaces",
  );
  selection.exactlyOne(["podSelector", "everyPod"], "give one of the two; everyPod: true selects all pods");
  const namespaces = selection.field("namespaces");
  namespaces.notEmpty("name the namespaces of the pods, or set everyNamespace: true for all of them");
  for (const namespace of namespaces.entries()) namespace.matches(formats.dnsLabel);
  checkSelector(selection.field("namespaceSelector"), "everyNamespace: true");
  checkSelector(selection.field("podSelector"), "everyPod: true");
}

function checkSelector(selector: Argument<LabelSelector | undefined>, all: string): void {
  if (selector.value === undefined) return;
  const { matchLabels = {}, matchExpressions = [] } = selector.value;
  // Labels that are one output as a whole may not be empty.
  if (!isPlainInput(matchLabels) || !isPlainInput(matchExpressions)) return;
  if (Object.keys(matchLabels).length + matchExpressions.length === 0)
    selector.refuse(
      "is empty, which selects everything",
      `write at least one label, or set ${all} if that is intended`,
    );
}

/** Returns the selectors of a ClusterSPIFFEID. */
export function toSelectors({ namespaces, namespaceSelector, podSelector }: WorkloadSelection) {
  const named = namespaces && { matchExpressions: [{ key: nameLabel, operator: "In", values: namespaces }] };
  return { namespaceSelector: named ?? namespaceSelector, podSelector };
}
