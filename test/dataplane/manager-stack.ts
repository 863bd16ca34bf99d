import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { Certificate, CertificateAuthority, CertificateUsage, TrustedCertificates } from "../../components";
import type { InstanceManagerProxyArgs } from "../../components/manager";
import { InstanceManagerProxy } from "../../components/manager";
import { type KubernetesObject, manifests, record } from "../../engine";
import { data } from "../../loopback/pod";
import { nginxImage, nginxVersion } from "./nginx-version";

export const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };

/** What Debian has, for the loopback: its NGINX is older than the directive `http2`. */
const image = nginxImage;

/** PEM texts of one Secret. */
export interface Pems {
  certificate: string;
  key: string;
  roots: string;
}

/** The certificates of a stack, by the name of their component. */
export type Certificates = Record<
  "server" | "agent" | "stranger" | "proxy" | "apigw" | "dpm" | "ingestion" | "impostor",
  Pems
>;

/** Arguments that need components of their own, in this namespace. */
type ArgumentsIn = (namespace: string) => Partial<InstanceManagerProxyArgs>;

export interface RenderedManager {
  objects: KubernetesObject[];
  certificates: Certificates;
}

/**
 * Renders a proxy and every certificate around it, in the open-source edition: what loopback can run. Runs with the same `stateFolder` have the
 * same certificates.
 */
export async function renderManager(
  given: Partial<InstanceManagerProxyArgs> | ArgumentsIn,
  stateFolder?: string,
): Promise<RenderedManager> {
  const namespace = "nim";
  const run = await record(
    () => {
      const args = typeof given === "function" ? given(namespace) : given;
      const authority = (name: string) => new CertificateAuthority(name, { subject: { commonName: name } });
      const [agents, internal, strangers] = ["agents", "internal", "strangers"].map(authority);
      const certificate = (name: string, issuer: CertificateAuthority, usage: CertificateUsage, dnsNames?: string[]) =>
        new Certificate(name, { namespace, issuer, usage, subject: { commonName: name }, dnsNames });
      const { server, client } = CertificateUsage;
      for (const part of ["apigw", "dpm", "ingestion"]) certificate(part, internal!, server, [part]);
      // Of the right authority, for another name.
      certificate("impostor", internal!, server, ["ingestion-grpc-service"]);
      certificate("agent", agents!, client);
      certificate("stranger", strangers!, client);
      const own = certificate("proxy", internal!, client);
      // The agents' authority signs the server's certificate too: what keeps it from being an agent is its usage.
      const front = certificate("server", agents!, server, Object.values(hostname));
      new InstanceManagerProxy("nim", {
        namespace,
        edition: "oss",
        openSourceVersion: nginxVersion,
        hostname,
        certificate: front,
        ...(args.agents?.mtls !== "off" &&
          !args.agentAuthorities && {
            agentAuthorities: new TrustedCertificates("agents-trust", { namespace, certificatesPem: agents!.bundle }),
          }),
        ...(!args.unsafePlainBackends && {
          backendTls: {
            trustedCertificates: new TrustedCertificates("backend-trust", {
              namespace,
              certificatesPem: internal!.bundle,
            }),
            clientCertificate: own,
          },
        }),
        ...args,
        pods: { image, ...args.pods },
      });
    },
    stateFolder === undefined ? {} : { stateFolder },
  );
  const objects = manifests(run, { secrets: "show" });
  const pems = (name: string): Pems => {
    const secret = objects.find(
      ({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(`${name}-secret-`),
    )!;
    const { "tls.crt": crt, "tls.key": key, "ca.crt": roots } = data(secret);
    return { certificate: `${crt}`, key: `${key}`, roots: `${roots}` };
  };
  const names = ["server", "agent", "stranger", "proxy", "apigw", "dpm", "ingestion", "impostor"] as const;
  return { objects, certificates: Object.fromEntries(names.map((name) => [name, pems(name)])) as Certificates };
}

const bytes = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };

const method = (path: string, streams: boolean): grpc.MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: streams,
  responseStream: streams,
  requestSerialize: bytes.serialize,
  requestDeserialize: bytes.deserialize,
  responseSerialize: bytes.serialize,
  responseDeserialize: bytes.deserialize,
});

export const methods = {
  channel: "/f5.nginx.agent.sdk.Commander/CommandChannel",
  download: "/f5.nginx.agent.sdk.Commander/Download",
  stream: "/f5.nginx.agent.sdk.MetricsService/Stream",
};

/** A gRPC server as dpm and ingestion are, on a port or a socket (`unix:…`): it answers with its name, echoes streams, and can fail with a status of its own. */
export interface GrpcBackend {
  port: number;
  calls: string[];
  stop(): void;
}

export async function grpcBackend(name: string, own?: Pems, port: number | string = 0): Promise<GrpcBackend> {
  const server = new grpc.Server();
  const calls: string[] = [];
  const unary: grpc.handleUnaryCall<Buffer, Buffer> = ({ request }, callback) => {
    calls.push(`${request}`);
    if (`${request}` === "fail") callback({ code: grpc.status.FAILED_PRECONDITION, details: "not now" });
    else callback(null, Buffer.from(name));
  };
  const echo: grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    calls.push("stream");
    call.on("data", (message: Buffer) => call.write(Buffer.from(`${message.length}`)));
    call.on("end", () => call.end());
    call.on("error", () => undefined);
  };
  server.addService(
    {
      channel: method(methods.channel, true),
      download: method(methods.download, false),
      stream: method(methods.stream, false),
    },
    { channel: echo, download: unary, stream: unary },
  );
  const credentials = own
    ? grpc.ServerCredentials.createSsl(
        Buffer.from(own.roots),
        [{ cert_chain: Buffer.from(own.certificate), private_key: Buffer.from(own.key) }],
        true,
      )
    : grpc.ServerCredentials.createInsecure();
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(typeof port === "string" ? port : `127.0.0.1:${port}`, credentials, (error, number) =>
      error ? reject(error) : resolve(number),
    ),
  );
  return { port: bound, calls, stop: () => server.forceShutdown() };
}

/** The chart's gateway: HTTPS that wants a client certificate, and says what it was asked. */
export async function gateway(own: Pems, port: number): Promise<{ paths: string[]; server: HttpsServer }> {
  const paths: string[] = [];
  const options = { cert: own.certificate, key: own.key, ca: own.roots, requestCert: true, rejectUnauthorized: true };
  const server = createHttpsServer(options, (request, response) => {
    paths.push(request.url!);
    // The chart's own header, with its misspelling.
    response.setHeader("Strict-Transport-Security", "max-agent=31536000; includeSubDomains");
    response.end(JSON.stringify({ host: request.headers.host, proto: request.headers["x-forwarded-proto"] }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { paths, server };
}

/** A free port: connections to it are refused. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
