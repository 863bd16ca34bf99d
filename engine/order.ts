import type { RecordedRequest } from "./requests";

/** Among objects that do not depend on each other, these kinds come first, in this order. */
const FIRST_KINDS = [
  "Namespace",
  "CustomResourceDefinition",
  "PriorityClass",
  "NetworkPolicy",
  "ServiceAccount",
  "Secret",
  "ConfigMap",
  "StorageClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "ClusterRole",
  "ClusterRoleBinding",
  "Role",
  "RoleBinding",
  "Service",
];

/** Puts each resource after all that it depends on; the order of the rest does not depend on timing. */
export function inDependencyOrder(requests: readonly RecordedRequest[]): RecordedRequest[] {
  const waiting = [...requests].sort(compare);
  const done = new Set<string>();
  const known = new Set(requests.map((request) => request.urn));
  const ordered: RecordedRequest[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((request) =>
      prerequisites(request).every((urn) => done.has(urn) || !known.has(urn)),
    );
    const [request] = waiting.splice(Math.max(next, 0), 1);
    if (!request) break;
    done.add(request.urn);
    ordered.push(request);
  }
  return ordered;
}

function prerequisites(request: RecordedRequest): string[] {
  return [...request.dependencies, request.parent, request.deletedWith].filter((urn) => urn !== "");
}

function compare(a: RecordedRequest, b: RecordedRequest): number {
  return rank(a) - rank(b) || (a.urn < b.urn ? -1 : 1);
}

/** Resources that are no Kubernetes objects delay no others. */
function rank({ type }: RecordedRequest): number {
  if (!type.startsWith("kubernetes:")) return -1;
  const position = FIRST_KINDS.indexOf(type.split(":")[2] ?? "");
  return position < 0 ? FIRST_KINDS.length : position;
}
