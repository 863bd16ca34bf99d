import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { LicenseReference } from "../../foundation";
import type { Edition, NginxConfigNode, NginxManagement } from "../../nginx";
import type { MeshReference } from "../mesh-reference";
import type { MeshImages } from "../versions";

/** Modes of a port. */
export const MeshMode = { strict: "strict", permissive: "permissive", off: "off" } as const;
export type MeshMode = (typeof MeshMode)[keyof typeof MeshMode];

/** Protocols of a port. */
export const MeshProtocol = { http: "http", grpc: "grpc", tcp: "tcp" } as const;
export type MeshProtocol = (typeof MeshProtocol)[keyof typeof MeshProtocol];

/** Rules for connections that leave a pod. */
export const MeshEgress = { any: "any", declared: "declared" } as const;
export type MeshEgress = (typeof MeshEgress)[keyof typeof MeshEgress];

/** Families of addresses, as a Service names them. */
export const MeshIpFamily = { ipv4: "IPv4", ipv6: "IPv6" } as const;
export type MeshIpFamily = (typeof MeshIpFamily)[keyof typeof MeshIpFamily];

/** A workload, by the parts of its identity: `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`. */
export interface MeshPeer {
  /** Namespace of the workload. */
  namespace: Input<string>;
  /** ServiceAccount of the workload. */
  serviceAccount: Input<string>;
}

/** A port on which the workload is reached. */
export interface SidecarInbound {
  /** Port as clients and probes see it: `targetPort` of the Service. */
  port: number;
  /**
   * Port on 127.0.0.1 on which the application listens, and nowhere else, while NGINX listens on `port`. Only without `redirect`, which takes
   * the connections to `port` itself to NGINX.
   */
  applicationPort?: number;
  /** Protocol of the port. */
  protocol: MeshProtocol;
  /**
   * `strict`: only mutual TLS, from those in `allow`; plaintext gets the probes and metrics of `plainPaths` and nothing else. `permissive`: plaintext
   * passes too, for as long as not all clients have a sidecar; on a port of tcp its client has to speak first, for that is how it is told from TLS. `off`: the port stays as it is.
   *
   * @default "strict"
   */
  mode?: MeshMode;
  /** Workloads that may connect by mutual TLS; others get 403, or no connection. Exactly one of this and `allowTrustDomain`, unless the mode is off. */
  allow?: MeshPeer[];
  /** `true`: every workload of the trust domain may connect. @default false */
  allowTrustDomain?: boolean;
  /**
   * Paths that anybody gets in plaintext in strict mode: those of probes and metrics, with their query, by GET and HEAD: `/healthz`. On a port for gRPC
   * its methods: `/grpc.health.v1.Health/Check`. Not for tcp.
   *
   * @default none
   */
  plainPaths?: string[];
}

/** Another workload that the application connects to. */
export interface SidecarOutbound {
  /** Name of it, for logs: lower-case letters, digits and `-`. */
  name: string;
  /** Host name of its Service, for example `orders.shop.svc.cluster.local`. */
  host: Input<string>;
  /** Port of its Service. */
  port: number;
  /** Port on 127.0.0.1 to which the application connects, without TLS. Only without `redirect`, which takes what goes to `port` of any host. */
  localPort?: number;
  /** Workload that the certificate over there has to name, by its namespace and serviceAccount. */
  peer: MeshPeer;
  /** Protocol of the port. With `redirect` several of http, or several of grpc, share a port and are told apart by Host; tcp needs a port of its own. */
  protocol: MeshProtocol;
  /**
   * Other host names by which the application calls it, in header Host. Only for http and grpc with `redirect`.
   * @default for `<service>.<namespace>.svc…` its shorter forms, and the service's name alone in the sidecar's own namespace
   */
  aliases?: string[];
  /**
   * How many idle connections NGINX keeps to it. Each saves a handshake; but a request other than GET and HEAD that meets a connection which the other side closes with its new certificate fails with 502. Not for tcp.
   * @default 0, a connection for each request
   */
  keepalive?: number;
}

/** Redirection of connections to NGINX by iptables, so that the application stays as it is. An init container with NET_ADMIN sets the rules: the Namespace has to be `privileged`. */
export interface SidecarRedirect {
  /**
   * Image with `iptables-nft-restore`, and `ip6tables-nft-restore` for IPv6. The default is the image that Kubernetes maintains for kube-proxy; it is
   * taken from the mirror in `images.registry` too.
   *
   * @default "registry.k8s.io/build-image/distroless-iptables:v0.8.8"
   */
  image?: Input<string>;
  /** `declared`: the application reaches what is in `outbound`, DNS, and `excludedCidrs`, and all else is rejected. @default "any" */
  egress?: MeshEgress;
  /** Networks (CIDR) to which the application connects past NGINX. @default none */
  excludedCidrs?: string[];
}

