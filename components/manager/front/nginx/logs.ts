import { directive, jsonLogFormat, mapBlock, type NginxConfigNode, when } from "../../../nginx";
import type { AccessLog } from "../model";

/** Returns the access log of a block, if it has one of its own. */
export const accessLogNode = (log: AccessLog | undefined): NginxConfigNode[] =>
  when(log, ({ file, format }) => directive("access_log", file, format));

/** Log of the front of Instance Manager 2. Every value is in quotes, since any can be empty. A gRPC status is in the header of an answer without messages, otherwise in its trailer. */
export const managerLog = [
  jsonLogFormat("manager", {
    time: "$time_iso8601",
    client: "$remote_addr",
    server: "$server_name",
    request: "$request_method $uri",
    status: "$status",
    grpc_status: "$sent_http_grpc_status$sent_trailer_grpc_status",
    client_certificate: "$ssl_client_s_dn",
    client_verify: "$ssl_client_verify",
    upstream: "$upstream_addr",
    bytes_sent: "$bytes_sent",
    request_time: "$request_time",
  }),
];

/** Log of the agents of Instance Manager 1, with the fields of the document. */
export const grpcLog = [
  mapBlock("$upstream_trailer_grpc_status", "$grpc_status", [
    { default: true, value: "$upstream_trailer_grpc_status", variables: true },
    { exact: "", value: "$sent_http_grpc_status", variables: true },
  ]),
  jsonLogFormat("grpc_json", {
    timestamp: "$time_iso8601",
    client: "$remote_addr",
    uri: "$uri",
    "http-status": "$status",
    "grpc-status": "$grpc_status",
    upstream: "$upstream_addr",
    "client-certificate": "$ssl_client_s_dn",
    "client-verify": "$ssl_client_verify",
    "rx-bytes": "$request_length",
    "tx-bytes": "$bytes_sent",
  }),
];
