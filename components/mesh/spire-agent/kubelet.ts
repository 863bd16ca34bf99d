import { posix } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, mapInput, type SecretReference } from "../../foundation";

import { meshFormats } from "../formats";
import { flag, type HclNode, text } from "../hcl";
import { checkSecret } from "../pod-rules";

/** How the agent addresses the kubelet of its node. */
export const KubeletAddress = {
  /** By the node's IP address. */
  hostIp: "hostIp",
  /** By the node's name, which pods have to be able to resolve. */
  nodeName: "nodeName",
  /** By 127.0.0.1, in the node's network: the certificate's name is not verified, only who signed it. */
  loopback: "loopback",
} as const;
export type KubeletAddress = (typeof KubeletAddress)[keyof typeof KubeletAddress];

/**
 * How the agent verifies the kubelet, which it asks about the pods of the node: exactly one of `clusterAuthority`, `authorities`, `hostCertificate` and `unsafeSkipVerification`. An agent that is
 * told lies there gives identities to the wrong workloads.
 */
export interface SpireKubelet {
  /** `true`: by the authority of the cluster, which has to sign the serving certificates of kubelets (`serverTLSBootstrap: true`). */
  clusterAuthority?: boolean;
  /** By other authorities: TrustedCertificates, or another Secret with `ca.crt`, in the agents' namespace. */
  authorities?: SecretReference;
  /** File of the node with the kubelet's own certificate: `/var/lib/kubelet/pki/kubelet.crt`, on AKS `/etc/kubernetes/certs/kubeletserver.crt`. The agents mount its folder, so that they see a renewed one. */
  hostCertificate?: Input<string>;
  /** `true`: not at all. Whoever can answer on the kubelet's port of a node then decides about identities. */
  unsafeSkipVerification?: boolean;
  /** How the agent addresses the kubelet. @default "hostIp" */
  address?: KubeletAddress;
  /** `true`: the agent may read the node's pods from the kubelet and nothing else (`nodes/pods`). Needs Kubernetes 1.33; before, there is only `nodes/proxy`, with which one can run commands in pods. @default false, and true in a ServiceMesh with injection, which needs Kubernetes 1.36 */
  fineGrainedAuthorization?: boolean;
}

const verifications = ["clusterAuthority", "authorities", "hostCertificate", "unsafeSkipVerification"] as const;
const folder = "/run/spire/kubelet";
const volume = "kubelet-authority";

/** Checks the verification of kubelets. */
export function checkKubelet(kubelet: Argument<SpireKubelet>, namespace: Input<string> | undefined): void {
  kubelet.exactlyOne(verifications, "give one of the four verifications");
  checkSecret(kubelet.field("authorities"), namespace);
  kubelet.field("hostCertificate").matches({
    ...meshFormats.nodePath,
    remedy: "write for example `/var/lib/kubelet/pki/kubelet.crt`",
  });
}

/** Returns the settings by which the workload attestor verifies the kubelet. */
export function kubeletNodes(kubelet: SpireKubelet): HclNode[] {
  if (kubelet.unsafeSkipVerification) return [flag("skip_kubelet_verification", true)];
  // The attestor's default is the cluster's authority, from the ServiceAccount's folder.
  if (kubelet.clusterAuthority) return [];
  const { hostCertificate } = kubelet;
  const file = hostCertificate === undefined ? "ca.crt" : mapInput(hostCertificate, posix.basename);
  return [
    text(
      "kubelet_ca_path",
      mapInput(file, (name) => `${folder}/${name}`),
    ),
  ];
}

/** Returns the variable with the kubelet's address; without it the attestor connects to 127.0.0.1. */
export function kubeletVariable({ address = KubeletAddress.hostIp }: SpireKubelet): types.input.core.v1.EnvVar[] {
  if (address === KubeletAddress.loopback) return [];
  const fieldPath = address === KubeletAddress.hostIp ? "status.hostIP" : "spec.nodeName";
  return [{ name: "MY_NODE_NAME", valueFrom: { fieldRef: { fieldPath } } }];
}

/** Returns the volume with the authority of the kubelet's certificate, unless it is the cluster's. */
export function kubeletVolume({ authorities, hostCertificate }: SpireKubelet): {
  volumes: types.input.core.v1.Volume[];
  volumeMounts: types.input.core.v1.VolumeMount[];
} {
  if (authorities)
    return {
      volumes: [
        { name: volume, secret: { secretName: authorities.secretName, items: [{ key: "ca.crt", path: "ca.crt" }] } },
      ],
      volumeMounts: [{ name: volume, mountPath: folder, readOnly: true }],
    };
  if (hostCertificate === undefined) return { volumes: [], volumeMounts: [] };
  return {
    // The folder, not the file: a mounted file would not change when the kubelet renews its certificate.
    volumes: [{ name: volume, hostPath: { path: mapInput(hostCertificate, posix.dirname), type: "Directory" } }],
    volumeMounts: [{ name: volume, mountPath: folder, readOnly: true }],
  };
}
