import type { BackendLayout, CertificateFiles } from "../model";
import type { InstanceManagerBackends } from "./instance-manager-proxy-options";

export type BackendPart = keyof InstanceManagerBackends;

/** The parts of Instance Manager that the proxy talks to, with the ports of the chart's Services, and of the packages when they listen on TCP. */
export const backendPorts: Record<BackendPart, number> = { apigw: 443, dpm: 8036, ingestion: 8035 };

/** Ports on which the pods of the chart listen. */
export const chartPodPorts: Record<BackendPart, number> = { apigw: 8443, dpm: 8036, ingestion: 8035 };

export const backendParts = Object.keys(backendPorts) as BackendPart[];

/** Paths, ports and addresses that the configuration names, in pods or on a host. */
export interface ProxyLayout {
  /** The port that NGINX listens on. */
  port: number;
  /** `true`: HTTP/2 is a directive, not a word of `listen`. */
  http2Directive: boolean;
  /** File of the access log. */
  accessLog: string;
  /** `true`: the log is in the servers: the `http` block around them has one of its own. */
  ownLog?: boolean;
  certificate: CertificateFiles;
  agentCertificate: CertificateFiles;
  /** File with the authorities of agents' certificates. */
  agentAuthorities: string;
  /** File with their revocation lists. */
  agentCrl: string;
  backends: Record<BackendPart, BackendLayout>;
}
