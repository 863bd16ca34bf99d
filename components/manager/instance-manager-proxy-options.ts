import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode } from "../nginx";
import type { InstanceManagerHostname } from "./hostname";
import type { ClientRevocation } from "./revocation";

/** Whether agents have to show a certificate. */
export const AgentMtls = { required: "required", optional: "optional", off: "off" } as const;
export type AgentMtls = (typeof AgentMtls)[keyof typeof AgentMtls];

/** Where one part of Instance Manager listens. */
export interface InstanceManagerBackend {
  /**
   * Host name or address. NGINX resolves a name once, when it starts. A host's proxy also takes a socket: `unix:/var/run/nms/am.sock`.
   * @default in pods `<part>.<namespace>.svc`, the chart's Service; on a host the sockets of Instance Manager's packages for dpm and ingestion, and none for apigw
   */
  host?: Input<string>;
  /** TCP port; a socket has none. @default the chart's: apigw 443, dpm 8036, ingestion 8035 */
  port?: number;
  /** DNS name that its certificate must carry, also sent as SNI. Directives `grpc_ssl_name`, `proxy_ssl_name`. @default in pods `apigw`, `dpm` or `ingestion`; on a host its `host` */
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

/** Raw NGINX configuration. What would open a second way to the agents' services is refused. */
export interface InstanceManagerProxySnippets {
  /** Nodes at the end of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** Nodes at the end of the server of the web interface and the API. A block in it with an `add_header` of its own keeps that server's headers. @default none */
  manager?: NginxConfigNode[];
  /** Nodes at the end of the agents' server. @default none */
  agents?: NginxConfigNode[];
}

/** What the proxies of Instance Manager 2 have in common, whether in pods or on a host. */
export interface InstanceManagerProxyOptions {
  /** The two names that clients know. */
  hostname: InstanceManagerHostname;
  /** Whether agents have to show a certificate. Directive `ssl_verify_client`. @default "required" */
  agentMtls?: AgentMtls;
  /** How many intermediate certificates may stand between an agent's certificate and a trusted one. Directive `ssl_verify_depth`. @default 2 */
  agentVerifyDepth?: number;
  /** Agents that are turned away although their certificate is good; only with `agentMtls` "required". @default none */
  agentRevocation?: ClientRevocation;
  /** `true`: with `agentMtls` "optional" or "off", whoever reaches the port can register as an agent. @default false */
  unsafeAllowAgentsWithoutCertificate?: boolean;
  /** Where Instance Manager listens. @default in pods the chart's Services in the proxy's namespace */
  backends?: InstanceManagerBackends;
  /** `true`: the proxy speaks without TLS to Instance Manager, so whoever is on the way reads and changes everything. @default false */
  unsafePlainBackends?: boolean;
  /** How long agents' streams may be silent, in seconds. Directives `grpc_read_timeout`, `grpc_send_timeout`. @default 300 */
  agentSilenceSeconds?: number;
  /** How long an agent may pause between two messages of one call, in seconds. Directive `client_body_timeout`. @default 600 */
  agentPauseSeconds?: number;
  /** How long browsers insist on HTTPS, in seconds; 0 for no such header. Header `Strict-Transport-Security`. @default 31536000, a year */
  strictTransportSeconds?: number;
  /** Raw NGINX configuration. @default none */
  snippets?: InstanceManagerProxySnippets;
}
