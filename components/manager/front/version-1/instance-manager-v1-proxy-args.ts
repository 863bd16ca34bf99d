import type { Input } from "@pulumi/pulumi";
import type { SecretReference } from "../../../foundation";
import type { VerifiableCertificate } from "../../certificate-checks";
import type { InstanceManagerPods } from "../pods";
import type { InstanceManagerV1Front } from "./front-options";

/** Where Instance Manager 1 runs. */
export interface InstanceManagerV1Location {
  /** Host name or address. NGINX resolves a name once, when it starts. */
  host: Input<string>;
  /** Port of agents' gRPC. @default 10000 */
  grpcPort?: number;
  /** Port of the API and the web interface. @default 11000 */
  gatewayPort?: number;
}

/** Verified TLS from the pods to Instance Manager. */
export interface InstanceManagerV1BackendTls {
  /** Secret whose `ca.crt` has the authorities of the manager's certificate: TrustedCertificates. Directive `grpc_ssl_trusted_certificate`. */
  trustedCertificates: SecretReference;
  /** DNS name that its certificate must carry. Directives `grpc_ssl_name`, `proxy_ssl_name`. @default hostname */
  serverName?: Input<string>;
  /** A certificate of the pods' own, with client usage. Directive `grpc_ssl_certificate`. @default none */
  clientCertificate?: VerifiableCertificate;
  /** How many intermediate certificates may stand between the manager's certificate and a trusted one. Directive `grpc_ssl_verify_depth`. @default 2 */
  verifyDepth?: number;
}

/** Arguments of an InstanceManagerV1Proxy. */
export interface InstanceManagerV1ProxyArgs extends InstanceManagerPods, InstanceManagerV1Front {
  /** The DNS name of Instance Manager: its clients' SNI, `server_name`, and a name of every server certificate here. */
  hostname: Input<string>;
  /** Where Instance Manager runs: outside the cluster, there is no image of it. */
  manager: InstanceManagerV1Location;
  /** The server certificate. Directive `ssl_certificate`. */
  certificate?: VerifiableCertificate;
  /** The server certificate that agents see. @default certificate */
  agentCertificate?: VerifiableCertificate;
  /** Secret whose `ca.crt` has the authorities of agents' certificates, and `ca.crl` their revocation lists: TrustedCertificates. Directive `ssl_client_certificate`. */
  agentAuthorities?: SecretReference;
  /** TLS to Instance Manager. Required unless `unsafePlainBackends` is set, or TLS is only passed on. */
  backendTls?: InstanceManagerV1BackendTls;
  /** `true`: the pods connect to Instance Manager without TLS, so anyone between the two reads and changes everything. @default false */
  unsafePlainBackends?: boolean;
  /** Secret whose key `users` has lines of `htpasswd`: users that may ask for the status. Directive `auth_basic_user_file`. @default no user names */
  statusUsers?: SecretReference;
  /** Secret whose key `users` has those of users that may also change things through the API. Directive `limit_except`. @default statusUsers */
  statusWriters?: SecretReference;
}
