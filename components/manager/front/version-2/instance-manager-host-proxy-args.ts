import type { Input } from "@pulumi/pulumi";
import type { HostCertificate } from "../../../pki";
import type { NginxHost } from "../../host";
import type { InstanceManagerProxyOptions } from "./instance-manager-proxy-options";

/** The authorities of agents' certificates, in files of a host. */
export interface InstanceManagerHostAuthorities {
  /** The authorities, PEM: a CertificateAuthority's `bundle`. */
  certificatesPem: Input<string>;
  /** Revocation lists of the authorities, PEM, used with `agents.revocation.crl`. @default none */
  crlPem?: Input<string>;
}

/** Verified TLS from a host's proxy to the parts of Instance Manager that are no sockets. */
export interface InstanceManagerHostBackendTls {
  /** The authorities of the backends' certificates, PEM. Directive `grpc_ssl_trusted_certificate`. */
  trustedCertificatesPem: Input<string>;
  /** The proxy's own certificate, with client usage. Directive `grpc_ssl_certificate`. @default none */
  clientCertificate?: HostCertificate;
  /** Maximum number of intermediate certificates between a backend's certificate and a trusted one. Directive `grpc_ssl_verify_depth`. @default 2 */
  verifyDepth?: number;
}

/** Arguments of an InstanceManagerHostProxy. */
export interface InstanceManagerHostProxyArgs extends InstanceManagerProxyOptions {
  /** The machine whose NGINX is the proxy, that of Instance Manager or another. This component writes its whole `nginx.conf`. */
  host: NginxHost;
  /** The server certificate, for both names unless `agentCertificate` has that of the agents. Directive `ssl_certificate`. */
  certificate: HostCertificate;
  /** The server certificate that agents see. @default certificate */
  agentCertificate?: HostCertificate;
  /** The authorities of agents' certificates. Directive `ssl_client_certificate`. Required unless `agents.mtls` is "off". */
  agentAuthorities?: InstanceManagerHostAuthorities;
  /** TLS to the parts of Instance Manager that are no sockets. Required for them unless `unsafePlainBackends` is set. */
  backendTls?: InstanceManagerHostBackendTls;
  /** TCP port that NGINX listens on. @default 443 */
  port?: number;
  /**
   * Time for which connections may go on after a reload, in seconds: an agent that is rejected meanwhile stays connected so long. Directive
   * `worker_shutdown_timeout`. @default 60
   */
  drainSeconds?: number;
}
