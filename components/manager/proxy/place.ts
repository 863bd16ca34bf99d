import type { Input } from "@pulumi/pulumi";
import type { InstanceManagerBackends } from "../instance-manager-proxy-options";

export type BackendPart = keyof InstanceManagerBackends;

/** The parts of Instance Manager that the proxy talks to, with the ports of the chart's Services, and of the packages when they listen on TCP. */
export const backendPorts: Record<BackendPart, number> = { apigw: 443, dpm: 8036, ingestion: 8035 };

export const backendParts = Object.keys(backendPorts) as BackendPart[];

/** Paths of a certificate and its key. */
export interface CertificateFiles {
  certificate: string;
  key: string;
}

/** One part of Instance Manager as the proxy reaches it. */
export interface BackendPlace {
  /** Name of its upstream block. */
  upstream: string;
  /** Host and port, or a socket. */
  address: Input<string>;
  /** What TLS to it needs; undefined for a connection in the clear. */
  tls?: BackendTlsPlace;
}

/** TLS to one part of Instance Manager. */
export interface BackendTlsPlace {
  serverName: Input<string>;
  verifyDepth: number;
  authorities: string;
  certificate?: CertificateFiles;
}

/** Where the proxy's home, pods or a host, has what the configuration names. */
export interface ProxyPlace {
  /** The port that NGINX listens on. */
  port: number;
  /** Whether HTTP/2 is a directive, not a word of `listen`. */
  http2Directive: boolean;
  /** File of the access log. */
  accessLog: string;
  /** Whether the log stands in the servers: the `http` block around them has one of its own. */
  ownLog?: boolean;
  certificate: CertificateFiles;
  agentCertificate: CertificateFiles;
  /** File with the authorities of agents' certificates. */
  agentAuthorities: string;
  /** File with their revocation lists. */
  agentCrl: string;
  backends: Record<BackendPart, BackendPlace>;
}
