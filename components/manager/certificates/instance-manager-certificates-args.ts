import type { Input, Output } from "@pulumi/pulumi";
import type { EllipticCurve, KeyAlgorithm } from "../../pki";
import type { InstanceManagerHostname } from "../hostname";

/** Instance Manager that the certificates are for. */
export const InstanceManagerProfile = {
  instanceManagerV2: "instanceManagerV2",
  instanceManagerV1: "instanceManagerV1",
} as const;
export type InstanceManagerProfile = (typeof InstanceManagerProfile)[keyof typeof InstanceManagerProfile];

/** Parts of the subject of all certificates, RFC 5280 §4.1.2.6. A part that is not given is the document's. */
export interface InstanceManagerSubject {
  /** Organization (O), at most 64 characters. @default "NGINX, Inc." */
  organization?: Input<string>;
  /** Organizational unit (OU), at most 64 characters. @default none */
  organizationalUnit?: Input<string>;
  /** Country (C), two letters of ISO 3166. @default "US" */
  country?: Input<string>;
  /** State or province (ST), at most 128 characters. @default "California" */
  province?: Input<string>;
  /** Locality (L), at most 128 characters. @default "San Francisco" */
  locality?: Input<string>;
}

/** An agent that gets a certificate. */
export interface InstanceManagerAgent {
  /** Name of the agent, for example of its host; the certificate is `agents[name]`. */
  name: string;
  /** Common name of the certificate: NGINX logs it, and may decide by it. @default name */
  commonName?: Input<string>;
  /** Namespace of the agent's pods: the certificate is in a Secret there. @default none: the agent is on a host, and `chainPem` and `privateKeyPem` go into its files */
  namespace?: Input<string>;
}

/** Arguments of InstanceManagerCertificates: `namespace` or `forHosts`; `hostname` for Instance Manager 2, `serverName` for Instance Manager 1. */
export interface InstanceManagerCertificatesArgs {
  /** Instance Manager that the certificates are for. */
  profile: InstanceManagerProfile;
  /** The two names of an Instance Manager 2; the server's certificate carries both. */
  hostname?: InstanceManagerHostname;
  /** The name of an Instance Manager 1, `server_name` in its `nginx-manager.conf`. */
  serverName?: Input<string>;
  /** Further DNS names of the server. @default none; `server`, `nginx-manager` and `localhost` for Instance Manager 1 */
  dnsNames?: Input<string>[];
  /** IPv4 and IPv6 addresses of the server. @default none; `127.0.0.1` for Instance Manager 1 */
  ipAddresses?: Input<string>[];
  /** Namespace of the manager's pods: the server's certificate and the roots are in Secrets there. */
  namespace?: Input<string>;
  /** The manager is on a host: no Secret is made for it, and the certificates go into files. @default false */
  forHosts?: boolean;
  /** The agents that get a certificate. For many of them an NginxAgentFleet with `issuer` costs less. @default none */
  agents?: InstanceManagerAgent[];
  /** Parts of the subject of all certificates. @default the document's */
  subject?: InstanceManagerSubject;
  /** Algorithm of the private keys. @default "RSA", 4096 bits for the authorities and the server, 2048 for agents */
  keyAlgorithm?: KeyAlgorithm;
  /** Curve of ECDSA keys. @default "P256" */
  ecdsaCurve?: EllipticCurve;
  /** Validity of the root in hours. @default 43824, 1826 days */
  rootValidityHours?: number;
  /** Validity of the intermediate in hours; more than certificates, so that it outlives those that it issues. @default half of the root's */
  intermediateValidityHours?: number;
  /** Validity of the certificates of the server and of agents in hours. @default 8760, 365 days */
  validityHours?: number;
  /** Number of hours before their end at which `pulumi up` renews these. @default a third of `validityHours` */
  earlyRenewalHours?: number;
  /** Other roots to trust, PEM, for a rollover; see CertificateAuthority. @default none */
  additionalRoots?: Input<string>[];
  /** Certificate revocation lists of the root and of the intermediate, PEM. @default none */
  crl?: Input<string>;
  /**
   * `true`: the certificates as the document's script makes them, with its lifetimes. Agents' are signed by the root; those for Instance Manager 1 say neither what
   * they are for nor for which name alone, so that every agent can pass for the manager; the server does not send its intermediate. For tests and comparisons.
   *
   * @default false
   */
  unsafeAsDocumented?: boolean;
}

/** One certificate of the hierarchy; it fits wherever a Certificate does. */
export interface InstanceManagerCertificate {
  /** Name of the Secret; "" for one on a host. */
  secretName: Output<string>;
  /** A digest of the Secret's contents, itself a secret; "" where there is no Secret. */
  revision: Output<string>;
  /** The certificate alone, PEM. */
  certificatePem: Output<string>;
  /** The certificate and its intermediate, without the root, PEM. */
  chainPem: Output<string>;
  /** The key of the certificate, PEM; a secret. */
  privateKeyPem: Output<string>;
}

/** Authority of the agents' certificates; an NginxAgentFleet takes it, in another stack too. */
export interface InstanceManagerIssuer {
  /** Certificate of the issuing authority, PEM. */
  certificatePem: Output<string>;
  /** Private key of the issuing authority, PEM; a secret. */
  privateKeyPem: Output<string>;
  /** Certificate that is sent after each issued one: the issuing authority's, without the root, PEM. */
  chain: Output<string>;
  /** The roots that a peer trusts, PEM. */
  bundle: Output<string>;
  /** Number of hours before its end at which the issuer is rolled over: no certificate of it may be valid for longer. */
  renewalWindowHours: number;
}

/** The roots in a Secret, key `ca.crt`. */
export interface InstanceManagerRoots {
  /** Name of the Secret; "" for a manager on a host. */
  secretName: Output<string>;
  /** A digest of its contents, itself a secret; "" where there is no Secret. */
  revision: Output<string>;
}
