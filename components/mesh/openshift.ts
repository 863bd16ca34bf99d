import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Lets the pods of a ServiceAccount run privileged on OpenShift, in one namespace: the ClusterRole of the SecurityContextConstraints `privileged`
 * is OpenShift's own.
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

/** Type that lets a container write into folders of the node that SELinux gives to no container. */
export const nodeSelinuxType = "spc_t";

/** Type of files that every container may use. */
export const containerFileType = "container_file_t";

/** Label of a CSIDriver whose volumes pods of every Pod Security level may have. */
export const ephemeralVolumeLabels = { "security.openshift.io/csi-ephemeral-volume-profile": "restricted" };
