/** Kinds of values, each with its test and what to write. */
export const agentValues = {
  text: [(value) => typeof value === "string", "write a text"],
  whole: [(value) => Number.isInteger(value) && (value as number) >= 0, "write a whole number, 0 or more"],
  port: [
    (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535,
    "write a port, 1 to 65535",
  ],
  number: [(value) => Number.isFinite(value), "write a number"],
  switch: [(value) => typeof value === "boolean", "write true or false"],
  // The agents take a bare number for nanoseconds.
  duration: [
    (value) => typeof value === "string" && /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/.test(value),
    "write a duration with its unit: `30s` or `1m30s`",
  ],
  texts: [
    (value) => Array.isArray(value) && value.every((entry) => typeof entry === "string"),
    "write a list of texts",
  ],
  scalar: [
    (value) => ["string", "boolean"].includes(typeof value) || Number.isFinite(value),
    "write a text, a number, true or false",
  ],
  /** A part that is switched on by its name and has no keys. */
  empty: [
    (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0,
    "write `{}`: it has no keys",
  ],
} satisfies Record<string, readonly [test: (value: unknown) => boolean, remedy: string]>;

/** Words that the entries of a list may be. */
export const agentWords = {
  v2Features: [
    "registration",
    "nginx-config",
    "nginx-config-async",
    "nginx-ssl-config",
    "nginx-counting",
    "metrics",
    "metrics-collection",
    "metrics-sender",
    "metrics-throttle",
    "dataplane-status",
    "process-watcher",
    "file-watcher",
    "file-watch-throttle",
    "activity-events",
    "agent-api",
  ],
  v2Extensions: ["advanced-metrics", "nginx-app-protect", "nap-monitoring"],
} as const;

/** Kind of a value. */
export type AgentValue = keyof typeof agentValues | keyof typeof agentWords;

/** Keys of a file by name, each a kind of value or further keys. `*` stands for names of the user's own; a list of maps has the keys of each. */
export interface AgentKeys {
  [key: string]: AgentKeys | AgentValue;
}

const keys = (kind: AgentValue, ...names: string[]): AgentKeys => Object.fromEntries(names.map((name) => [name, kind]));

/** The release that each list of keys was taken from. */
export const agentReleases = { v2: "2.46.7", v3: "3.11.3" } as const;

const backoff: AgentKeys = {
  ...keys("duration", "initial_interval", "max_interval", "max_elapsed_time"),
  ...keys("number", "randomization_factor", "multiplier"),
};
const v2Tls: AgentKeys = { ...keys("switch", "enable", "skip_verify"), ...keys("text", "cert", "key", "ca") };

/** Keys of agent 2: `src/core/config/types.go` and the structs of `src/extensions` at v2.46.7. It ignores all others. */
export const v2Keys: AgentKeys = {
  server: { ...keys("text", "host", "token", "metrics", "command"), grpcPort: "port", backoff },
  api: { ...keys("text", "host", "cert", "key"), port: "port" },
  config_dirs: "text",
  log: keys("text", "level", "path"),
  tls: v2Tls,
  nginx: {
    ...keys("text", "exclude_logs", "socket"),
    ...keys("switch", "debug", "treat_warnings_as_errors"),
    client_version: "whole",
    config_reload_monitoring_period: "duration",
    api: { url: "text", tls: v2Tls },
  },
  dataplane: { status: keys("duration", "poll_interval", "report_interval") },
  metrics: { bulk_size: "whole", ...keys("duration", "report_interval", "collection_interval"), mode: "text", backoff },
  ...keys("texts", "tags", "ignore_directives"),
  features: "v2Features",
  extensions: "v2Extensions",
  ...keys("text", "display_name", "instance_group", "agent_id", "cloud_account", "dynamic_config_path"),
  queue_size: "whole",
  advanced_metrics: {
    socket_path: "text",
    ...keys("duration", "aggregation_period", "publishing_period"),
    table_sizes_limits: keys(
      "whole",
      "staging_table_max_size",
      "staging_table_threshold",
      "priority_table_max_size",
      "priority_table_threshold",
    ),
  },
  nginx_app_protect: { report_interval: "duration", precompiled_publication: "switch" },
  nap_monitoring: {
    ...keys("whole", "collector_buffer_size", "processor_buffer_size", "report_count"),
    syslog_ip: "text",
    syslog_port: "port",
    report_interval: "duration",
  },
};

const log = keys("text", "level", "path");
const tls: AgentKeys = { ...keys("text", "cert", "key", "ca", "server_name"), skip_verify: "switch" };
const auth = keys("text", "token", "tokenpath");
const server: AgentKeys = {
  ...keys("text", "type", "host"),
  port: "port",
  proxy: {
    ...keys("text", "url", "no_proxy", "auth_method", "username", "password", "token"),
    timeout: "duration",
    tls,
  },
};
const command: AgentKeys = { server, auth, tls };
const pipelines: AgentKeys = { "*": keys("texts", "receivers", "processors", "exporters") };
const attribute: AgentKeys = { ...keys("text", "key", "action"), value: "scalar" };
const watcher = keys("duration", "monitoring_frequency");

/** Keys of agent 3: `internal/config/types.go` at v3.11.3. It does not start with any other. */
export const v3Keys: AgentKeys = {
  command,
  auxiliary_command: command,
  log,
  data_plane_config: {
    nginx: {
      exclude_logs: "texts",
      reload_monitoring_period: "duration",
      treat_warnings_as_errors: "switch",
      reload_backoff: backoff,
      api: { ...keys("text", "url", "socket"), tls },
    },
  },
  client: {
    http: keys("duration", "timeout"),
    grpc: {
      ...keys("duration", "response_timeout", "connection_reset_timeout"),
      ...keys(
        "whole",
        "max_message_size",
        "max_message_receive_size",
        "max_message_send_size",
        "max_file_size",
        "file_chunk_size",
        "max_parallel_file_operations",
      ),
      keepalive: { ...keys("duration", "timeout", "time"), permit_without_stream: "switch" },
    },
    backoff,
    file_download_timeout: "duration",
  },
  collector: {
    config_path: "text",
    additional_config_paths: "texts",
    log,
    exporters: {
      debug: "empty",
      prometheus: { server, tls },
      otlp: { "*": { server, tls, ...keys("text", "compression", "authenticator") } },
    },
    extensions: {
      health: { server, tls, path: "text" },
      headers_setter: { headers: keys("text", "action", "key", "value", "default_value", "from_context", "file_path") },
    },
    processors: {
      attribute: { "*": { actions: attribute } },
      resource: { "*": { attributes: attribute } },
      batch: { "*": { ...keys("whole", "send_batch_size", "send_batch_max_size"), timeout: "duration" } },
      securityviolationsfilter: { "*": "empty" },
    },
    pipelines: { metrics: pipelines, logs: pipelines },
    receivers: {
      container_metrics: keys("duration", "collection_interval"),
      host_metrics: {
        ...keys("duration", "collection_interval", "initial_delay"),
        scrapers: keys("empty", "cpu", "disk", "filesystem", "memory", "network"),
      },
      otlp: { "*": { server, auth, tls: { ...tls, generate_self_signed_cert: "switch" } } },
      tcplog: { "*": { listen_address: "text", operators: { type: "text", fields: { "*": "scalar" } } } },
    },
  },
  watchers: {
    file_watcher: { ...watcher, exclude_files: "texts" },
    instance_watcher: watcher,
    instance_health_watcher: watcher,
  },
  external_data_source: {
    proxy: keys("text", "url"),
    ...keys("texts", "allowed_domains", "allowed_file_types"),
    max_bytes: "whole",
  },
  syslog_server: { port: "scalar" },
  labels: { "*": "scalar" },
  ...keys("texts", "allowed_directories", "features"),
};
