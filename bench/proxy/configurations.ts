import { pbkdf2Sync, randomBytes } from "node:crypto";
import { join } from "node:path";

/** The DNS name in the broker's certificate. */
export const brokerName = "broker.example.com";

/**
 * One mosquitto behind all paths: a listener without and one with mutual TLS, the same password for both, and nothing that it may drop.
 * It sends each packet at once: waiting to fill a segment, it would wait 40 ms for acknowledgements and hide what a path costs.
 */
export function brokerConfiguration(folder: string, port: number, tlsPort: number): string {
  return `
user root
persistence false
log_type error
max_inflight_messages 0
max_queued_messages 0
set_tcp_nodelay true
allow_anonymous false
password_file ${join(folder, "passwords")}
listener ${port} 127.0.0.1
listener ${tlsPort} 127.0.0.1
cafile ${join(folder, "broker.ca")}
certfile ${join(folder, "broker.crt")}
keyfile ${join(folder, "broker.key")}
require_certificate true
`;
}

/** A line of mosquitto's password file; one round, so that connecting costs what the path costs. */
export function brokerPassword(username: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 1, 64, "sha512").toString("base64");
  return `${username}:$7$1$${salt.toString("base64")}$${hash}\n`;
}

/** NGINX that passes bytes on and knows nothing of MQTT, with as many workers, the same TLS settings and as many lines of log as the library renders. */
export function streamConfiguration(folder: string, port: number, brokerPort: number, tls: boolean): string {
  const brokerTls = `
    proxy_ssl on;
    proxy_ssl_protocols TLSv1.2 TLSv1.3;
    proxy_ssl_server_name on;
    proxy_ssl_name ${brokerName};
    proxy_ssl_verify on;
    proxy_ssl_verify_depth 3;
    proxy_ssl_trusted_certificate ${join(folder, "client.ca")};
    proxy_ssl_certificate ${join(folder, "client.crt")};
    proxy_ssl_certificate_key ${join(folder, "client.key")};`;
  return `
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
worker_processes 2;
worker_rlimit_nofile 16384;
pid ${join(folder, `${port}.pid`)};
error_log stderr notice;
events { worker_connections 4096; }
stream {
  log_format session escape=json '{"time":"$time_iso8601","client":"$remote_addr","protocol":"$protocol","broker":"$upstream_addr","status":$status,"bytes_received":$bytes_received,"bytes_sent":$bytes_sent,"session_time":$session_time}';
  access_log /dev/stdout session;
  upstream broker { zone broker 64k; server 127.0.0.1:${brokerPort}; }
  server {
    listen 127.0.0.1:${port};
    proxy_pass broker;${tls ? brokerTls : ""}
  }
}
`;
}

/** How HAProxy chooses the broker: without a look at the bytes, or by the client id. */
export interface HaproxyOptions {
  readsMqtt: boolean;
  tls: boolean;
}

/** HAProxy with as many threads as the NGINXes have workers, the same limits in time, and a line of log for each session. */
export function haproxyConfiguration(
  folder: string,
  port: number,
  brokerPort: number,
  { readsMqtt, tls }: HaproxyOptions,
): string {
  const byClientId = `
  tcp-request inspect-delay 10s
  tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }
  tcp-request content set-var(sess.client) req.payload(0,0),mqtt_field_value(connect,client_identifier)
  use_backend broker if { var(sess.client) -m found }`;
  const brokerTls = ` ssl verify required ca-file ${join(folder, "client.ca")} crt ${join(folder, "client.pem")} sni str(${brokerName}) verifyhost ${brokerName} ssl-min-ver TLSv1.2`;
  return `
global
  nbthread 2
  maxconn 8192
  log stdout format raw local0 info
defaults
  mode tcp
  log global
  option tcplog
  option clitcpka
  option srvtcpka
  timeout connect 5s
  timeout client 1800s
  timeout server 1800s
frontend mqtt
  bind 127.0.0.1:${port}${readsMqtt ? byClientId : "\n  default_backend broker"}
backend broker
  server broker 127.0.0.1:${brokerPort}${tls ? brokerTls : ""}
`;
}
