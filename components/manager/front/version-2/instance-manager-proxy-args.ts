import type { Input } from "@pulumi/pulumi";
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

/** Name servers that find the parts of Instance Manager again while NGINX runs. */
export interface InstanceManagerResolver {
  /** Addresses or names of name servers, with a port where that is not 53: `kube-dns.kube-system.svc.cluster.local`. NGINX finds a name of one when it starts. Directive `resolver`. */
  addresses: Input<string>[];
  /** Domain of the cluster, which completes hosts that end in `.svc`: NGINX's resolver has no search list. @default "cluster.local" */
  clusterDomain?: string;
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
  /**
   * Name servers that find the hosts in `backends` every 10 seconds, so that one that does not resolve stops neither the others nor a renewed certificate. Open-source NGINX needs 1.27.3.
   * @default those of the pod, asked for each host when NGINX starts and reloads, and it does neither without an answer
   */
  resolver?: InstanceManagerResolver;
  /** TCP port of the Service. The pods listen on 8443. @default 443 */
  port?: number;
}
