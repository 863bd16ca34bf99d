import { spawn } from "node:child_process";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { longestWaitSeconds } from "../cluster/until";
import { goMissing, goPrograms } from "../go";

/** One unary call through TLS. */
export interface GrpcCall {
  port: number;
  /** Sent as SNI, and verified. */
  serverName: string;
  /** The `:authority` of the request. @default serverName */
  authority?: string;
  roots: string;
  certificate?: string;
  key?: string;
  method: string;
  message?: string;
}

/** What a client saw: `code` is a google.rpc.Code. */
export interface GrpcResult {
  code: number;
  message: string;
  reply: string;
}

export type GrpcClient = (call: GrpcCall) => Promise<GrpcResult>;

const same = (value: Buffer) => value;

/** A grpc-js client with the identity of a call. */
export function grpcJsClient({ port, serverName, authority, roots, certificate, key }: GrpcCall): grpc.Client {
  const [trusted, ownKey, own] = [roots, key, certificate].map((pem) => (pem === undefined ? null : Buffer.from(pem)));
  return new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createSsl(trusted, ownKey, own), {
    "grpc.ssl_target_name_override": serverName,
    "grpc.default_authority": authority ?? serverName,
    "grpc.use_local_subchannel_pool": 1,
  });
}

const grpcJs: GrpcClient = (call) => {
  const client = grpcJsClient(call);
  return new Promise<GrpcResult>((resolve) =>
    client.makeUnaryRequest(
      call.method,
      same,
      same,
      Buffer.from(call.message ?? ""),
      { deadline: Date.now() + longestWaitSeconds * 1000 },
      (error, reply) => resolve({ code: error?.code ?? 0, message: error?.details ?? "", reply: `${reply ?? ""}` }),
    ),
  ).finally(() => client.close());
};

/** grpc-go, which agents are made with, is stricter with what is no gRPC. */
const grpcGo: GrpcClient = ({ port, ...call }) =>
  new Promise((resolve, reject) => {
    const program = spawn(join(goPrograms("grpc"), "grpc"), { stdio: ["pipe", "pipe", "pipe"] });
    let [output, errors] = ["", ""];
    program.stdout.on("data", (data) => (output += data));
    program.stderr.on("data", (data) => (errors += data));
    program.on("error", reject);
    program.on("close", (status) =>
      status === 0 ? resolve(JSON.parse(output)) : reject(new Error(`grpc-go: ${errors}`)),
    );
    program.stdin.end(JSON.stringify({ address: `127.0.0.1:${port}`, ...call }));
  });

const missing = goMissing();

/** Builds what the clients need, before a test's time runs. */
export function prepareGrpcClients(): void {
  if (missing === undefined) goPrograms("grpc");
}

/** The clients that can run here, with their tests' names; one that cannot says why. */
export const grpcClients: [name: string, client: GrpcClient, missing?: string][] = [
  ["grpc-js", grpcJs],
  [missing === undefined ? "grpc-go" : `grpc-go (${missing})`, grpcGo, missing],
];
