import { type Argument, HostAction, type HostFileInput, resolveArguments } from "../../foundation";
import { hasHttp2Directive } from "../../nginx";
import type { InstanceManagerV1Front } from "../front";
import {
  type BackendLayout,
  backendTlsLayout,
  type FrontLayout,
  filesOfVersion1,
  frontHostFiles,
  frontNodes,
  hostFiles,
  managerPorts,
  resolveVersion1,
  upstreamNames,
} from "../front";
import { certificateFiles, hostNginxFiles, publicFile, type ResolvedHost, resolveHost } from "../host";
import type { SnippetOrigins } from "../snippets";
import { checkInstanceManagerV1Host } from "./host-checks";
import type { InstanceManagerV1HostArgs } from "./instance-manager-v1-host-args";
import { managerFile, managerFilePath } from "./manager-file";

const folder = "/etc/ssl/nginx-manager";

/** Files of the front; the names are the document's. */
const paths = hostFiles(folder, { certificate: "nginx-manager", agentCertificate: "public.grpc" });

/** Certificate of Instance Manager itself, which the front may not share. */
const managerCertificate = { certificate: `${folder}/server.crt`, key: `${folder}/server.key` };

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
    publicFile(host, managerFilePath, managerFile(manager, hostname, managerCertificate), restart),
    ...(certificate ? certificateFiles(host, managerCertificate, certificate, restart, group) : []),
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
  const { front, drainSeconds = 60 } = args;
  if (!front) return [];
  const configuration = {
    drainSeconds,
    ...filesOfVersion1(
      frontNodes(
        resolveVersion1(argument.field("front") as Argument<InstanceManagerV1Front>, hostLayout(args, host), origins),
      ),
    ),
  };
  return [
    ...hostNginxFiles(host, configuration, {
      origins,
      snippets: argument.field("front").field("snippets"),
      management: argument.field("host").field("management"),
    }),
    ...frontHostFiles(host, paths, {
      ...args,
      agentAuthorities: args.agentAuthoritiesPem,
      agentCrl: args.agentCrlPem,
      users: args.statusUsers,
      writers: args.statusWriters,
    }),
  ];
}

function hostLayout(args: InstanceManagerV1HostArgs, host: ResolvedHost): FrontLayout {
  const { front, manager = {}, upstreams = {}, backendTls, hostname = "" } = args;
  const { api, agents, status } = front!;
  const tls = backendTlsLayout(paths, backendTls, backendTls?.serverName ?? hostname);
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
    ...paths,
    agentCertificate: args.agentCertificate ? paths.agentCertificate : paths.certificate,
    users: args.statusUsers === undefined ? undefined : paths.users,
    writers: args.statusWriters === undefined ? undefined : paths.writers,
    grpc: backend("grpc"),
    gateway: backend("gateway"),
  };
}
