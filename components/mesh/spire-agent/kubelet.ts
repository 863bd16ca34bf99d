import { posix } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, mapInput, type SecretReference } from "../../foundation";

import { meshFormats } from "../formats";
import { flag, type HclNode, text } from "../hcl";
import { checkSecret } from "../pod-rules";

/** Addresses by which an agent connects to the kubelet of its node. */
export const KubeletAddress = {
  /** IP address of the node. */
  hostIp: "hostIp",
  /** Name of the node, which pods must be able to resolve. */
  nodeName: "nodeName",
  /** 127.0.0.1 in the node's network. The authority of the certificate is verified, but not its name. */
  loopback: "loopback",
} as const;
export type KubeletAddress = (typeof KubeletAddress)[keyof typeof KubeletAddress];

/**
 * Verification of the kubelet, from which the agent learns the pods of the node: exactly one of `clusterAuthority`, `authorities`, `hostCertificate` and `unsafeSkipVerification`.
 * A false kubelet could make the agent give identities to the wrong workloads.
 */
export interface SpireKubelet {
  /** `true`: the authority of the cluster, which must sign the serving certificates of kubelets (`serverTLSBootstrap: true`). */
  clusterAuthority?: boolean;
  /** Other authorities: TrustedCertificates, or another Secret with `ca.crt`, in the agents' namespace. */
  authorities?: SecretReference;
  /** File of the node with the kubelet's own certificate: `/var/lib/kubelet/pki/kubelet.crt`, on AKS `/etc/kubernetes/certs/kubeletserver.crt`. The agents mount its folder, so that they see a renewed certificate. */
  hostCertificate?: Input<string>;
  /** `true`: no verification. A program that answers on the kubelet's port of a node can then obtain any identity of the node. */
  unsafeSkipVerification?: boolean;
  /** Address by which the agent connects to the kubelet. @default "hostIp" */
  address?: KubeletAddress;
  /** `true`: the agent has the right to `nodes/proxy`, with which commands run in every container of the cluster. Kubernetes before 1.33 knows no narrower one; later, agents only read a node's pods (`nodes/pods`). @default false */
  unsafeNodesProxy?: boolean;
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
