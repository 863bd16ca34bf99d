import type { Input } from "@pulumi/pulumi";
import type { BackendLayout, CertificateFiles } from "../model";

/** Where the front's home, pods or a host, has what its configuration names. */
export interface FrontLayout {
  /** The name that clients know. */
  hostname: Input<string>;
  /** Whether HTTP/2 is a directive, not a word of `listen`. */
  http2Directive: boolean;
  /** Ports that NGINX listens on. */
  ports: { api: number; redirect: number; agents: number };
  /** Address and port of the status. */
  status: { address?: string; port: number };
  /** File of the log of agents' calls. */
  agentLog: string;
  certificate: CertificateFiles;
  agentCertificate: CertificateFiles;
  /** File with the authorities of agents' certificates, and that with their revocation lists. */
  agentAuthorities: string;
  agentCrl: string;
  /** Password files of the status: of its readers, and of its writers. */
  users?: string;
  writers?: string;
  grpc: BackendLayout;
  gateway: BackendLayout;
}

/** Names of the upstream blocks, those of the document. */
export const upstreamNames = {
  gateway: "nginx-manager_servers",
  grpc: "nginx-manager_grpc_servers",
  stream: "nginx-manager_stream_grpc_servers",
};

/** Ports of Instance Manager 1, unless it is told otherwise. */
export const managerPorts = { grpc: 10_000, gateway: 11_000 };
