import { directive, jsonLogFormat, type NginxConfigNode } from "../../../nginx";

/** Blocks with servers. */
type LogContext = "http" | "stream";

/** An access log of one JSON object a line. */
export interface AccessLog {
  /** Name of the `log_format`. */
  format: string;
  /** Fields that do not depend on the block, by their names; values contain variables. */
  fields: Record<string, string>;
}

// NGINX rejects a request without client certificate before its first phase. So port, upstream and outbound peer are text of the format,
// not variables of `set`, and the client's address is that of the PROXY protocol: `$remote_addr` would still be 127.0.0.1.

/** Returns the log of an inbound port; `peer` is the SPIFFE ID of the client certificate. */
export const inboundLog = (context: LogContext, port: number): AccessLog => ({
  format: `mesh_inbound_${port}`,
  fields: {
    direction: "inbound",
    port: `${port}`,
    client: context === "http" ? "$proxy_protocol_addr" : "$remote_addr",
    peer: "$mesh_peer",
    tls: "$ssl_protocol",
  },
});

/** Returns the log of an outbound workload; `peer` is the SPIFFE ID of the workload whose certificate is required. */
export const outboundLog = (name: string, peer: string): AccessLog => ({
  format: `mesh_outbound_${name}`,
  fields: { direction: "outbound", upstream: name, address: "$upstream_addr", peer },
});

/** Returns the log of requests to undeclared hosts on an outbound port. */
export const misdirectedLog = (port: number): AccessLog => ({
  ...outboundLog(`${port}`, ""),
  format: `mesh_misdirected_${port}`,
});

const contextFields = {
  http: {
    request: "$request_method $uri",
    status: "$status",
    bytes_sent: "$bytes_sent",
    request_time: "$request_time",
  },
  stream: {
    status: "$status",
    bytes_received: "$bytes_received",
    bytes_sent: "$bytes_sent",
    session_time: "$session_time",
  },
};

/** Returns the `log_format` of a log, in the `http` or `stream` block. */
export const logFormat = (context: LogContext, { format, fields }: AccessLog): NginxConfigNode =>
  jsonLogFormat(format, { time: "$time_iso8601", ...fields, ...contextFields[context] });

/** Returns the directive by which a server writes to a log. */
export const accessLog = ({ format }: AccessLog): NginxConfigNode => directive("access_log", "/dev/stdout", format);
