import type { Input } from "@pulumi/pulumi";

/** Needs of some pods on OpenShift. */
export interface PodNeeds {
  /** Highest id of the users of the images; the lowest is 101. */
  lastUser: number;
  /** Kinds of volumes. */
  volumes: string[];
  /** Service accounts to which the constraints are open without a role. @default none */
  users?: Input<string>[];
  /** Capabilities beside none. @default none */
  capabilities?: string[];
}

/** Returns SecurityContextConstraints that let pods run as their images' users, with what they need and nothing else. */
export const securityContextConstraints = ({ lastUser, volumes, users, capabilities }: PodNeeds) => ({
  allowPrivilegeEscalation: false,
  allowHostDirVolumePlugin: false,
  allowHostIPC: false,
  allowHostNetwork: false,
  allowHostPID: false,
  allowHostPorts: false,
  allowPrivilegedContainer: false,
  readOnlyRootFilesystem: true,
  runAsUser: { type: "MustRunAsRange", uidRangeMin: 101, uidRangeMax: lastUser },
  fsGroup: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
  supplementalGroups: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
  seLinuxContext: { type: "MustRunAs" },
  seccompProfiles: ["runtime/default"],
  volumes,
  ...(users && { users }),
  ...(capabilities && { allowedCapabilities: capabilities }),
  requiredDropCapabilities: ["ALL"],
});
