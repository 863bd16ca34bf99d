import type { Input } from "@pulumi/pulumi";

/** SecurityContextConstraints that let the pods of one service account run as their images' users, without privileges. */
export const securityContextConstraints = (user: Input<string>) => ({
  allowPrivilegeEscalation: false,
  allowHostDirVolumePlugin: false,
  allowHostIPC: false,
  allowHostNetwork: false,
  allowHostPID: false,
  allowHostPorts: false,
  allowPrivilegedContainer: false,
  readOnlyRootFilesystem: true,
  runAsUser: { type: "MustRunAsRange", uidRangeMin: 101, uidRangeMax: 102 },
  fsGroup: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
  supplementalGroups: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
  seLinuxContext: { type: "MustRunAs" },
  seccompProfiles: ["runtime/default"],
  volumes: ["emptyDir", "secret", "configMap", "projected"],
  users: [user],
  allowedCapabilities: ["NET_BIND_SERVICE", "KILL"],
  requiredDropCapabilities: ["ALL"],
});
