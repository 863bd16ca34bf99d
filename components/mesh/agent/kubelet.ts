import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { checked, checkPlain, type Refuser, type SecretReference, subdomainName } from "../../foundation";
import { flag, type HclNode, text } from "../hcl";

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
  /** By a file of the node with the kubelet's own certificate: `/var/lib/kubelet/pki/kubelet.crt`, on AKS `/etc/kubernetes/certs/kubeletserver.crt`. */
  hostCertificate?: Input<string>;
  /** `true`: not at all. Whoever can answer on the kubelet's port of a node then decides about identities. */
  unsafeSkipVerification?: boolean;
  /** How the agent addresses the kubelet. @default "hostIp" */
  address?: KubeletAddress;
  /** `true`: the agent may read the node's pods from the kubelet and nothing else (`nodes/pods`). Needs Kubernetes 1.33; before, there is only `nodes/proxy`, with which one can run commands in pods. @default false */
  fineGrainedAuthorization?: boolean;
}

const ways = ["clusterAuthority", "authorities", "hostCertificate", "unsafeSkipVerification"] as const;
const folder = "/run/spire/kubelet";
const volume = "kubelet-authority";

/** Checks that one way to verify is chosen. */
export function checkKubelet(refuse: Refuser, kubelet: SpireKubelet): void {
  if (kubelet === undefined)
    refuse("kubelet", "is missing", `say how agents verify the kubelet: exactly one of ${ways.join(", ")}`);
  const { hostCertificate, authorities, ...plain } = kubelet;
  checkPlain(refuse, Object.fromEntries(Object.entries(plain).map(([name, value]) => [`kubelet.${name}`, value])));
  checkPlain(refuse, { "kubelet.authorities": authorities });
  // `false` chooses nothing.
  const chosen = ways.filter((way) => kubelet[way] !== undefined && kubelet[way] !== false);
  if (chosen.length !== 1)
    refuse(
      "kubelet",
      chosen.length === 0 ? "has no way to verify" : `has ${chosen.join(" and ")}`,
      `give exactly one of ${ways.join(", ")}`,
    );
  if (authorities) checked(authorities.secretName, subdomainName(refuse, "kubelet.authorities.secretName"));
  if (hostCertificate !== undefined)
    checked(hostCertificate, (path) => {
      if (!/^(\/[A-Za-z0-9_.@+-]+)+$/.test(path) || /\/\.\.?(\/|$)/.test(path))
        refuse(
          "kubelet.hostCertificate",
          "is not an absolute path",
          "write for example `/var/lib/kubelet/pki/kubelet.crt`",
        );
    });
  const { address } = kubelet;
  if (address !== undefined && !Object.values(KubeletAddress).includes(address))
    refuse("kubelet.address", `is "${address}"`, `write one of ${Object.values(KubeletAddress).join(", ")}`);
}

/** How the workload attestor verifies. */
export function kubeletNodes(kubelet: SpireKubelet): HclNode[] {
  if (kubelet.unsafeSkipVerification) return [flag("skip_kubelet_verification", true)];
  // Its own default is the cluster's authority, from the ServiceAccount's folder.
  if (kubelet.clusterAuthority) return [];
  return [text("kubelet_ca_path", `${folder}/ca.crt`)];
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
    volumes: [{ name: volume, hostPath: { path: hostCertificate, type: "File" } }],
    volumeMounts: [{ name: volume, mountPath: `${folder}/ca.crt`, readOnly: true }],
  };
}
