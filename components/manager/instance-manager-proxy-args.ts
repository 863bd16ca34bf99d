import type { Input } from "@pulumi/pulumi";
import type { SecretReference } from "../foundation";
import type { NginxConfigNode, NginxDeploymentArgs } from "../nginx";
import type { CertificateReference } from "../pki";
import type { InstanceManagerHostname } from "./hostname";

/** Whether agents have to show a certificate. */
export const AgentMtls = { required: "required", optional: "optional", off: "off" } as const;
export type AgentMtls = (typeof AgentMtls)[keyof typeof AgentMtls];

/** A certificate whose names and usage are checked where its text is known; a Certificate is one. */
export interface VerifiableCertificate extends CertificateReference {
  /** The certificate alone, PEM: what it says is held against what it is for. @default "", and nothing of it is checked */
  certificatePem?: Input<string>;
}

/** Where one part of Instance Manager listens. */
export interface InstanceManagerBackend {
  /** Host name or address. NGINX resolves a name once, when it starts. @default `<part>.<namespace>.svc`, the chart's Service */
  host?: Input<string>;
  /** TCP port. @default the chart's: apigw 443, dpm 8036, ingestion 8035 */
  port?: number;
  /** DNS name that its certificate must carry, also sent as SNI. Directives `grpc_ssl_name`, `proxy_ssl_name`. @default `apigw`, `dpm` or `ingestion` */
  serverName?: Input<string>;
}

/** The parts of Instance Manager behind the proxy. Those of the chart take connections only from pods of their own namespace. */
export interface InstanceManagerBackends {
  /** The web interface and the API, usage reports among them: the chart's `apigw`. @default the chart's */
  apigw?: InstanceManagerBackend;
  /** The data plane manager, which has agents' `Commander` service. @default the chart's */
  dpm?: InstanceManagerBackend;
  /** The ingestion of metrics, which has agents' `MetricsService`. @default the chart's */
  ingestion?: InstanceManagerBackend;
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

/** Raw NGINX configuration. What would open a second way to the agents' services is refused. */
export interface InstanceManagerProxySnippets {
  /** Nodes at the end of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** Nodes at the end of the server of the web interface and the API. @default none */
  manager?: NginxConfigNode[];
  /** Nodes at the end of the agents' server. @default none */
  agents?: NginxConfigNode[];
}

/** Arguments of an InstanceManagerProxy; those of the pods come from NginxDeploymentArgs. */
export interface InstanceManagerProxyArgs extends NginxDeploymentArgs {
  /** The two names that clients know. */
  hostname: InstanceManagerHostname;
  /** The server certificate, for both names unless `agentCertificate` has that of the agents. Directive `ssl_certificate`. */
  certificate: VerifiableCertificate;
  /** The server certificate that agents see. @default certificate */
  agentCertificate?: VerifiableCertificate;
  /** Whether agents have to show a certificate. Directive `ssl_verify_client`. @default "required" */
  agentMtls?: AgentMtls;
  /** Secret whose `ca.crt` has the authorities of agents' certificates: TrustedCertificates. Directive `ssl_client_certificate`. Required unless `agentMtls` is "off". */
  agentAuthorities?: SecretReference;
  /** How many intermediate certificates may stand between an agent's certificate and a trusted one. Directive `ssl_verify_depth`. @default 2 */
  agentVerifyDepth?: number;
  /** `true`: with `agentMtls` "optional" or "off", whoever reaches the port can register as an agent. @default false */
  unsafeAllowAgentsWithoutCertificate?: boolean;
  /** Where Instance Manager listens. @default the chart's Services in the proxy's namespace */
  backends?: InstanceManagerBackends;
  /** TLS to Instance Manager. Required unless `unsafePlainBackends` is set. */
  backendTls?: InstanceManagerBackendTls;
  /** `true`: the proxy speaks without TLS to Instance Manager, so whoever is on the way reads and changes everything. @default false */
  unsafePlainBackends?: boolean;
  /** TCP port of the Service. The pods listen on 8443. @default 443 */
  port?: number;
  /** `true`: a Service that can be reached from outside the cluster, without source ranges and class of its own, is meant. @default false */
  exposed?: boolean;
  /**
   * Version of the open-source NGINX in an `image` of your own: `1.22.1`. Before 1.25.1 HTTP/2 is a word of `listen`, from then on the directive `http2`.
   * @default that of the default image
   */
  openSourceVersion?: string;
  /** How long agents' streams may be silent, in seconds. Directives `grpc_read_timeout`, `grpc_send_timeout`. @default 300 */
  agentSilenceSeconds?: number;
  /** How long an agent may pause between two messages of one call, in seconds. Directive `client_body_timeout`. @default 600 */
  agentPauseSeconds?: number;
  /** How long browsers insist on HTTPS, in seconds; 0 for no such header. Header `Strict-Transport-Security`. @default 31536000, a year */
  strictTransportSeconds?: number;
  /** Raw NGINX configuration. @default none */
  snippets?: InstanceManagerProxySnippets;
}
