import { block, directive, flat, type NginxConfigNode } from "../../../nginx";

/** A gRPC status (google.rpc.Code), and the HTTP statuses of NGINX that become it. */
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

/** Returns the error pages of a server for gRPC clients: each HTTP error becomes a gRPC status, with `headers` beside it. */
export const grpcErrorNodes = (headers: NginxConfigNode[] = []): NginxConfigNode[] =>
  flat([
    grpcErrors.map(({ name, from }) => directive("error_page", ...from.map(String), "=", `@grpc_${name}`)),
    grpcErrors.map(({ name, status }) => block("location", [`@grpc_${name}`], [headers, grpcAnswer(name, status)])),
  ]);

/** Returns the answer to a rejected call. Its HTTP status is 200: grpc-go reads the gRPC status only then. */
export const grpcAnswer = (name: string, status: number): NginxConfigNode[] => [
  directive("default_type", "application/grpc"),
  header("grpc-status", `${status}`),
  header("grpc-message", name),
  directive("return", "200"),
];

/** Returns a header of every answer, of errors too. */
export const header = (name: string, value: string): NginxConfigNode => directive("add_header", name, value, "always");
