import type { Input } from "@pulumi/pulumi";

/** Log levels of agents 1 and 2. */
export const NginxAgentLogLevel = {
  panic: "panic",
  fatal: "fatal",
  error: "error",
  info: "info",
  debug: "debug",
  trace: "trace",
} as const;
export type NginxAgentLogLevel = (typeof NginxAgentLogLevel)[keyof typeof NginxAgentLogLevel];

/** Log levels of agent 3. */
export const NginxAgentV3LogLevel = { error: "error", warn: "warn", info: "info", debug: "debug" } as const;
export type NginxAgentV3LogLevel = (typeof NginxAgentV3LogLevel)[keyof typeof NginxAgentV3LogLevel];

/** Parts of agent 3 that can be switched on. */
export const NginxAgentV3Feature = {
  configuration: "configuration",
  certificates: "certificates",
  metrics: "metrics",
  fileWatcher: "file-watcher",
  apiAction: "api-action",
  logsNap: "logs-nap",
} as const;
export type NginxAgentV3Feature = (typeof NginxAgentV3Feature)[keyof typeof NginxAgentV3Feature];

/** Metrics that agent 2 sends: one report of an interval, or every sample. */
export const NginxAgentMetricsMode = { aggregated: "aggregated", streaming: "streaming" } as const;
export type NginxAgentMetricsMode = (typeof NginxAgentMetricsMode)[keyof typeof NginxAgentMetricsMode];

/** Paths of the agent's own certificate. */
export interface NginxAgentCertificate {
  /** Absolute path of the certificate and its intermediates, PEM. */
  certificatePath: Input<string>;
  /** Absolute path of its key, PEM. */
  keyPath: Input<string>;
}

/** TLS towards the management plane. It is on, and the server's certificate is verified, unless an unsafe option says otherwise. */
export interface NginxAgentTls {
  /** The agent's own certificate, for a server that asks for one. @default none */
  clientCertificate?: NginxAgentCertificate;
  /** Absolute path of the authorities that the server's certificate is verified with, PEM. @default those that the operating system trusts */
  trustedCertificatesPath?: Input<string>;
  /** `true`: no certificate is verified, so anyone can pass for the server. @default false */
  unsafeSkipVerification?: boolean;
  /** `true`: no TLS, so anyone on the way can read and change what the agent is told. @default false */
  unsafePlaintext?: boolean;
}

/** A management plane. */
export interface NginxAgentServer {
  /** DNS name of the server, as in its certificate. It is what the agent connects to, asks for (SNI) and verifies. */
  hostname: Input<string>;
  /** TLS towards the server. @default on, verified with the authorities that the operating system trusts */
  tls?: NginxAgentTls;
}

/** Log of an agent. */
export interface NginxAgentLog {
  /** Least severity that is logged. @default "info" */
  level?: NginxAgentLogLevel;
  /** Folder of the log. @default the agent's own */
  path?: Input<string>;
}

/** Sources of an agent 1 about NGINX. */
export interface NginxAgentV1Nginx {
  /** Path of the NGINX to manage. @default the agent's own */
  binaryPath?: Input<string>;
  /** URL of `stub_status`, of open-source NGINX. @default none */
  stubStatusUrl?: Input<string>;
  /** URL of the API of NGINX Plus. @default none */
  plusApiUrl?: Input<string>;
}

/** The file of agent 1, for NGINX Instance Manager 1. */
export interface NginxAgentV1 extends NginxAgentServer {
  /** Port of the server, 10000 of Instance Manager itself, 10443 of the proxy before it. */
  port: number;
  /** Level and folder of the log. @default the agent's own */
  log?: NginxAgentLog;
  /** Location of the instance, for the inventory. @default none */
  location?: Input<string>;
  /** Tags of the instance, for the inventory. @default none */
  tags?: Input<string>[];
  /** Folders whose NGINX configuration may be read and written. @default the agent's own */
  configDirectories?: Input<string>[];
  /** The NGINX that is managed. @default the agent's own */
  nginx?: NginxAgentV1Nginx;
}

/** Metrics of agent 2; times as Go writes them, `1m30s`. */
export interface NginxAgentV2Metrics {
  /** Time between two reports. @default "1m" */
  reportInterval?: Input<string>;
  /** Time between two samples. @default "15s" */
  collectionInterval?: Input<string>;
  /** Metrics that are sent. @default "aggregated" */
  mode?: NginxAgentMetricsMode;
}

