import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Certificate, CertificateAuthority, type CertificateUsage } from "../../components";
import type { InstanceManagerHostProxyArgs } from "../../components/manager";
import { InstanceManagerHostProxy } from "../../components/manager";
import { type RunResult, record, reveal } from "../../engine";
import { type GrpcBackend, grpcBackend, hostname, type Pems } from "./manager-stack";
import { nginxVersion } from "./nginx-version";

export const host = "manager";

/** The certificates around a host's proxy, by name. */
export type HostCertificates = Record<
  "server" | "agent" | "other" | "stranger" | "proxy" | "dpm" | "ingestion" | "impostor",
  Pems
>;

/** What a program may use for the arguments of its proxy. */
export interface HostParts {
  agents: CertificateAuthority;
  internal: CertificateAuthority;
  certificate: Record<keyof HostCertificates, Certificate>;
}

export interface RenderedHostManager {
  run: RunResult;
  certificates: HostCertificates;
  /** The agents' authority. */
  authority: { certificate: string; key: string };
}

/** Renders the proxy of a host with Debian's NGINX, and every certificate around it; runs with the same `stateFolder` have the same ones. */
export async function renderHostManager(
  stateFolder: string,
  more: (parts: HostParts) => Partial<InstanceManagerHostProxyArgs>,
): Promise<RenderedHostManager> {
  const run = await record(
    () => {
      const authority = (name: string) => new CertificateAuthority(name, { subject: { commonName: name } });
      const [agents, internal, strangers] = ["agents", "internal", "strangers"].map(authority) as [
        CertificateAuthority,
        CertificateAuthority,
        CertificateAuthority,
      ];
      const made = (name: string, issuer: CertificateAuthority, usage: CertificateUsage, dnsNames?: string[]) =>
        new Certificate(name, { forHosts: true, issuer, usage, subject: { commonName: name }, dnsNames });
      const certificate: HostParts["certificate"] = {
        server: made("server", agents, "server", Object.values(hostname)),
        agent: made("agent", agents, "client"),
        other: made("other", agents, "client"),
        stranger: made("stranger", strangers, "client"),
        proxy: made("proxy", internal, "client"),
        dpm: made("dpm", internal, "server", ["dpm.nim.example.com"]),
        ingestion: made("ingestion", internal, "server", ["ingestion.nim.example.com"]),
        impostor: made("impostor", internal, "server", ["elsewhere.example.com"]),
      };
      new InstanceManagerHostProxy("front", {
        host: { name: host, edition: "oss", openSourceVersion: nginxVersion, user: "www-data" },
        hostname,
        certificate: certificate.server,
        agentAuthorities: { certificatesPem: agents.bundle },
        ...more({ agents, internal, certificate }),
      });
      const pems = Object.entries(certificate).map(([name, { chainPem, privateKeyPem }]) => {
        const issuer = /dpm|ingestion|impostor|proxy/.test(name) ? internal : agents;
        return [name, { certificate: chainPem, key: privateKeyPem, roots: issuer.bundle }];
      });
      return {
        certificates: Object.fromEntries(pems),
        authority: { certificate: agents.certificatePem, key: agents.privateKeyPem },
      };
    },
    { stateFolder },
  );
  return { run, ...(reveal(run.outputs) as unknown as Omit<RenderedHostManager, "run">) };
}

/** Instance Manager's packages on this machine: agents' services and the gateway, each on a socket that NGINX may open. */
export interface PackagedManager {
  sockets: Record<string, string>;
  dpm: GrpcBackend;
  ingestion: GrpcBackend;
  /** What the gateway was asked. */
  requests: string[];
  stop(): void;
}

export const gatewaySocket = "/var/run/nms/gateway.sock";

export async function packagedManager(): Promise<PackagedManager> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-nms-"));
  chmodSync(folder, 0o755);
  const at = (name: string) => join(folder, `${name}.sock`);
  const dpm = await grpcBackend("dpm", undefined, `unix:${at("am")}`);
  const ingestion = await grpcBackend("ingestion", undefined, `unix:${at("ingestion")}`);
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.headers.host}${request.url}`);
    response.end("gateway");
  });
  await new Promise<void>((resolve) => server.listen(at("gateway"), resolve));
  for (const name of ["am", "ingestion", "gateway"]) chmodSync(at(name), 0o666);
  return {
    sockets: Object.fromEntries(["am", "ingestion", "gateway"].map((name) => [`/var/run/nms/${name}.sock`, at(name)])),
    ...{ dpm, ingestion, requests },
    stop: () => {
      dpm.stop();
      ingestion.stop();
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}
