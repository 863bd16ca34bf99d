import { posix } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { Argument, SecretReference } from "../../foundation";
import { derived } from "../../nginx";
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

const ways = ["clusterAuthority", "authorities", "hostCertificate", "unsafeSkipVerification"] as const;
const folder = "/run/spire/kubelet";
const volume = "kubelet-authority";

/** Checks that one way to verify is chosen. */
export function checkKubelet(kubelet: Argument<SpireKubelet>, namespace: Input<string> | undefined): void {
  // `false` chooses nothing.
  const chosen = ways.filter((way) => kubelet.value[way] !== undefined && kubelet.value[way] !== false);
  if (chosen.length !== 1)
    kubelet.refuse(
      chosen.length === 0 ? "has no way to verify" : `has ${chosen.join(" and ")}`,
      `give exactly one of ${ways.join(", ")}`,
    );
  checkSecret(kubelet.field("authorities"), namespace);
  kubelet.field("hostCertificate").matches({
    ...meshFormats.nodePath,
    remedy: "write for example `/var/lib/kubelet/pki/kubelet.crt`",
  });
}

/** How the workload attestor verifies. */
export function kubeletNodes(kubelet: SpireKubelet): HclNode[] {
  if (kubelet.unsafeSkipVerification) return [flag("skip_kubelet_verification", true)];
  // Its own default is the cluster's authority, from the ServiceAccount's folder.
  if (kubelet.clusterAuthority) return [];
  const { hostCertificate } = kubelet;
  const file = hostCertificate === undefined ? "ca.crt" : derived(hostCertificate, posix.basename);
  return [
    text(
      "kubelet_ca_path",
      derived(file, (name) => `${folder}/${name}`),
    ),
  ];
}

/** The variable by which the attestor finds the kubelet; without it, that is 127.0.0.1. */
export function kubeletVariable({ address = KubeletAddress.hostIp }: SpireKubelet): types.input.core.v1.EnvVar[] {
  if (address === KubeletAddress.loopback) return [];
  const fieldPath = address === KubeletAddress.hostIp ? "status.hostIP" : "spec.nodeName";
  return [{ name: "MY_NODE_NAME", valueFrom: { fieldRef: { fieldPath } } }];
}

/** The volume with the certificate that the kubelet is verified by, where it is not the cluster's. */
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
    // The folder, not the file: a mounted file stays the one that it was, and a kubelet that renews its certificate writes another.
    volumes: [{ name: volume, hostPath: { path: derived(hostCertificate, posix.dirname), type: "Directory" } }],
    volumeMounts: [{ name: volume, mountPath: folder, readOnly: true }],
  };
}
