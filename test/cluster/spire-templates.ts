/** Returns a template of a ClusterSPIFFEID as the controller manager renders it for a pod of a ServiceAccount. */
export function fillTemplate(
  template: string,
  pod: { trustDomain: string; namespace: string; serviceAccount: string },
): string {
  const values: Record<string, string> = {
    ".TrustDomain": pod.trustDomain,
    ".PodMeta.Namespace": pod.namespace,
    ".PodSpec.ServiceAccountName": pod.serviceAccount,
    ".ClusterDomain": "cluster.local",
  };
  return template.replace(/\{\{ (\S+) \}\}/g, (_, field: string) => values[field]!);
}
