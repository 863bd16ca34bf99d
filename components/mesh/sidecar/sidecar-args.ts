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

/** Address families, named as in a Service. */
export const MeshIpFamily = { ipv4: "IPv4", ipv6: "IPv6" } as const;
export type MeshIpFamily = (typeof MeshIpFamily)[keyof typeof MeshIpFamily];

/** A workload by the parts of its identity, `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`. */
export interface MeshPeer {
  /** Namespace of the workload. */
  namespace: Input<string>;
  /** ServiceAccount of the workload. */
  serviceAccount: Input<string>;
}

/** A port on which the workload accepts connections. */
export interface SidecarInbound {
  /** Port to which clients and probes connect: `targetPort` of the Service. */
  port: number;
  /**
   * Port on 127.0.0.1 on which the application listens, while NGINX listens on `port`. The application must not listen on other addresses. Not with `redirect`, which redirects
   * connections to `port` itself.
   */
  applicationPort?: number;
  /** Protocol of the port. */
  protocol: MeshProtocol;
  /**
   * `strict`: mutual TLS with the workloads in `allow`, and in plaintext only requests for `plainPaths`. `permissive`: also
   * plaintext, until all clients have a sidecar; a plaintext client of tcp must send first, so that NGINX can tell it from TLS. `off`: no proxy for the port.
   *
   * @default "strict"
   */
  mode?: MeshMode;
  /** Workloads that may connect by mutual TLS; others get 403, or no connection. Exactly one of `allow` and `allowTrustDomain`, unless the mode is off. */
  allow?: MeshPeer[];
  /** `true`: all workloads of the trust domain may connect. @default false */
  allowTrustDomain?: boolean;
  /**
   * Paths that any client may request in plaintext in strict mode, by GET and HEAD, for probes and metrics: `/healthz`, with its query. On a port for gRPC
   * methods: `/grpc.health.v1.Health/Check`. Not for tcp.
   *
   * @default none
   */
  plainPaths?: string[];
}

/** Another workload to which the application connects. */
export interface SidecarOutbound {
  /** Name of the workload in the configuration and logs: lower-case letters, digits and `-`. */
  name: string;
  /** Host name of its Service, for example `orders.shop.svc`; one without a dot is in the sidecar's own namespace. */
  host: Input<string>;
  /** Port of its Service. */
  port: number;
  /** Port on 127.0.0.1 to which the application connects, without TLS. Not with `redirect`. */
  localPort?: number;
  /** Namespace and ServiceAccount that the workload's certificate must name. */
  peer: MeshPeer;
  /** Protocol of the port. With `redirect`, workloads by http share a port, and so do those by grpc: Host selects one. Each workload by tcp needs its own port. */
  protocol: MeshProtocol;
  /**
   * Addresses of its Service, or networks (CIDR) with those of its pods where it is headless: `service.spec.clusterIP`. With `redirect`, only connections to these are redirected, and those to other
   * addresses on the same port go there without NGINX. NGINX itself sees only the port of a redirected connection. With `redirect`, a workload by tcp needs exactly one of `addresses` and `unsafeAnyAddress`.
   *
   * @default for http and grpc any address, where the header Host selects the workload and another host gets 421
   */
  addresses?: Input<string>[];
  /** `true`: with `redirect`, this workload receives every tcp connection on `port`, also one that is meant for another host, such as a database outside the cluster. Only for tcp. @default false */
  unsafeAnyAddress?: boolean;
  /**
   * Other host names of the workload in header Host. Only for http and grpc with `redirect`.
   * @default for `<service>.<namespace>.svc…` its shorter forms, and the service's name alone in the sidecar's own namespace
   */
  aliases?: string[];
  /**
   * Number of idle connections that NGINX keeps to the workload. Each saves a handshake. A request other than GET and HEAD fails with 502 if the workload closes its connection for a new certificate meanwhile. Not for tcp.
   * @default 0, a connection for each request
   */
  keepalive?: number;
}

/** Redirection of connections to NGINX by iptables, without a change of the application. An init container with NET_ADMIN sets the rules, so the Namespace must be `privileged`. */
export interface SidecarRedirect {
  /**
   * Image with `iptables-nft-restore`, and `ip6tables-nft-restore` for IPv6. Kubernetes maintains the default image for kube-proxy; it is
   * also pulled from the mirror in `images.registry`.
   *
   * @default "registry.k8s.io/build-image/distroless-iptables:v0.8.8"
   */
  image?: Input<string>;
  /** `declared`: the application may connect to `outbound`, DNS and `excludedCidrs`; other connections are rejected. @default "any" */
  egress?: MeshEgress;
  /** Networks (CIDR) to which connections are not redirected. @default none */
  excludedCidrs?: string[];
}

/** CPU and memory of the sidecar's containers. */
export interface SidecarResources {
  /** CPU and memory of NGINX. @default requests of 20m CPU and 64Mi, a limit of 1Gi of memory, which suffices for the default of `connections` */
  proxy?: types.input.core.v1.ResourceRequirements;
  /** CPU and memory of spiffe-helper. @default requests of 5m CPU and 32Mi, a limit of 64Mi of memory */
  identity?: types.input.core.v1.ResourceRequirements;
}

