import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Makes a role of the rules and binds it to a ServiceAccount: in one namespace, or without one in the whole cluster. */
export function bindRules(
  name: string,
  labels: Record<string, pulumi.Input<string>>,
  namespace: pulumi.Input<string> | undefined,
  rules: k8s.types.input.rbac.v1.PolicyRule[],
  subject: k8s.types.input.rbac.v1.Subject,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const apiGroup = "rbac.authorization.k8s.io";
  const metadata = { namespace, labels };
  if (namespace === undefined) {
    const role = new k8s.rbac.v1.ClusterRole(`${name}-role`, { metadata, rules }, opts);
    const roleRef = { apiGroup, kind: "ClusterRole", name: role.metadata.name };
    return new k8s.rbac.v1.ClusterRoleBinding(`${name}-binding`, { metadata, roleRef, subjects: [subject] }, opts);
  }
  const role = new k8s.rbac.v1.Role(`${name}-role`, { metadata, rules }, opts);
  const roleRef = { apiGroup, kind: "Role", name: role.metadata.name };
  return new k8s.rbac.v1.RoleBinding(`${name}-binding`, { metadata, roleRef, subjects: [subject] }, opts);
}
