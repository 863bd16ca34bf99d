import type { SecretReference } from "../../../foundation";
import type { VerifiableCertificate } from "../../certificate-checks";
import type { InstanceManagerPods } from "../pods";
import type { InstanceManagerProxyOptions } from "./instance-manager-proxy-options";

/** Verified TLS from the proxy to Instance Manager, in both directions. */
export interface InstanceManagerBackendTls {
  /** Secret whose `ca.crt` has the authorities of the backends' certificates: TrustedCertificates. Directive `grpc_ssl_trusted_certificate`. */
  trustedCertificates: SecretReference;
  /** The proxy's own certificate, with client usage: the chart's parts take no connection without one. Directive `grpc_ssl_certificate`. */
  clientCertificate: VerifiableCertificate;
  /** Maximum number of intermediate certificates between a backend's certificate and a trusted one. Directive `grpc_ssl_verify_depth`. @default 2 */
  verifyDepth?: number;
}

/** Arguments of an InstanceManagerProxy. */
export interface InstanceManagerProxyArgs extends InstanceManagerPods, InstanceManagerProxyOptions {
  /** The server certificate, for both names unless `agentCertificate` has that of the agents. Directive `ssl_certificate`. */
  certificate: VerifiableCertificate;
  /** The server certificate that agents see. @default certificate */
  agentCertificate?: VerifiableCertificate;
  /** Secret whose `ca.crt` has the authorities of agents' certificates: TrustedCertificates. Directive `ssl_client_certificate`. Required unless `agents.mtls` is "off". */
  agentAuthorities?: SecretReference;
  /** TLS to Instance Manager. Required unless `unsafePlainBackends` is set. */
  backendTls?: InstanceManagerBackendTls;
  /** TCP port of the Service. The pods listen on 8443. @default 443 */
  port?: number;
}