/** Nodes of the user in the configuration of the sidecar's NGINX. */
export interface SidecarSnippets {
  /** Nodes at the end of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** Nodes at the end of the `stream` block. @default none */
  stream?: NginxConfigNode[];
}

/** Arguments of a Sidecar: at least one of `inbound` and `outbound`. */
export interface SidecarArgs {
  /** Namespace of the workload. If it denies by default, the workload needs its own NetworkPolicy: ingress on the ports of `inbound`, egress on those of `outbound` and 53. */
  namespace: Input<string>;
  /** SpireServer or ServiceMesh of the workload. */
  mesh: MeshReference;
  /** Ports on which the workload accepts connections: every TCP port that its containers declare. @default none */
  inbound?: SidecarInbound[];
  /** Workloads to which it connects. @default none */
  outbound?: SidecarOutbound[];
  /** Redirection of connections to NGINX without a change of the application, in a Namespace with podSecurity `privileged`. @default the application listens and connects on 127.0.0.1, and no container is privileged */
  redirect?: SidecarRedirect;
  /** Address families of the pods. List all that they have: connections of another family bypass NGINX. @default ["IPv4"] */
  ipFamilies?: MeshIpFamily[];
  /** Fixed name of the ConfigMap, for labels of pods that other tools create. Consumers then need `dependsOn`. @default generated by Pulumi */
  name?: Input<string>;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** Release of NGINX Plus in the image, such as `R36 P8`, which determines the directives. Only for NGINX Plus. @default for NGINX Plus `PLS.37.0.8.1` */
  release?: string;
  /**
   * Image of NGINX with its tag or digest. It needs a shell (`sh`), and the njs modules of http and stream. F5's images of NGINX Plus for unprivileged users do not have them, so NGINX Plus requires this argument.
   *
   * @default for open-source NGINX `nginxinc/nginx-unprivileged:1.30.7`
   */
  image?: Input<string>;
  /** Version of the open-source NGINX in an `image` of your own, such as `1.22.1`. @default that of the default image */
  openSourceVersion?: string;
  /** Mirror that replaces the registry of NGINX's default image. @default "docker.io" */
  registry?: Input<string>;
  /** Names of pull Secrets (`kubernetes.io/dockerconfigjson`) in the workload's namespace. @default none */
  imagePullSecrets?: Input<string>[];
  /** Images of the mesh, of which spiffe-helper's is used. @default their own registries */
  images?: MeshImages;
  /** Licence in the workload's namespace. Required for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /** Usage reports of NGINX Plus. The name and password of a proxy need `existing`. Only for NGINX Plus. @default to F5, directly */
  management?: NginxManagement;
  /**
   * Addresses of name servers that resolve the hosts in `outbound` every 10 seconds (directive `resolver`), so that a name that does not resolve stops no other workload. Open-source NGINX
   * needs 1.27.3; before, NGINX asks the name servers of the pod at start and after each new certificate, and does not start without an answer for each name.
   * @default those of the pod, in its /etc/resolv.conf
   */
  resolver?: Input<string>[];
  /** Domain of the cluster, which completes hosts in `outbound` that end in `.svc`: NGINX's resolver has no search list. @default "cluster.local" */
  clusterDomain?: Input<string>;
  /**
   * Time in seconds for which connections keep an old certificate after a new one (directive `worker_shutdown_timeout`). A new one is issued at half of the old one's lifetime.
   * A gRPC call at that moment may end with UNAVAILABLE or INTERNAL, because NGINX closes HTTP/2 connections that wait for their first call.
   *
   * @default 600
   */
  drainSeconds?: number;
  /** Time in seconds after which an idle connection is closed. @default 3600 */
  idleSeconds?: number;
  /**
   * Number of connections that NGINX has open at once (directive `worker_connections`). A client of an inbound port for http or grpc takes four, a client of one for tcp two, in mode
   * permissive four, and a connection or gRPC call of the application to a workload takes two.
   * With TLS, a WebSocket that stays open takes about 180 KB of memory at its server, and 80 KB at its client: with more connections give `resources.proxy` more.
   *
   * @default 16384
   */
  connections?: number;
  /**
   * Size in KiB up to which the header of a request, with its URL, and that of a response pass. A request with a larger one gets 414 or 400, a response becomes 502
   * (directives `large_client_header_buffers`, `proxy_buffer_size`, `grpc_buffer_size`).
   *
   * @default 60, as Envoy
   */
  headerKilobytes?: number;
  /** First of the 500 ports in the pod that are reserved for NGINX, most of them on 127.0.0.1. @default 15000 */
  firstPort?: number;
  /** CPU and memory of the sidecar's containers. @default those of SidecarResources */
  resources?: SidecarResources;
  /** Further nodes of the NGINX configuration. @default none */
  snippets?: SidecarSnippets;
}
