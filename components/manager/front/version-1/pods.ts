import { type Argument, mapInput, resolveArguments } from "../../../foundation";
import { Edition, hasHttp2Directive, type ResolvedNginx } from "../../../nginx";
import { checkBackendName, checkSecretCertificate, checkTlsOrPlain } from "../../certificate-checks";
import { checkServerName } from "../../hostname";
import type { SnippetOrigins } from "../../snippets";
import { backendTlsLayout, podFiles } from "../files";
import type { BackendLayout } from "../model";
import { frontNodes } from "../nginx";
import { type PodPort, resolvePods } from "../pods";
import { checkHostOrAddress } from "../version-2";
import { checkFront, connectsByHttp } from "./checks";
import { filesOfVersion1, resolveVersion1 } from "./front";
import { AgentPublication } from "./front-options";
import type { InstanceManagerV1ProxyArgs } from "./instance-manager-v1-proxy-args";
import { type FrontLayout, managerPorts, upstreamNames } from "./layout";

/** Ports that the pods listen on: from 1024, and beside the port for probes. */
const podPorts = { api: 8443, redirect: 8088, agents: 10_443, status: 8081 };

/** An InstanceManagerV1Proxy as it will be made. */
export interface ResolvedV1Proxy {
  /** Port of agents; 0 where they are not published. */
  agentPort: number;
  nginx: ResolvedNginx;
  /** Arguments for the state. */
  recorded: object;
}

/** Applies the rules of an InstanceManagerV1Proxy, and prints its configuration. */
export function resolveInstanceManagerV1Proxy(name: string, args: InstanceManagerV1ProxyArgs): ResolvedV1Proxy {
  return resolveArguments("InstanceManagerV1Proxy", name, "InstanceManagerV1ProxyArgs", args, (argument) => {
    const { namespace, edition = Edition.plus, hostname, manager, api, agents, status } = argument.value;
    argument.check(checkNames, checkBackendTls);
    const origins = checkPodFront(argument);
    const { http, stream } = filesOfVersion1(frontNodes(resolveVersion1(argument, podLayout(argument.value), origins)));
    const configuration = {
      http: Object.values(http).flat(),
      ...(stream && { stream: Object.values(stream).flat() }),
    };
    return {
      agentPort: agents ? (agents.port ?? 10_443) : 0,
      nginx: resolvePods(argument, {
        configuration,
        ports: servicePorts(argument.value),
        origins,
        egress: [manager?.grpcPort ?? managerPorts.grpc, manager?.gatewayPort ?? managerPorts.gateway],
      }),
      recorded: { namespace, edition, hostname, manager, api, agents, status },
    };
  });
}

function checkNames(argument: Argument<InstanceManagerV1ProxyArgs>): void {
  const hostname = argument.field("hostname");
  const manager = argument.field("manager");
  checkServerName(hostname);
  checkHostOrAddress(manager.field("host"));
  manager.field("grpcPort").port();
  manager.field("gatewayPort").port();
  for (const certificate of [argument.field("certificate"), argument.field("agentCertificate")])
    checkSecretCertificate(certificate, { usage: "server", names: [hostname] });
}

function checkPodFront(argument: Argument<InstanceManagerV1ProxyArgs>): SnippetOrigins {
  const origins = checkFront(argument, {
    edition: argument.value.edition ?? Edition.plus,
    certificate: argument.field("certificate"),
    agentCertificate: argument.field("agentCertificate"),
    authorities: argument.field("agentAuthorities"),
    statusUsers: argument.field("statusUsers"),
    statusWriters: argument.field("statusWriters"),
  });
  if (argument.value.status?.address !== undefined)
    argument
      .field("status")
      .field("address")
      .refuse("is about hosts", "leave it out: the pods' status is behind their Service");
  return origins;
}

function checkBackendTls(argument: Argument<InstanceManagerV1ProxyArgs>): void {
  const { backendTls, unsafePlainBackends } = argument.value;
  const [tls, plain] = [argument.field("backendTls"), argument.field("unsafePlainBackends")];
  const verifies = connectsByHttp(argument.value);
  if (!verifies && (backendTls || unsafePlainBackends))
    (backendTls ? tls : plain).refuse("is given, but TLS is only passed on", "leave it out, or publish the api");
  checkTlsOrPlain(argument, "trustedCertificates", verifies);
  checkServerName(tls.field("serverName"));
  tls.field("verifyDepth").integer(1, 10);
  checkSecretCertificate(tls.field("clientCertificate"), { usage: "client" });
  if (backendTls)
    checkBackendName(
      argument.field("manager").field("host"),
      argument.with("backendTls.serverName", backendTls.serverName ?? argument.value.hostname),
    );
}

function servicePorts({ api, agents, status }: InstanceManagerV1ProxyArgs): PodPort[] {
  const clear = agents?.publication === AgentPublication.clear;
  const { port = 443, redirectPort } = api ?? {};
  const ports: (PodPort | undefined)[] = [
    api && { path: "api.port", name: "https", port, targetPort: podPorts.api, appProtocol: "https" },
    redirectPort === undefined
      ? undefined
      : { path: "api.redirectPort", name: "http", port: redirectPort, targetPort: podPorts.redirect },
    agents && {
      path: "agents.port",
      name: "agents",
      port: agents.port ?? 10_443,
      targetPort: podPorts.agents,
      ...(clear && { appProtocol: "kubernetes.io/h2c" }),
    },
    status && {
      path: "status.port",
      name: "status",
      port: status.port ?? podPorts.status,
      targetPort: podPorts.status,
    },
  ];
  return ports.filter((port) => port !== undefined);
}

function podLayout(args: InstanceManagerV1ProxyArgs): FrontLayout {
  const { edition = Edition.plus, openSourceVersion, hostname = "", manager, backendTls, status } = args;
  const tls = backendTlsLayout(podFiles, backendTls, backendTls?.serverName ?? hostname);
  const backend = (part: "grpc" | "gateway"): BackendLayout => ({
    upstream: upstreamNames[part],
    address: mapInput(manager?.host ?? "", (host) => `${host}:${manager?.[`${part}Port`] ?? managerPorts[part]}`),
    tls,
  });
  return {
    hostname,
    http2Directive: hasHttp2Directive(edition, openSourceVersion),
    ports: podPorts,
    status: { address: status?.address, port: podPorts.status },
    agentLog: "/dev/stdout",
    ...podFiles,
    agentCertificate: args.agentCertificate ? podFiles.agentCertificate : podFiles.certificate,
    users: args.statusUsers && podFiles.users,
    writers: args.statusWriters && podFiles.writers,
    grpc: backend("grpc"),
    gateway: backend("gateway"),
  };
}
