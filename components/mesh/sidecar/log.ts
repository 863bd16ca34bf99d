import type { NginxConfigNode } from "../../nginx";
import { directive, evaluated } from "./nodes";

const time = { time: "$time_iso8601" };
const http = {
  request: "$request_method $uri",
  status: "$status",
  bytes_sent: "$bytes_sent",
  request_time: "$request_time",
};
const stream = {
  status: "$status",
  bytes_received: "$bytes_received",
  bytes_sent: "$bytes_sent",
  session_time: "$session_time",
};

// One JSON object a line. Who called is what its certificate says; who was called is whom the certificate there had to name.
const inbound = {
  direction: "inbound",
  port: "$mesh_service",
  client: "$remote_addr",
  peer: "$mesh_peer",
  tls: "$ssl_protocol",
};
const outbound = {
  direction: "outbound",
  upstream: "$mesh_service",
  address: "$upstream_addr",
  peer: "$mesh_expected_peer",
};

const format = (name: string, fields: Record<string, string>): NginxConfigNode =>
  evaluated(
    "log_format",
    name,
    "escape=json",
    `{${Object.entries(fields)
      .map(([field, value]) => `"${field}":"${value}"`)
      .join(",")}}`,
  );

const formats = {
  http: [
    format("mesh_inbound", { ...time, ...inbound, ...http }),
    format("mesh_outbound", { ...time, ...outbound, ...http }),
  ],
  stream: [
    format("mesh_inbound", { ...time, ...inbound, ...stream }),
    format("mesh_outbound", { ...time, ...outbound, ...stream }),
  ],
};

/** The formats in which these servers of a block log. NGINX refuses one whose variables nobody sets. */
export const formatsOf = (context: "http" | "stream", nodes: NginxConfigNode[]): NginxConfigNode[] =>
  formats[context].filter(({ args }) =>
    nodes.some(({ block = [] }) => block.some((node) => node.name === "access_log" && node.args?.[1] === args?.[0])),
  );

/** Logs what a server does for a port, or for an outbound workload. */
export const logged = (direction: "inbound" | "outbound", service: string, expectedPeer = ""): NginxConfigNode[] => [
  directive("access_log", "/dev/stdout", `mesh_${direction}`),
  evaluated("set", "$mesh_service", service),
  ...(direction === "outbound" ? [evaluated("set", "$mesh_expected_peer", expectedPeer)] : []),
];
