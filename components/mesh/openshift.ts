import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Makes the binding by which pods of a ServiceAccount run privileged on OpenShift. The ClusterRole of the SecurityContextConstraints `privileged`
 * is part of OpenShift.
 */
export const allowPrivileged = (
  name: string,
  metadata: { namespace: pulumi.Input<string>; labels: Record<string, pulumi.Input<string>> },
  serviceAccountName: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource =>
  new k8s.rbac.v1.RoleBinding(
    `${name}-privileged`,
    {
      metadata,
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "system:openshift:scc:privileged",
      },
      subjects: [{ kind: "ServiceAccount", name: serviceAccountName, namespace: metadata.namespace }],
    },
    opts,
  );

/** SELinux type of a container that may write to folders of the node. */
export const nodeSelinuxType = "spc_t";

/** SELinux type of files that every container may use. */
export const containerFileType = "container_file_t";

/** Label of a CSIDriver whose volumes are allowed at every Pod Security level. */
export const ephemeralVolumeLabels = { "security.openshift.io/csi-ephemeral-volume-profile": "restricted" };
