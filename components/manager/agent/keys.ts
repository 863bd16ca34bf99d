/** Keys of a file by name; `{}` is a value, or a list of values. `*` stands for names of the user's own; a list of maps has the keys of each. */
export interface AgentKeys {
  [key: string]: AgentKeys;
}

const value: AgentKeys = {};
const values = (...names: string[]): AgentKeys => Object.fromEntries(names.map((name) => [name, value]));

/** The release that each list of keys was taken from. */
export const agentReleases = { v2: "2.46.7", v3: "3.11.3" } as const;

const backoff = values("initial_interval", "randomization_factor", "multiplier", "max_interval", "max_elapsed_time");
const v2Tls = values("enable", "cert", "key", "ca", "skip_verify");

/** Keys of agent 2: `src/core/config/types.go` and the structs of `src/extensions` at v2.46.7. It ignores all others. */
export const v2Keys: AgentKeys = {
  server: { ...values("host", "grpcPort", "token", "metrics", "command"), backoff },
  api: values("host", "port", "cert", "key"),
  config_dirs: value,
  log: values("level", "path"),
  tls: v2Tls,
  nginx: {
    ...values(
      "exclude_logs",
      "debug",
      "socket",
      "client_version",
      "config_reload_monitoring_period",
      "treat_warnings_as_errors",
    ),
    api: { url: value, tls: v2Tls },
  },
  dataplane: { status: values("poll_interval", "report_interval") },
  metrics: { ...values("bulk_size", "report_interval", "collection_interval", "mode"), backoff },
  ...values("tags", "features", "extensions", "display_name", "instance_group", "ignore_directives", "queue_size"),
  ...values("agent_id", "cloud_account", "dynamic_config_path"),
  advanced_metrics: {
    ...values("socket_path", "aggregation_period", "publishing_period"),
    table_sizes_limits: values(
      "staging_table_max_size",
      "staging_table_threshold",
      "priority_table_max_size",
      "priority_table_threshold",
    ),
  },
  nginx_app_protect: values("report_interval", "precompiled_publication"),
  nap_monitoring: values(
    "collector_buffer_size",
    "processor_buffer_size",
    "syslog_ip",
    "syslog_port",
    "report_interval",
    "report_count",
  ),
};

const tls = values("cert", "key", "ca", "server_name", "skip_verify");
const auth = values("token", "tokenpath");
const server: AgentKeys = {
  ...values("type", "host", "port"),
  proxy: { ...values("url", "no_proxy", "auth_method", "username", "password", "token", "timeout"), tls },
};
const command: AgentKeys = { server, auth, tls };
const pipelines: AgentKeys = { "*": values("receivers", "processors", "exporters") };
const attribute = values("key", "action", "value");
const watcher = values("monitoring_frequency");

/** Keys of agent 3: `internal/config/types.go` at v3.11.3. It does not start with any other. */
export const v3Keys: AgentKeys = {
  command,
  auxiliary_command: command,
  log: values("level", "path"),
  data_plane_config: {
    nginx: {
      ...values("exclude_logs", "reload_monitoring_period", "treat_warnings_as_errors"),
      reload_backoff: backoff,
      api: { ...values("url", "socket"), tls },
    },
  },
  client: {
    http: values("timeout"),
    grpc: {
      ...values(
        "response_timeout",
        "max_message_size",
        "max_message_receive_size",
        "max_message_send_size",
        "max_file_size",
        "file_chunk_size",
        "max_parallel_file_operations",
        "connection_reset_timeout",
      ),
      keepalive: values("timeout", "time", "permit_without_stream"),
    },
    backoff,
    file_download_timeout: value,
  },
  collector: {
    ...values("config_path", "additional_config_paths"),
    log: values("level", "path"),
    exporters: {
      debug: value,
      prometheus: { server, tls },
      otlp: { "*": { server, tls, ...values("compression", "authenticator") } },
    },
    extensions: {
      health: { server, tls, path: value },
      headers_setter: { headers: values("action", "key", "value", "default_value", "from_context", "file_path") },
    },
    processors: {
      attribute: { "*": { actions: attribute } },
      resource: { "*": { attributes: attribute } },
      batch: { "*": values("send_batch_size", "send_batch_max_size", "timeout") },
      securityviolationsfilter: { "*": value },
    },
    pipelines: { metrics: pipelines, logs: pipelines },
    receivers: {
      container_metrics: values("collection_interval"),
      host_metrics: {
        ...values("collection_interval", "initial_delay"),
        scrapers: values("cpu", "disk", "filesystem", "memory", "network"),
      },
      otlp: { "*": { server, auth, tls: { ...tls, generate_self_signed_cert: value } } },
      tcplog: { "*": { listen_address: value, operators: { type: value, fields: { "*": value } } } },
    },
  },
  watchers: {
    file_watcher: { ...watcher, exclude_files: value },
    instance_watcher: watcher,
    instance_health_watcher: watcher,
  },
  external_data_source: { proxy: values("url"), ...values("allowed_domains", "allowed_file_types", "max_bytes") },
  syslog_server: values("port"),
  labels: { "*": value },
  ...values("allowed_directories", "features"),
};