/** The file of agent 2, for NGINX Instance Manager 2. */
export interface NginxAgentV2 extends NginxAgentServer {
  /** Port of the server. @default 443 */
  port?: number;
  /** Token that the server knows; never sent without verified TLS. @default one that the agent makes up @secret */
  token?: Input<string>;
  /** Level and folder of the log. @default the agent's own */
  log?: NginxAgentLog;
  /** Access logs that are no part of the metrics: paths, with `*`, `?` and `[…]` as in a shell. @default none */
  excludeLogs?: Input<string>[];
  /** Time between two looks at the data plane's status, as Go writes it. @default "30s" */
  statusPollInterval?: Input<string>;
  /** Intervals and mode of the metrics. @default the agent's own */
  metrics?: NginxAgentV2Metrics;
  /** Folders whose NGINX configuration may be read and written. @default the agent's own */
  configDirectories?: Input<string>[];
  /** Tags of the instance. @default none */
  tags?: Input<string>[];
  /** Group of instances that share a configuration. @default none */
  instanceGroup?: Input<string>;
  /** Further keys of the file, in the agent's own words. A key that agent 2.46.7 does not have is refused, since the agent would ignore it, and so is a value of another type. @default none */
  // biome-ignore lint/suspicious/noExplicitAny: checked against the agent's keys
  settings?: Record<string, any>;
}

/** A management plane of agent 3. */
export interface NginxAgentV3Server extends NginxAgentServer {
  /** Port of the server. @default 443 */
  port?: number;
  /** Token that the server knows, for example a data plane key of NGINX One; never sent without verified TLS. @default none @secret */
  token?: Input<string>;
  /** Absolute path of a file with the token, in its place. @default none */
  tokenPath?: Input<string>;
}

/** Log of an agent 3. */
export interface NginxAgentV3Log {
  /** Least severity that is logged. @default "info" */
  level?: NginxAgentV3LogLevel;
  /** Folder of the log. @default the agent's own */
  path?: Input<string>;
}

/** The file of agent 3, for NGINX One. NGINX Instance Manager knows no agent 3. */
export interface NginxAgentV3 extends NginxAgentV3Server {
  /** A second management plane, which only watches. @default none */
  auxiliary?: NginxAgentV3Server;
  /** Level and folder of the log. @default the agent's own */
  log?: NginxAgentV3Log;
  /** Folders whose files may be read and written. @default the agent's own */
  allowedDirectories?: Input<string>[];
  /** Access logs that are no part of the metrics: regular expressions (RE2) that match in their paths. @default none */
  excludeLogs?: Input<string>[];
  /** Parts of the agent that are switched on. @default the agent's own */
  features?: NginxAgentV3Feature[];
  /** Labels of the instance; `config-sync-group` is that of its group. @default none */
  labels?: Record<string, Input<string>>;
  /** Further keys of the file, in the agent's own words. A key that agent 3.11.3 does not have is refused, since the agent would not start, and so is a value of another type. @default none */
  // biome-ignore lint/suspicious/noExplicitAny: checked against the agent's keys
  settings?: Record<string, any>;
}

/** The file as an object in a cluster: a Secret where it has a token or a password in it, otherwise a ConfigMap; key `nginx-agent.conf`. */
export interface NginxAgentObject {
  /** Namespace of the pods that mount the file. */
  namespace: Input<string>;
  /** Labels of the object. @default none */
  labels?: Record<string, Input<string>>;
  /** Annotations of the object. @default none */
  annotations?: Record<string, Input<string>>;
}

/** A virtual or real machine with an agent: its file, and the certificates at the paths that the file names. */
export interface NginxAgentHost {
  /** Name of the host. */
  name: string;
  /** Group of the key and of a file with a token: one that the user of the agent has. The package runs the agent as root, and puts NGINX's worker processes into the group `nginx-agent`. @default "root" */
  group?: string;
  /** The agent's certificate and its intermediates, PEM, for `tls.clientCertificate.certificatePath`. @default a file that is there already */
  certificatePem?: Input<string>;
  /** Key of the certificate, PEM, for `tls.clientCertificate.keyPath`. @default a file that is there already @secret */
  privateKeyPem?: Input<string>;
  /** Authorities to trust, PEM, for `tls.trustedCertificatesPath`; without that path the operating system trusts them, which takes a single root. @default a file that is there already */
  trustedCertificatesPem?: Input<string>;
}

/** Arguments of an NginxAgentConfiguration: exactly one of `v1`, `v2` and `v3`, and `kubernetes`, `host` or both. */
export interface NginxAgentConfigurationArgs {
  /** The file of an agent of NGINX Instance Manager 1. */
  v1?: NginxAgentV1;
  /** The file of an agent of NGINX Instance Manager 2. */
  v2?: NginxAgentV2;
  /** The file of an agent of NGINX One. */
  v3?: NginxAgentV3;
  /** Makes an object in a cluster. @default none */
  kubernetes?: NginxAgentObject;
  /** Makes files for a host. @default none */
  host?: NginxAgentHost;
}
