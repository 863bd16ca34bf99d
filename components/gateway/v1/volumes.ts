import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { ResolvedUsage } from "../usage";
import { certificatesFolder } from "./bootstrap";

type Volume = types.input.core.v1.Volume;
type VolumeMount = types.input.core.v1.VolumeMount;

/** The volumes of a pod, and where its containers have them. */
export interface PodVolumes {
  volumes: Volume[];
  /** Of the container that runs first. */
  bootstrap: VolumeMount[];
  controlPlane: VolumeMount[];
  dataPlane: VolumeMount[];
}

const mount = (name: string, mountPath: string): VolumeMount => ({ name, mountPath });
const empty = (name: string): Volume => ({ name, emptyDir: {} });

/** Folders that the control plane writes and NGINX reads. */
const shared = [
  mount("nginx-conf", "/etc/nginx/conf.d"),
  mount("nginx-stream-conf", "/etc/nginx/stream-conf.d"),
  mount("nginx-main-includes", "/etc/nginx/main-includes"),
  mount("nginx-secrets", "/etc/nginx/secrets"),
  mount("nginx-run", "/var/run/nginx"),
];
const cache = mount("nginx-cache", "/var/cache/nginx");
const includes = mount("nginx-includes", "/etc/nginx/includes");

/** Returns volumes and mounts, in upstream's order. */
export function podVolumes(bootstrapName: Input<string>, usage: ResolvedUsage | undefined): PodVolumes {
  const plus = usage && plusVolumes(usage);
  const names = [...shared, cache, includes].map(({ name }) => name as string);
  return {
    volumes: [
      ...names.map(empty),
      { name: "nginx-includes-bootstrap", configMap: { name: bootstrapName } },
      ...(plus?.volumes ?? []),
    ],
    bootstrap: [
      mount("nginx-includes-bootstrap", "/includes"),
      mount("nginx-main-includes", "/etc/nginx/main-includes"),
    ],
    controlPlane: [...shared, includes],
    dataPlane: [...shared, cache, includes, ...(plus?.mounts ?? [])],
  };
}

/** Returns the volumes of NGINX Plus: its state, its licence, and the certificates of its usage reports where there are any. */
function plusVolumes(usage: ResolvedUsage): { volumes: Volume[]; mounts: VolumeMount[] } {
  const { license, trustedCertificates, clientCertificate } = usage;
  // Keys by name: a client certificate's Secret may have a ca.crt of its own, which would hide the other.
  const keys = (name: Input<string>, ...all: string[]) => ({
    secret: { name, items: all.map((key) => ({ key, path: key })) },
  });
  const sources = [
    ...(trustedCertificates ? [keys(trustedCertificates.secretName, "ca.crt")] : []),
    ...(clientCertificate ? [keys(clientCertificate.secretName, "tls.crt", "tls.key")] : []),
  ];
  const certificates = "nginx-plus-usage-certs";
  return {
    volumes: [
      empty("nginx-lib"),
      { name: "nginx-plus-license", secret: { secretName: license.secretName } },
      ...(sources.length > 0 ? [{ name: certificates, projected: { sources } }] : []),
    ],
    mounts: [
      mount("nginx-lib", "/var/lib/nginx/state"),
      { ...mount("nginx-plus-license", "/etc/nginx/license.jwt"), subPath: "license.jwt" },
      ...(sources.length > 0 ? [mount(certificates, certificatesFolder)] : []),
    ],
  };
}
