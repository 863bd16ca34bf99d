import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

/** Security context of a container that Pod Security level "restricted" admits, with a read-only file system. */
export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
} satisfies types.input.core.v1.SecurityContext;

/** The container runtime's own filter of system calls. */
export const defaultSeccomp = { seccompProfile: { type: "RuntimeDefault" } };

/** Returns the security context of a pod that Pod Security level "restricted" admits; without a user, the image or the platform chooses one. */
export const restrictedPod = (user?: Input<number>): types.input.core.v1.PodSecurityContext => ({
  runAsNonRoot: true,
  ...(user !== undefined && { runAsUser: user, runAsGroup: user, fsGroup: user }),
  ...defaultSeccomp,
});
