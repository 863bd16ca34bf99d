import type { KubernetesObject } from "../../engine";

// biome-ignore lint/suspicious/noExplicitAny: the fields are those of the kind, which the API server has checked
type Loose = any;

/** What is still missing, by kind; undefined when the object is as ready as it will be. */
const missing: Record<string, (object: Loose, endpoints: Loose[]) => string | undefined> = {
  Deployment: ({ spec, status }) =>
    replicas(spec.replicas, status.updatedReplicas, status.availableReplicas, status.replicas),
  StatefulSet: ({ spec, status }) => replicas(spec.replicas, status.updatedReplicas, status.availableReplicas),
  DaemonSet: ({ status }) =>
    replicas(status.desiredNumberScheduled, status.updatedNumberScheduled, status.numberAvailable),
  Pod: ({ status }) => condition(status, "Ready"),
  Job: ({ status }) => condition(status, "Complete"),
  CustomResourceDefinition: ({ status }) => condition(status, "Established"),
  Namespace: ({ status }) => phase(status, "Active"),
  PersistentVolumeClaim: ({ status }) => phase(status, "Bound"),
  Service: ({ metadata, spec, status }, slices) => {
    if (spec.type === "LoadBalancer" && status.loadBalancer?.ingress === undefined) return "no address";
    if (spec.selector === undefined) return undefined;
    const ready = slices
      .filter((slice) => slice.metadata.namespace === metadata.namespace)
      .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name)
      .flatMap((slice) => slice.endpoints ?? [])
      .filter((endpoint) => endpoint.conditions?.ready === true);
    return ready.length === 0 ? "no ready endpoint" : undefined;
  },
};

function replicas(wanted: number, ...counts: (number | undefined)[]): string | undefined {
  return counts.every((count) => (count ?? 0) === wanted)
    ? undefined
    : `${counts.map((count) => count ?? 0).join("/")} of ${wanted}`;
}

function condition(status: Loose, type: string): string | undefined {
  const found = status?.conditions?.find((one: Loose) => one.type === type);
  return found?.status === "True"
    ? undefined
    : `not ${type}${found?.message === undefined ? "" : `: ${found.message}`}`;
}

function phase(status: Loose, wanted: string): string | undefined {
  return status?.phase === wanted ? undefined : `${status?.phase ?? "no phase"}`;
}

/** Tells objects apart, in each form in which they are written. */
export const identity = ({ kind, metadata }: KubernetesObject) =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;

/** What is not ready, and why, read from the cluster's answers. */
export function unready(objects: KubernetesObject[], endpointSlices: KubernetesObject[]): Map<string, string> {
  const reasons = objects.map((object: Loose): [string, string | undefined] => {
    const seen = object.status?.observedGeneration;
    const stale = seen !== undefined && seen !== object.metadata.generation;
    return [identity(object), stale ? "not yet seen" : missing[object.kind]?.(object, endpointSlices)];
  });
  return new Map(reasons.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
