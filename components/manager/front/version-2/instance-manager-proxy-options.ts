import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode } from "../../../nginx";
import type { InstanceManagerHostname } from "../../hostname";
import type { InstanceManagerAgents } from "../agents";

/** Address and port of one part of Instance Manager. */
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

/** Raw NGINX configuration. A snippet that would open a second way to the agents' services is refused. */
export interface InstanceManagerProxySnippets {
  /** Nodes at the end of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** Nodes at the end of the server of the web interface and the API. A block in it with an `add_header` of its own keeps that server's headers. @default none */
  manager?: NginxConfigNode[];
  /** Nodes at the end of the agents' server. @default none */
  agents?: NginxConfigNode[];
}

/** Arguments that the proxies of Instance Manager 2 have in common, in pods and on a host. */
export interface InstanceManagerProxyOptions {
  /** The two names that clients know. */
  hostname: InstanceManagerHostname;
  /** Client certificates of agents, and the times of their streams. @default certificates are required */
  agents?: InstanceManagerAgents;
  /** Address of Instance Manager. @default in pods the chart's Services in the proxy's namespace */
  backends?: InstanceManagerBackends;
  /** `true`: the proxy connects to Instance Manager without TLS, so anyone between the two reads and changes everything. @default false */
  unsafePlainBackends?: boolean;
  /** Time for which browsers insist on HTTPS, in seconds; 0 for no such header. Header `Strict-Transport-Security`. @default 31536000, a year */
  strictTransportSeconds?: number;
  /** Raw NGINX configuration. @default none */
  snippets?: InstanceManagerProxySnippets;
}
