import type { NginxConfigNode } from "../../../nginx";
import type { InstanceManagerAgents } from "../agents";
import type { ClientRevocationByApi } from "../revocation";

/** Form in which agents' gRPC is published. */
export const AgentPublication = {
  /** NGINX ends TLS, and asks agents for their certificates. */
  tls: "tls",
  /** NGINX passes TLS on (`stream`): Instance Manager has the certificate, and is the one to ask agents for theirs. */
  passthrough: "passthrough",
  /** HTTP/2 without TLS. */
  clear: "clear",
} as const;
export type AgentPublication = (typeof AgentPublication)[keyof typeof AgentPublication];

/** HTTPS for the web interface and the API. */
export interface InstanceManagerV1Api {
  /** TCP port; of the Service, in a cluster. @default 443 */
  port?: number;
  /** A port without TLS, from which browsers are sent to the other; the document's is 88. @default none */
  redirectPort?: number;
  /** `true`: NGINX Plus requests `/swagger-ui/` to check its health. Directive `health_check`. @default true for NGINX Plus */
  healthCheck?: boolean;
}

/** The gRPC of agents. Client certificates are asked for only with `publication` "tls". */
export interface InstanceManagerV1Agents extends InstanceManagerAgents {
  /** TCP port; of the Service, in a cluster. @default 10443 */
  port?: number;
  /** Form in which agents' gRPC is published. @default "tls" */
  publication?: AgentPublication;
  /** `true`: with `publication` "clear", anyone between the two reads and changes the instructions of agents. @default false */
  unsafePublishInTheClear?: boolean;
  /** Agents that are rejected although their certificate is good; only with `mtls` "required". @default none */
  revocation?: ClientRevocationByApi;
  /** `true`: NGINX Plus calls Instance Manager to check its health. Directive `health_check type=grpc grpc_status=12`. @default true for NGINX Plus */
  healthCheck?: boolean;
  /** The one web origin whose scripts may read gRPC errors: `https://nginx-manager.example.com`. Header `Access-Control-Allow-Origin`. @default none */
  corsOrigin?: string;
}

/** The status of NGINX: its API and dashboard for NGINX Plus, `stub_status` at `/nginx_status` for both. */
export interface InstanceManagerV1Status {
  /** Address to listen on. @default "127.0.0.1" on a host; in pods all */
  address?: string;
  /** TCP port; of the Service, in a cluster. @default 8080 on a host, 8081 in a cluster */
  port?: number;
  /** `true`: the API takes changes. Directive `api`. Only for NGINX Plus, with `allow` or user names. @default false */
  write?: boolean;
  /** Addresses and networks that may ask. Directive `allow`. @default the host itself where it listens on loopback, otherwise everyone who has a password of `statusUsers` */
  allow?: string[];
  /** `true`: it speaks TLS, with the certificate of the interface. @default false */
  tls?: boolean;
}

/** Headers of every answer of the interface and the API. */
export interface InstanceManagerV1Headers {
  /** Pages that may show it in a frame: `SAMEORIGIN` or `DENY`. Header `X-Frame-Options`. @default "SAMEORIGIN" */
  frameOptions?: string;
  /** Time for which browsers insist on HTTPS, in seconds; 0 for no such header. The document goes to 31536000, a year, once all works. Header `Strict-Transport-Security`. @default 86400, a day */
  strictTransportSeconds?: number;
  /** `true`: that holds for names below `hostname` too. @default true, unless `strictTransportSeconds` is 0 */
  strictTransportSubdomains?: boolean;
  /** Header `Content-Security-Policy`. @default "default-src 'self'; font-src *;img-src * data:; script-src *; style-src *", the document's */
  contentSecurityPolicy?: string;
  /** Header `Referrer-Policy`. @default "strict-origin" */
  referrerPolicy?: string;
  /** Header `X-XSS-Protection`, which only old browsers heed. @default "1; mode=block" */
  xssProtection?: string;
}

/** Raw NGINX configuration. Directives that decide which clients are let in are refused. A block in it with an `add_header` of its own keeps the common headers. */
export interface InstanceManagerV1Snippets {
  /** Nodes at the end of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** Nodes at the end of the server of the interface and the API. @default none */
  api?: NginxConfigNode[];
  /** Nodes at the end of the agents' server. @default none */
  agents?: NginxConfigNode[];
}

/** NGINX in front of Instance Manager 1, wherever it runs: at least one of `api` and `agents`. */
export interface InstanceManagerV1Front {
  /** The web interface and the API. @default not published */
  api?: InstanceManagerV1Api;
  /** The gRPC of agents. @default not published */
  agents?: InstanceManagerV1Agents;
  /** The status of NGINX. @default none */
  status?: InstanceManagerV1Status;
  /** Headers of the interface and the API. @default those of the document */
  headers?: InstanceManagerV1Headers;
  /** Raw NGINX configuration. @default none */
  snippets?: InstanceManagerV1Snippets;
}
