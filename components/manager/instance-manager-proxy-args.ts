import type { Input } from "@pulumi/pulumi";
import type { SecretReference } from "../foundation";
import type { NginxDeploymentArgs } from "../nginx";
import type { CertificateReference } from "../pki";
import type { InstanceManagerProxyOptions } from "./instance-manager-proxy-options";

/** A certificate whose names and usage are checked where its text is known; a Certificate is one. */
export interface VerifiableCertificate extends CertificateReference {
  /** The certificate alone, PEM: what it says is held against what it is for. @default "", and nothing of it is checked */
  certificatePem?: Input<string>;
}

/** Verified TLS from the proxy to Instance Manager, in both directions. */
export interface InstanceManagerBackendTls {
  /** Secret whose `ca.crt` has the authorities of the backends' certificates: TrustedCertificates. Directive `grpc_ssl_trusted_certificate`. */
  trustedCertificates: SecretReference;
  /** The proxy's own certificate, with client usage: the chart's parts take no connection without one. Directive `grpc_ssl_certificate`. */
  clientCertificate: VerifiableCertificate;
  /** How many intermediate certificates may stand between a backend's certificate and a trusted one. Directive `grpc_ssl_verify_depth`. @default 2 */
  verifyDepth?: number;
}

/** Arguments of an InstanceManagerProxy; those of the pods come from NginxDeploymentArgs. */
export interface InstanceManagerProxyArgs extends NginxDeploymentArgs, InstanceManagerProxyOptions {
  /** The server certificate, for both names unless `agentCertificate` has that of the agents. Directive `ssl_certificate`. */
  certificate: VerifiableCertificate;
  /** The server certificate that agents see. @default certificate */
  agentCertificate?: VerifiableCertificate;
  /** Secret whose `ca.crt` has the authorities of agents' certificates: TrustedCertificates. Directive `ssl_client_certificate`. Required unless `agentMtls` is "off". */
  agentAuthorities?: SecretReference;
  /** TLS to Instance Manager. Required unless `unsafePlainBackends` is set. */
  backendTls?: InstanceManagerBackendTls;
  /** TCP port of the Service. The pods listen on 8443. @default 443 */
  port?: number;
  /** `true`: a Service that can be reached from outside the cluster, without source ranges and class of its own, is meant. @default false */
  exposed?: boolean;
  /**
   * Version of the open-source NGINX in an `image` of your own: `1.22.1`. Before 1.25.1 HTTP/2 is a word of `listen`, from then on the directive `http2`.
   * @default that of the default image
   */
  openSourceVersion?: string;
}
