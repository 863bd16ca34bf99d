/** User and group of the sidecar's containers: one, so that NGINX reads the key and spiffe-helper signals NGINX. */
export const sidecarUser = 2102;

/** Names of what a pod gets; none of its own may have them. */
export const containerNames = {
  redirect: "mesh-redirect",
  redirectIpv6: "mesh-redirect-ipv6",
  identityFirst: "mesh-identity-first",
  identity: "mesh-identity",
  proxy: "mesh-proxy",
} as const;

/** Names of the volumes that a pod gets. */
export const volumeNames = {
  configuration: "mesh-configuration",
  identity: "mesh-identity",
  run: "mesh-run",
  workloadApi: "spiffe-workload-api",
} as const;

/** Folders in the sidecar's containers. */
export const folders = {
  configuration: "/run/mesh/configuration",
  identity: "/run/mesh/identity",
  run: "/run/mesh/run",
  workloadApi: "/spiffe-workload-api",
} as const;

/** Keys of the ConfigMap. */
export const fileNames = {
  nginx: "nginx.conf",
  identityProgram: "identity.njs",
  helperFirst: "helper-first.conf",
  helper: "helper.conf",
  redirect: "redirect.v4",
  redirectIpv6: "redirect.v6",
} as const;

/** Files of the workload's identity, as spiffe-helper writes them. */
export const identityFiles = {
  certificate: "svid.pem",
  key: "svid_key.pem",
  bundle: "svid_bundle.pem",
} as const;

export const identityPath = (file: keyof typeof identityFiles) => `${folders.identity}/${identityFiles[file]}`;

/** Where NGINX writes its process id, for the signal that follows a new certificate. */
export const pidFile = `${folders.run}/nginx.pid`;

/** Label of a pod with the name of its sidecar's ConfigMap; the injection finds pods by it. */
export const sidecarLabel = "nginx-stacks/sidecar";
/** Label of a pod whose traffic is redirected, `"true"`. */
export const redirectLabel = "nginx-stacks/redirect";
/** Label of a pod with a digest of what it gets, but for the ConfigMap's name; by it a SidecarInjector knows what to add. */
export const kindLabel = "nginx-stacks/sidecar-kind";
/** Annotations that change with the ConfigMap and with the licence, so that a change rolls the pods. */
export const configurationAnnotation = "nginx-stacks/sidecar-configuration";
export const secretsAnnotation = "nginx-stacks/sidecar-secrets";
