import type { Input } from "@pulumi/pulumi";
import type { HostCertificate } from "../../pki";
import type { InstanceManagerHostBackendTls, InstanceManagerV1Front } from "../front";
import type { NginxHost } from "../host";

/** Log levels of Instance Manager 1. */
export const ManagerLogLevel = {
  panic: "panic",
  fatal: "fatal",
  error: "error",
  info: "info",
  debug: "debug",
  trace: "trace",
} as const;
export type ManagerLogLevel = (typeof ManagerLogLevel)[keyof typeof ManagerLogLevel];

/** The file of Instance Manager 1, `/etc/nginx-manager/nginx-manager.conf`. */
export interface InstanceManagerV1Manager {
  /**
   * Address for both ports: an IP address, or as the document suggests the path of a socket, and then `upstreams` says where NGINX finds the
   * two services. Any but a loopback address needs `certificate`, and no `front`, which agents would walk around. Key `bind_address`.
   * @default "127.0.0.1"
   */
  bindAddress?: string;
  /** Port of agents' gRPC. Key `grpc_port`. @default 10000 */
  grpcPort?: number;
  /** Port of the API and the web interface. Key `gateway_port`. @default 11000 */
  gatewayPort?: number;
  /** Its own certificate, with `hostname` as a DNS name: both ports speak TLS. Keys `cert`, `key`, and `server_name`, which is `hostname`. @default none: no TLS */
  certificate?: HostCertificate;
  /**
   * A root that the host's operating system comes to trust, PEM: the document's step for mutual TLS without NGINX.
   *
   * The file has no key for authorities, so nothing in it says that agents are asked for a certificate, nor whose are good: what Instance Manager
   * makes of this root has to be tried. Where agents must have certificates, use `front.agents`.
   *
   * @default none
   */
  systemAuthorityPem?: Input<string>;
  /** Level of its log. Key `log.level`. @default "info", its own */
  logLevel?: ManagerLogLevel;
  /** Folder of its log. Key `log.path`. @default its own */
  logPath?: string;
  /** Folder of its metrics, which has to be there. Key `metrics.storage_path`. @default /tmp/metrics, its own */
  metricsPath?: string;
  /** Group of the key's file, in which the user is that Instance Manager runs as. @default "root" */
  group?: string;
}

/** Address of Instance Manager for NGINX: `127.0.0.1:10000`, a name and a port, or `unix:/run/nginx-manager/grpc.sock`. */
export interface InstanceManagerV1Upstreams {
  /** Agents' gRPC. @default 127.0.0.1 and the manager's `grpcPort` */
  grpc?: string;
  /** The API and the web interface. @default 127.0.0.1 and the manager's `gatewayPort` */
  gateway?: string;
}

/** Verified TLS from NGINX to Instance Manager. */
export interface InstanceManagerV1HostBackendTls extends InstanceManagerHostBackendTls {
  /** DNS name that its certificate must carry. Directives `grpc_ssl_name`, `proxy_ssl_name`. @default hostname */
  serverName?: Input<string>;
}

/** Arguments of an InstanceManagerV1Host. */
export interface InstanceManagerV1HostArgs {
  /** The DNS name of Instance Manager: its clients' SNI, `server_name`, and a name of every server certificate here. */
  hostname: Input<string>;
  /** The machine, and its NGINX where there is a `front`. */
  host: NginxHost;
  /** The file of Instance Manager. @default it listens on 127.0.0.1 without TLS, as after its installation */
  manager?: InstanceManagerV1Manager;
  /** NGINX in front of it. @default none */
  front?: InstanceManagerV1Front;
  /** The server certificate of `front`. Directive `ssl_certificate`. */
  certificate?: HostCertificate;
  /** The server certificate that agents see. @default certificate */
  agentCertificate?: HostCertificate;
  /** The authorities of agents' certificates, PEM: a CertificateAuthority's `bundle`. Directive `ssl_client_certificate`. */
  agentAuthoritiesPem?: Input<string>;
  /** Their revocation lists, PEM, with `front.agents.revocation.crl`. Directive `ssl_crl`. @default none */
  agentCrlPem?: Input<string>;
  /** Address of Instance Manager for NGINX. @default on 127.0.0.1 */
  upstreams?: InstanceManagerV1Upstreams;
  /** TLS from NGINX to Instance Manager; required where `manager.certificate` makes that speak TLS. @default none */
  backendTls?: InstanceManagerV1HostBackendTls;
  /**
   * Time for which connections to `front` may go on after a reload, in seconds: an agent that is rejected meanwhile stays connected so long. Directive
   * `worker_shutdown_timeout`. @default 60, with a `front`
   */
  drainSeconds?: number;
  /** Users that may ask for the status: lines of `htpasswd`; a secret. Directive `auth_basic_user_file`. @default no user names @secret */
  statusUsers?: Input<string>;
  /** Users that may also change things through the API: lines of `htpasswd`; a secret. Directive `limit_except`. @default statusUsers @secret */
  statusWriters?: Input<string>;
}
