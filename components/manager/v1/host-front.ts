import type { HostFileInput, Refuser } from "../../foundation";
import { HostAction } from "../../foundation";
import { Edition } from "../../nginx";
import { hasHttp2Directive } from "../../nginx/open-source-version";
import { certificateFiles, hostNginxFiles, keptFile, openFile } from "../host/nginx";
import type { BackendPlace } from "../proxy/place";
import { frontNodes } from "./front";
import type { InstanceManagerV1HostArgs } from "./instance-manager-v1-host-args";
import { managerFile, managerFilePath, managerPorts } from "./manager-file";
import { type FrontPlace, upstreamNames } from "./place";

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

/** The files of Instance Manager itself. */
export function managerFiles({ host, manager = {}, hostname }: InstanceManagerV1HostArgs): HostFileInput[] {
  const { certificate, group = "root", systemAuthorityPem } = manager;
  const restart = HostAction.restartManager;
  return [
    openFile(host, managerFilePath, managerFile(manager, hostname, paths.manager), restart),
    ...(certificate ? certificateFiles(host, paths.manager, certificate, restart, group) : []),
    ...(systemAuthorityPem === undefined
      ? []
      : [openFile(host, "nginx-manager-agents.crt", systemAuthorityPem, HostAction.trust)]),
  ];
}

/** The files of the NGINX in front of it. */
export function frontFiles(args: InstanceManagerV1HostArgs, refuse: Refuser): HostFileInput[] {
  const { host, front, certificate, agentCertificate, agentAuthoritiesPem, agentCrlPem, backendTls } = args;
  if (!front) return [];
  // NGINX's workers read password files, without root's rights.
  const group = host.user ?? "nginx";
  return [
    ...hostNginxFiles(host, { drainSeconds: args.drainSeconds ?? 60, ...frontNodes(front, hostPlace(args)) }, refuse),
    ...(certificate ? certificateFiles(host, paths.front, certificate) : []),
    ...(agentCertificate ? certificateFiles(host, paths.agents, agentCertificate) : []),
    ...(agentAuthoritiesPem === undefined ? [] : [openFile(host, paths.agentAuthorities, agentAuthoritiesPem)]),
    ...(agentCrlPem === undefined ? [] : [openFile(host, paths.agentCrl, agentCrlPem)]),
    ...(backendTls ? [openFile(host, paths.backendAuthorities, backendTls.authoritiesPem)] : []),
    ...(backendTls?.clientCertificate ? certificateFiles(host, paths.client, backendTls.clientCertificate) : []),
    ...(["users", "writers"] as const).flatMap((kind) => {
      const content = kind === "users" ? args.statusUsers : args.statusWriters;
      return content === undefined ? [] : [keptFile(host, paths[kind], content, HostAction.reloadNginx, group)];
    }),
  ];
}

function hostPlace(args: InstanceManagerV1HostArgs): FrontPlace {
  const { host, front, manager = {}, upstreams = {}, backendTls, hostname } = args;
  const { edition = Edition.plus, openSourceVersion } = host;
  const { api, agents, status } = front!;
  const tls = backendTls && {
    serverName: backendTls.serverName ?? hostname,
    verifyDepth: backendTls.verifyDepth ?? 2,
    authorities: paths.backendAuthorities,
    ...(backendTls.clientCertificate && { certificate: paths.client }),
  };
  const backend = (part: "grpc" | "gateway"): BackendPlace => ({
    upstream: upstreamNames[part],
    address: upstreams[part] ?? `127.0.0.1:${manager[`${part}Port`] ?? managerPorts[part]}`,
    tls,
  });
  return {
    hostname,
    http2Directive: hasHttp2Directive(edition, openSourceVersion),
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
