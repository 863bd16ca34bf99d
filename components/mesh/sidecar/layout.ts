/** User and group of the sidecar's containers. They share one, so that NGINX reads the key and spiffe-helper may signal NGINX. */
export const sidecarUser = 2102;

/** Names of the containers that a pod gets; its own containers have other names. */
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

/** Seconds for which an application goes on after its pod begins to end, because nodes still send connections. */
export const leaveServiceSeconds = 5;

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
  start: "start.sh",
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

/** Returns the path of a file of the identity. */
export const identityPath = (file: keyof typeof identityFiles) => `${folders.identity}/${identityFiles[file]}`;

/** File with a directive `resolver` for the name servers of the pod. */
export const resolverFile = `${folders.run}/resolver.conf`;

/** File with the process id of NGINX, which spiffe-helper signals after a new certificate. */
export const pidFile = `${folders.run}/nginx.pid`;

/** Label of a pod with the name of its sidecar's ConfigMap. The injection policies select pods by it. */
export const sidecarLabel = "nginx-stacks/sidecar";
/** Label of a pod whose traffic is redirected, `"true"`. */
export const redirectLabel = "nginx-stacks/redirect";
/** Label of a pod with the hash of its sidecar's containers and volumes, without the ConfigMap's name. A SidecarInjector injects the template of that hash. */
export const templateHashLabel = "nginx-stacks/sidecar-kind";
/** Annotation that changes with the ConfigMap, so that a change rolls the pods. */
export const configurationAnnotation = "nginx-stacks/sidecar-configuration";
/** Annotation that changes with the licence and other Secrets, so that a change rolls the pods. */
export const secretsAnnotation = "nginx-stacks/sidecar-secrets";
/** Annotation of an injected pod with an earlier sidecar: instant from which new pods with it are rejected. */
export const untilAnnotation = "nginx-stacks/sidecar-until";
