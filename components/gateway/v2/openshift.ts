import type { Input } from "@pulumi/pulumi";

/** What OpenShift lets the pods of some service accounts do: run as the images' user, with volumes of these kinds. */
export const securityContextConstraints = (volumes: string[], users?: Input<string>[]) => ({
  allowPrivilegeEscalation: false,
  allowHostDirVolumePlugin: false,
  allowHostIPC: false,
  allowHostNetwork: false,
  allowHostPID: false,
  allowHostPorts: false,
  allowPrivilegedContainer: false,
  readOnlyRootFilesystem: true,
  runAsUser: { type: "MustRunAsRange", uidRangeMin: 101, uidRangeMax: 101 },
  fsGroup: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
  supplementalGroups: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
  seLinuxContext: { type: "MustRunAs" },
  seccompProfiles: ["runtime/default"],
  ...(users && { users }),
  requiredDropCapabilities: ["ALL"],
  volumes,
});