/** CPU and memory of the sidecar's containers. */
export interface SidecarResources {
  /** Of NGINX. @default requests of 20m CPU and 64Mi, a limit of 256Mi of memory */
  proxy?: types.input.core.v1.ResourceRequirements;
  /** Of spiffe-helper. @default requests of 5m CPU and 32Mi, a limit of 64Mi of memory */
  identity?: types.input.core.v1.ResourceRequirements;
}

/** Nodes of the user's own in the sidecar's NGINX. */
export interface SidecarSnippets {
  /** At the end of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** At the end of the `stream` block. @default none */
  stream?: NginxConfigNode[];
}

/** Arguments of a Sidecar: at least one of `inbound` and `outbound`. */
export interface SidecarArgs {
  /** Namespace of the workload. In one that denies by default the workload needs a NetworkPolicy of its own: in the ports of `inbound`, out those of `outbound` and 53. */
  namespace: Input<string>;
  /** SpireServer or ServiceMesh of the workload. */
  mesh: MeshReference;
  /** Ports on which the workload is reached; every TCP port that its containers declare. @default none */
  inbound?: SidecarInbound[];
  /** Workloads that it connects to. @default none */
  outbound?: SidecarOutbound[];
  /** Redirection of connections to NGINX without a change of the application, in a Namespace with podSecurity `privileged`. @default the application listens and connects on 127.0.0.1, and no container has a privilege */
  redirect?: SidecarRedirect;
  /** Families of addresses of the pods: all that they have, for what comes by another one passes beside NGINX. @default ["IPv4"] */
  ipFamilies?: MeshIpFamily[];
  /** Fixed name of the ConfigMap, where pods that something else makes have it in their label. Consumers then need `dependsOn`. @default made up by Pulumi */
  name?: Input<string>;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** Release of NGINX Plus in the image, `R36 P8`: it decides which directives there are. Only for NGINX Plus. @default for NGINX Plus `PLS.37.0.4.1` */
  release?: string;
  /**
   * The image of NGINX, with its tag or digest, with the njs modules of both http and stream. F5's images of NGINX Plus for unprivileged users come without them, so for Plus it has to be given.
   *
   * @default for open-source NGINX `nginxinc/nginx-unprivileged:1.30.4`
   */
  image?: Input<string>;
  /** Version of the open-source NGINX in an `image` of your own, `1.22.1`. Before 1.25.1 HTTP/2 is a word of `listen`. @default that of the default image */
  openSourceVersion?: string;
  /** A mirror that stands in for the registry of NGINX's default image. @default "docker.io" */
  registry?: Input<string>;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson` in the workload's namespace. @default none */
  imagePullSecrets?: Input<string>[];
  /** Images of the mesh, of which spiffe-helper's stands here. @default their own registries */
  images?: MeshImages;
  /** The licence in the workload's namespace. Needed for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /** How NGINX Plus reports its usage, without the name and password of a proxy: those need `existing`. Only for NGINX Plus. @default to F5, directly */
  management?: NginxManagement;
  /**
   * Addresses of the name servers that find the hosts in `outbound`, again and again (directive `resolver`). Before 1.27.3 open-source NGINX cannot.
   * @default the pod's, asked at the start and after each new certificate, which is enough for Services with an address of their own
   */
  resolver?: Input<string>[];
  /**
   * How long connections may go on after a new certificate, in seconds, with the one that they began with (directive `worker_shutdown_timeout`): a new certificate comes after half the life of the old one.
   * A call of gRPC at that instant may end as UNAVAILABLE or INTERNAL, because NGINX closes connections of HTTP/2 that wait for their first call.
   *
   * @default 600
   */
  drainSeconds?: number;
  /** How long a connection may be silent, in seconds. @default 3600 */
  idleSeconds?: number;
  /** First of the 500 ports that NGINX has for itself in the pod, on 127.0.0.1 all but the first and those of `redirect`. @default 15000 */
  firstPort?: number;
  /** CPU and memory of the containers. @default small */
  resources?: SidecarResources;
  /** NGINX nodes of your own. @default none */
  snippets?: SidecarSnippets;
}
