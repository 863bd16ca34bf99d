/** New names of keys of another agent's file, by the old ones; "" where this agent has no such key. The longest beginning of a path counts. */
export type RenamedKeys = Record<string, string>;

/** Keys of agent 2, and of 1 where they differ, by what they became in agent 3. */
export const becameInV3: RenamedKeys = {
  server: "command.server",
  "server.host": "command.server.host",
  "server.grpcPort": "command.server.port",
  "server.token": "command.auth.token",
  "server.metrics": "command.tls.server_name",
  "server.command": "command.tls.server_name",
  "server.backoff": "client.backoff",
  tls: "command.tls",
  "tls.enable": "",
  "tls.cert": "command.tls.cert",
  "tls.key": "command.tls.key",
  "tls.ca": "command.tls.ca",
  "tls.skip_verify": "command.tls.skip_verify",
  nginx: "data_plane_config.nginx",
  "nginx.exclude_logs": "data_plane_config.nginx.exclude_logs, a list of regular expressions",
  "nginx.config_reload_monitoring_period": "data_plane_config.nginx.reload_monitoring_period",
  "nginx.treat_warnings_as_errors": "data_plane_config.nginx.treat_warnings_as_errors",
  "nginx.api": "data_plane_config.nginx.api",
  "nginx.plus_api": "data_plane_config.nginx.api.url",
  "nginx.stub_status": "data_plane_config.nginx.api.url",
  "nginx.bin_path": "",
  "nginx.debug": "",
  "nginx.socket": "",
  "nginx.client_version": "",
  config_dirs: "allowed_directories, a list",
  dataplane: "watchers",
  "dataplane.status.poll_interval": "watchers.instance_watcher.monitoring_frequency",
  "dataplane.status.report_interval": "",
  "dataplane.sync": "",
  metrics: "collector",
  "metrics.bulk_size": "collector.processors.batch.default_metrics.send_batch_size",
  "metrics.collection_interval": "collector.receivers.host_metrics.collection_interval",
  "metrics.report_interval": "collector.processors.batch.default_metrics.timeout",
  "metrics.mode": "",
  "metrics.backoff": "client.backoff",
  metadata: "labels",
  tags: "labels",
  instance_group: "labels.config-sync-group",
  display_name: "",
  api: "",
  extensions: "",
  ignore_directives: "",
  queue_size: "",
  advanced_metrics: "",
  nginx_app_protect: "",
  nap_monitoring: "",
};

/** Keys of agent 3, and of 1 where they differ, by what they are in agent 2. */
export const calledInV2: RenamedKeys = {
  command: "server",
  "command.server.host": "server.host",
  "command.server.port": "server.grpcPort",
  "command.auth.token": "server.token",
  "command.auth.tokenpath": "",
  "command.tls": "tls",
  "command.tls.server_name": "server.command",
  auxiliary_command: "",
  allowed_directories: "config_dirs, joined by colons",
  data_plane_config: "nginx",
  "data_plane_config.nginx.api.socket": "",
  "data_plane_config.nginx.reload_monitoring_period": "nginx.config_reload_monitoring_period",
  watchers: "dataplane.status.poll_interval",
  collector: "metrics",
  client: "server.backoff",
  labels: "tags",
  syslog_server: "nap_monitoring",
  external_data_source: "",
  "nginx.plus_api": "nginx.api.url",
  "nginx.stub_status": "nginx.api.url",
  "nginx.bin_path": "",
  metadata: "tags",
  "dataplane.sync": "",
};

/** Returns the new name of a key, by the longest beginning of its path that is listed. */
export function renamedKey(keys: RenamedKeys, path: string): string | undefined {
  const beginnings = path.split(".").map((_, index, parts) => parts.slice(0, parts.length - index).join("."));
  const listed = beginnings.find((beginning) => Object.keys(keys).includes(beginning));
  return listed === undefined ? undefined : keys[listed];
}
