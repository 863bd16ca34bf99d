import type { NginxAgentV1, NginxAgentV2, NginxAgentV3 } from "../../../components/manager/agent";

const hostname = "nginx-manager.example.com";
const certificate = (folder: string) => ({
  clientCertificate: { certificatePath: `${folder}/agent.crt`, keyPath: `${folder}/agent.key` },
  trustedCertificatesPath: `${folder}/ca.pem`,
});

/** Row B18: the three files of the document for agent 1, the third with its folders. */
export const v1 = (port: number, configDirectories?: string[]): NginxAgentV1 => ({
  hostname,
  port,
  tls: certificate("/etc/ssl/nginx-manager"),
  log: { level: "info", path: "/var/log/nginx-agent/" },
  location: "unspecified",
  configDirectories,
  nginx: {
    binaryPath: "/usr/sbin/nginx",
    stubStatusUrl: "http://localhost:8080/nginx_status",
    plusApiUrl: "http://localhost:8080/api",
  },
});

/** Row A6: the document's file for agent 2, without what that agent ignores. */
export const v2: NginxAgentV2 = {
  hostname,
  tls: certificate("/etc/nms/certs"),
  log: { level: "info", path: "/var/log/nginx-agent/" },
  excludeLogs: [],
  statusPollInterval: "30s",
  metrics: { reportInterval: "1m", collectionInterval: "15s", mode: "aggregated" },
  configDirectories: ["/etc/nginx", "/usr/local/etc/nginx"],
  settings: { metrics: { bulk_size: 20 } },
};

/** The same for NGINX One, which agent 3 is of. */
export const v3: NginxAgentV3 = {
  hostname: "agent.connect.nginx.com",
  tokenPath: "/etc/nginx-agent/token",
  tls: certificate("/etc/nginx-agent/certs"),
  log: { level: "info", path: "/var/log/nginx-agent/" },
  allowedDirectories: ["/etc/nginx", "/usr/local/etc/nginx"],
  excludeLogs: ["^/var/log/nginx/health"],
  features: ["configuration", "certificates", "metrics"],
  labels: { "config-sync-group": "edge", rack: "12" },
  auxiliary: { hostname: "watch.example.com", port: 8443 },
  settings: {
    watchers: { instance_watcher: { monitoring_frequency: "30s" } },
    collector: { processors: { batch: { default_metrics: { send_batch_size: 500 } } } },
    data_plane_config: { nginx: { api: { url: "http://localhost:8080/api" } } },
  },
};
