import type { NginxConfigNode } from "../../nginx";

/** A gRPC status (google.rpc.Code), and the statuses of NGINX that it stands for. */
interface GrpcError {
  name: string;
  status: number;
  from: number[];
}

// 494 to 497 are NGINX's own: header too large, a certificate that fails, none at all, HTTP on the port for HTTPS.
const grpcErrors: GrpcError[] = [
  { name: "internal", status: 13, from: [400, 405, 415, 426, 497, 500, 501] },
  { name: "unauthenticated", status: 16, from: [401, 495, 496] },
  { name: "permission_denied", status: 7, from: [403] },
  { name: "unimplemented", status: 12, from: [404] },
  { name: "deadline_exceeded", status: 4, from: [408] },
  { name: "resource_exhausted", status: 8, from: [413, 414, 494] },
  { name: "unavailable", status: 14, from: [429, 502, 503, 504] },
];

/** Errors of a server that only gRPC clients talk to, each as the gRPC status that it means; `headers` go with each. */
export function grpcErrorNodes(headers: NginxConfigNode[] = []): NginxConfigNode[] {
  return [
    ...grpcErrors.map(({ name, from }) => ({ name: "error_page", args: [...from.map(String), "=", `@grpc_${name}`] })),
    ...grpcErrors.map(({ name, status }) => ({
      name: "location",
      args: [`@grpc_${name}`],
      block: [...headers, ...grpcAnswer(name, status)],
    })),
  ];
}

/** The answer to a call that gets no further. Status 200: grpc-go takes any other for an error of HTTP, and looks no further. */
export function grpcAnswer(name: string, status: number): NginxConfigNode[] {
  return [
    { name: "default_type", args: ["application/grpc"] },
    { name: "add_header", args: ["grpc-status", `${status}`, "always"] },
    { name: "add_header", args: ["grpc-message", name, "always"] },
    { name: "return", args: ["200"] },
  ];
}
