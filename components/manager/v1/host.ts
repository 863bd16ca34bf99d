import { type Argument, HostAction, type HostFileInput, resolveArguments } from "../../foundation";
import { hasHttp2Directive } from "../../nginx";
import { type BackendLayout, frontNodes, type SnippetOrigins } from "../front";
import { certificateFiles, hostNginxFiles, publicFile, type ResolvedHost, resolveHost, secretFile } from "../host";
import { filesOfVersion1, resolveVersion1 } from "./front";
import type { InstanceManagerV1Front } from "./front-options";
import { checkInstanceManagerV1Host } from "./host-checks";
import type { InstanceManagerV1HostArgs } from "./instance-manager-v1-host-args";
import { type FrontLayout, upstreamNames } from "./layout";
import { managerFile, managerFilePath, managerPorts } from "./manager-file";

const folder = "/etc/ssl/nginx-manager";
const pair = (name: string) => ({ certificate: `${folder}/${name}.crt`, key: `${folder}/${name}.key` });

/** Files with certificates. The manager's own, which the front may not share, is `server`, as the document has it there. */
const paths = {
  manager: pair("server"),
  front: pair("nginx-manager"),
  agents: pair("public.grpc"),
  client: pair("backend-client"),
  agentAuthorities: `${folder}/ca.pem`,
  agentCrl: `${folder}/ca.crl`,
  backendAuthorities: `${folder}/backend-ca.pem`,
  users: "/etc/nginx/users",
  writers: "/etc/nginx/admins",
};

/** An InstanceManagerV1Host as it will be made. */
export interface ResolvedV1Host {
  host: ResolvedHost;
  agentPort: number;
  files: HostFileInput[];
  /** Arguments for the state. */
  recorded: object;
}

/** Applies the rules of an InstanceManagerV1Host, and prints its files. */
export function resolveInstanceManagerV1Host(name: string, args: InstanceManagerV1HostArgs): ResolvedV1Host {
  return resolveArguments("InstanceManagerV1Host", name, "InstanceManagerV1HostArgs", args, (argument) => {
    const { hostname, front, manager } = argument.value;
    const host = resolveHost(argument.field("host"));
    const origins = checkInstanceManagerV1Host(argument, host);
    const { name: machine, edition, release, openSourceVersion } = host;
    return {
      host,
      agentPort: front?.agents ? (front.agents.port ?? 10_443) : (manager?.grpcPort ?? managerPorts.grpc),
      files: [...managerFiles(argument.value), ...frontFiles(argument, host, origins)],
      recorded: { hostname, host: { name: machine, ...(front && { edition, release, openSourceVersion }) }, front },
    };
  });
}

/** Returns the files of Instance Manager itself. */
function managerFiles({ host, manager = {}, hostname = "" }: InstanceManagerV1HostArgs): HostFileInput[] {
  const { certificate, group = "root", systemAuthorityPem } = manager;
  const restart = HostAction.restartManager;
  return [
    publicFile(host, managerFilePath, managerFile(manager, hostname, paths.manager), restart),
    ...(certificate ? certificateFiles(host, paths.manager, certificate, restart, group) : []),
    ...(systemAuthorityPem === undefined
      ? []
      : [publicFile(host, "nginx-manager-agents.crt", systemAuthorityPem, HostAction.trust)]),
  ];
}

/** Returns the files of the NGINX in front of it. */
function frontFiles(
  argument: Argument<InstanceManagerV1HostArgs>,
  host: ResolvedHost,
  origins: SnippetOrigins,
): HostFileInput[] {
  const { value: args } = argument;
  const { front, certificate, agentCertificate, agentAuthoritiesPem, agentCrlPem, backendTls } = args;
  if (!front) return [];
  const { drainSeconds = 60 } = args;
  const configuration = {
    drainSeconds,
    ...filesOfVersion1(
      frontNodes(
        resolveVersion1(argument.field("front") as Argument<InstanceManagerV1Front>, hostLayout(args, host), origins),
      ),
    ),
  };
  // NGINX's workers read password files, without root's rights.
  const group = host.user;
  return [
    ...hostNginxFiles(host, configuration, {
      origins,
      snippets: argument.field("front").field("snippets"),
      management: argument.field("host").field("management"),
    }),
    ...(certificate ? certificateFiles(host, paths.front, certificate) : []),
    ...(agentCertificate ? certificateFiles(host, paths.agents, agentCertificate) : []),
    ...(agentAuthoritiesPem === undefined ? [] : [publicFile(host, paths.agentAuthorities, agentAuthoritiesPem)]),
    ...(agentCrlPem === undefined ? [] : [publicFile(host, paths.agentCrl, agentCrlPem)]),
    ...(backendTls ? [publicFile(host, paths.backendAuthorities, backendTls.trustedCertificatesPem)] : []),
    ...(backendTls?.clientCertificate ? certificateFiles(host, paths.client, backendTls.clientCertificate) : []),
    ...(["users", "writers"] as const).flatMap((kind) => {
      const content = kind === "users" ? args.statusUsers : args.statusWriters;
      return content === undefined ? [] : [secretFile(host, paths[kind], content, HostAction.reloadNginx, group)];
    }),
  ];
}

function hostLayout(args: InstanceManagerV1HostArgs, host: ResolvedHost): FrontLayout {
  const { front, manager = {}, upstreams = {}, backendTls, hostname = "" } = args;
  const { api, agents, status } = front!;
  const tls = backendTls && {
    serverName: backendTls.serverName ?? hostname,
    verifyDepth: backendTls.verifyDepth ?? 2,
    authorities: paths.backendAuthorities,
    ...(backendTls.clientCertificate && { certificate: paths.client }),
  };
  const backend = (part: "grpc" | "gateway"): BackendLayout => ({
    upstream: upstreamNames[part],
    address: upstreams[part] ?? `127.0.0.1:${manager[`${part}Port`] ?? managerPorts[part]}`,
    tls,
  });
  return {
    hostname,
    http2Directive: hasHttp2Directive(host.edition, host.openSourceVersion),
    ports: { api: api?.port ?? 443, redirect: api?.redirectPort ?? 88, agents: agents?.port ?? 10_443 },
    status: { address: status?.address ?? "127.0.0.1", port: status?.port ?? 8080 },
    agentLog: "/var/log/nginx/grpc-access.log",
    certificate: paths.front,
    agentCertificate: args.agentCertificate ? paths.agents : paths.front,
    agentAuthorities: paths.agentAuthorities,
    agentCrl: paths.agentCrl,
    ...(args.statusUsers !== undefined && { users: paths.users }),
    ...(args.statusWriters !== undefined && { writers: paths.writers }),
    grpc: backend("grpc"),
    gateway: backend("gateway"),
  };
}
