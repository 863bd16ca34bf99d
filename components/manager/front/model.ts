import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../../foundation";
import type { NginxConfigNode } from "../../nginx";
import type { SnippetOrigins } from "../snippets";
import type { AgentMtls } from "./agents";
import type { ClientRevocationByApi } from "./revocation";

/** Paths of a certificate and its key. */
export interface CertificateFiles {
  certificate: string;
  key: string;
}

/** One service of Instance Manager behind the front. */
export interface BackendLayout {
  /** Name of its upstream block. */
  upstream: string;
  /** Shared memory of the upstream block. @default upstream */
  zone?: string;
  /** Idle connections that each worker keeps open. @default 20 */
  keepalive?: number;
  /** Host and port, or a socket. */
  address: Input<string>;
  /** Paths and names for TLS to it; undefined for a connection without TLS. */
  tls?: BackendTlsLayout;
}

/** TLS to one service of Instance Manager. */
export interface BackendTlsLayout {
  serverName: Input<string>;
  verifyDepth: number;
  authorities: string;
  certificate?: CertificateFiles;
}

/** File and format of an access log. */
export interface AccessLog {
  file: string;
  format: string;
}

/** Settings that the server of the interface and that of agents have in common. */
interface FrontServer {
  hostname: Input<string>;
  /** Port that NGINX listens on. */
  port: number;
  /** Zone of its counters in the API of NGINX Plus. */
  statusZone: string;
  /** Undefined where the `http` block has the log. */
  accessLog?: AccessLog;
}

/** Server of the web interface, the API and usage reports. */
export interface ManagerServer extends FrontServer {
  certificate: CertificateFiles;
  backend: BackendLayout;
  /** Limits and headers of the server, in their order. */
  settings: NginxConfigNode[];
  /** Headers of every answer: each block with an `add_header` of its own repeats them. */
  headers: NginxConfigNode[];
  /** Settings of `location /`. */
  locationSettings: NginxConfigNode[];
  /** Whether Instance Manager receives the client's address in `X-Real-IP` as well. */
  realIpHeader: boolean;
  /** `health_check` of NGINX Plus. */
  healthCheck: NginxConfigNode[];
  /** Prefix of the agents' services, which this server rejects: its backend has them too. */
  rejectedServices?: string;
  /** Server without TLS that redirects browsers. */
  redirect?: RedirectServer;
}

/** Server without TLS that redirects browsers to HTTPS. */
export interface RedirectServer {
  port: number;
  /** Port of HTTPS as browsers see it. */
  httpsPort: number;
  headers: NginxConfigNode[];
}

/** Server of the agents' gRPC services. */
export interface AgentServer extends FrontServer {
  /** TLS, and client certificates; undefined for HTTP/2 without TLS. */
  tls?: AgentTls;
  /** Settings of the server, in their order. */
  settings: NginxConfigNode[];
  /** Headers of each error. */
  errorHeaders: NginxConfigNode[];
  /** Services by their locations; without `/` every other path is 404. */
  services: AgentService[];
  /** Longest silence of Instance Manager on a stream, in seconds. */
  silenceSeconds: number;
}

/** TLS of the agents' server. */
export interface AgentTls {
  certificate: CertificateFiles;
  mtls: AgentMtls;
  verifyDepth: number;
  /** File with the authorities of agents' certificates. */
  authorities: string;
  /** File with their revocation lists. */
  crl: string;
  revocation: ClientRevocationByApi | undefined;
}

/** A location of the agents' server. */
export interface AgentService {
  path: string;
  backend: BackendLayout;
  settings: NginxConfigNode[];
  /** `health_check` of NGINX Plus. */
  healthCheck: NginxConfigNode[];
}

/** TLS of agents, passed on as it is. */
export interface PassthroughServer {
  port: number;
  statusZone: string;
  backend: BackendLayout;
  /** Longest time without data, in seconds. */
  idleSeconds: number;
}

/** Server of NGINX's status: for NGINX Plus its API and dashboard. */
export interface StatusServer {
  /** Address to listen on; undefined for all. */
  address?: string;
  port: number;
  /** Name and certificate for TLS; undefined without. */
  tls?: { hostname: Input<string>; certificate: CertificateFiles };
  /** Whether the API accepts changes. */
  write: boolean;
  /** Addresses and networks that may ask; undefined for all. */
  allow?: string[];
  /** Password files of those who may ask, and of those who may make changes. */
  users?: string;
  writers?: string;
}

/** The user's nodes, by the block that they end. */
export interface FrontSnippets {
  http: Argument<NginxConfigNode[] | undefined>;
  manager: Argument<NginxConfigNode[] | undefined>;
  agents: Argument<NginxConfigNode[] | undefined>;
  /** The nodes by the objects in the configuration. */
  origins: SnippetOrigins;
  /** Arguments that set directives of the agents' server, by directive. */
  instead?: Record<string, string>;
}

/** NGINX in front of Instance Manager 1 or 2, in pods or on a host: its arguments with all defaults. */
export interface ResolvedFront {
  /** Whether HTTP/2 is a directive, not a parameter of `listen`. */
  http2Directive: boolean;
  /** Formats of the logs, and the maps that they use. */
  logFormats: NginxConfigNode[];
  /** Access log of the `http` block; undefined where each server has its own. */
  accessLog?: AccessLog;
  manager?: ManagerServer;
  agents?: AgentServer;
  passthrough?: PassthroughServer;
  status?: StatusServer;
  snippets: FrontSnippets;
}
