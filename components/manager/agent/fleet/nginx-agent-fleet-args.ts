import type { Input } from "@pulumi/pulumi";
import type { CertificateIssuer, KeyOptions } from "../../../pki";
import type { NginxAgentV1, NginxAgentV2 } from "../nginx-agent-args";

/** A machine with an agent. */
export interface NginxAgentFleetMember {
  /** Name of the host. */
  host: string;
  /** Common name of the agent's certificate: NGINX logs it, and may decide by it. @default host */
  commonName?: Input<string>;
}

/** Arguments of an NginxAgentFleet: `v1` or `v2`. */
export interface NginxAgentFleetArgs extends KeyOptions {
  /** The authority that issues the agents' certificates: `issuer` of InstanceManagerCertificates, or a CertificateAuthority; its fields may come from another stack. */
  issuer: CertificateIssuer;
  /** The machines. */
  agents: NginxAgentFleetMember[];
  /** The file of each agent, for NGINX Instance Manager 1. Each certificate goes to the paths of `tls.clientCertificate`. */
  v1?: NginxAgentV1;
  /** The file of each agent, for NGINX Instance Manager 2. Each certificate goes to the paths of `tls.clientCertificate`. */
  v2?: NginxAgentV2;
  /** The roots of the manager's certificate, PEM, for `tls.trustedCertificatesPath`; without that path the operating system trusts them, which takes a single root. @default the issuer's `bundle` */
  trustedCertificatesPem?: Input<string>;
  /** Group of the keys, and of a file with a token: one that the user of the agent has. @default "root" */
  group?: string;
  /** Validity of each certificate in hours; at most the issuer's `renewalWindowHours`. @default 2160, 90 days */
  validityHours?: number;
  /** Number of hours before its end at which `pulumi up` renews a certificate. @default a third of `validityHours` */
  earlyRenewalHours?: number;
}
