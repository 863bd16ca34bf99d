import { type Argument, isPlainInput, mapInput, resolveArguments } from "../../foundation";
import { Edition, hasHttp2Directive, type ResolvedNginx } from "../../nginx";
import type { InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import type { InstanceManagerBackend } from "../instance-manager-proxy-options";
import { checkBackendName, checkSecretCertificate } from "./certificates";
import { checkBackends, type ResolvedOptions, resolveOptions, standardPort } from "./checks";
import { type BackendPart, backendParts, backendPorts, chartPodPorts, type ProxyLayout } from "./layout";
import type { BackendLayout } from "./model";
import { frontNodes } from "./nginx";
import { type PodSecret, resolvePods } from "./pods";
import { filesOfVersion2, resolveVersion2 } from "./version-2";

/** An InstanceManagerProxy as it will be made. */
export interface ResolvedProxy {
  port: number;
  options: ResolvedOptions;
  nginx: ResolvedNginx;
  /** Arguments for the state. */
  recorded: object;
}

/** The port that the pods listen on. */
const listenPort = 8443;

/** Folders of the pods, each with the files of one Secret. */
const folders = {
  certificate: "/etc/nginx/manager-certificate",
  agentCertificate: "/etc/nginx/manager-agent-certificate",
  agentAuthorities: "/etc/nginx/manager-agent-authorities",
  backendAuthorities: "/etc/nginx/manager-backend-authorities",
  backendCertificate: "/etc/nginx/manager-backend-certificate",
};

const files = (folder: string) => ({ certificate: `${folder}/tls.crt`, key: `${folder}/tls.key` });

/** Applies the rules of an InstanceManagerProxy, and prints its configuration. */
export function resolveInstanceManagerProxy(name: string, args: InstanceManagerProxyArgs): ResolvedProxy {
  return resolveArguments("InstanceManagerProxy", name, "InstanceManagerProxyArgs", args, (argument) => {
    const { namespace, edition = Edition.plus, port = standardPort, hostname, backends } = argument.value;
    const options = resolveOptions(argument, argument.field("agentAuthorities"));
    argument.check(checkCertificates, checkBackends, checkBackendTls);
    const nodes = frontNodes(resolveVersion2(options, podLayout(argument.value)));
    const nginx = resolvePods(argument, {
      configuration: { http: Object.values(filesOfVersion2(nodes)).flat() },
      ports: [{ path: "port", name: "https", port, targetPort: listenPort, appProtocol: "https" }],
      secrets: podSecrets(argument),
      origins: options.origins,
      egress: backendParts.flatMap((part) => egressPorts(backends?.[part], part)),
    });
    return {
      port,
      options,
      nginx,
      recorded: { namespace, edition, port, hostname, agents: { mtls: options.mtls }, backends },
    };
  });
}

function checkCertificates(argument: Argument<InstanceManagerProxyArgs>): void {
  const [manager, agents] = [argument.field("hostname").field("manager"), argument.field("hostname").field("agents")];
  const { agentCertificate } = argument.value;
  checkSecretCertificate(argument.field("certificate"), {
    usage: "server",
    names: agentCertificate ? [manager] : [manager, agents],
  });
  checkSecretCertificate(argument.field("agentCertificate"), { usage: "server", names: [agents] });
}

function checkBackendTls(argument: Argument<InstanceManagerProxyArgs>): void {
  const { backendTls, unsafePlainBackends } = argument.value;
  const tls = argument.field("backendTls");
  if (!backendTls && !unsafePlainBackends)
    tls.refuse(
      "is missing",
      "give trustedCertificates and clientCertificate (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
    );
  if (!backendTls) return;
  if (unsafePlainBackends)
    argument.field("unsafePlainBackends").refuse("is true beside backendTls", "leave one of the two out");
  checkSecretCertificate(tls.field("clientCertificate"), { usage: "client" });
  tls.field("verifyDepth").integer(1, 10);
  for (const part of backendParts) {
    const backend = argument.field("backends").field(part);
    const { serverName = part } = backend.value ?? {};
    checkBackendName(backend.field("host"), argument.with(`${backend.path}.serverName`, serverName));
  }
}

/** Returns where the pods have the files that the configuration names. */
function podLayout(args: InstanceManagerProxyArgs): ProxyLayout {
  const { edition = Edition.plus, openSourceVersion, agentCertificate } = args;
  const backends = backendParts.map((part) => [part, backendLayout(args, part)] as const);
  return {
    port: listenPort,
    http2Directive: hasHttp2Directive(edition, openSourceVersion),
    accessLog: "/dev/stdout",
    certificate: files(folders.certificate),
    agentCertificate: files(agentCertificate ? folders.agentCertificate : folders.certificate),
    agentAuthorities: `${folders.agentAuthorities}/ca.crt`,
    agentCrl: `${folders.agentAuthorities}/ca.crl`,
    backends: Object.fromEntries(backends) as Record<BackendPart, BackendLayout>,
  };
}

/** The chart's Services, unless the arguments say otherwise. */
function backendLayout(
  { namespace, backends = {}, backendTls }: InstanceManagerProxyArgs,
  part: BackendPart,
): BackendLayout {
  const {
    host = mapInput(namespace, (name) => `${part}.${name}.svc`),
    port = backendPorts[part],
    serverName = part,
  } = backends[part] ?? {};
  return {
    upstream: `manager_${part}`,
    address: mapInput(host, (name) => `${name}:${port}`),
    tls: backendTls && {
      serverName,
      verifyDepth: backendTls.verifyDepth ?? 2,
      authorities: `${folders.backendAuthorities}/ca.crt`,
      certificate: files(folders.backendCertificate),
    },
  };
}

/** Returns the ports of a part that a NetworkPolicy has to open: for the chart's Services also those of their pods, which count in a policy. */
function egressPorts(backend: InstanceManagerBackend | undefined, part: BackendPart): number[] {
  const { host, port = backendPorts[part] } = backend ?? {};
  const named = host !== undefined && isPlainInput(host);
  return named ? [port] : [...new Set([port, chartPodPorts[part]])];
}

/** The Secrets of these folders. */
function podSecrets(argument: Argument<InstanceManagerProxyArgs>): PodSecret[] {
  const pair = ["tls.crt", "tls.key"];
  const authorities = ["ca.crt", ...(argument.value.agents?.revocation?.crl ? ["ca.crl"] : [])];
  const tls = argument.field("backendTls");
  const secret = (name: string, reference: PodSecret["reference"], path: string, keys: string[]): PodSecret => ({
    name,
    reference,
    path,
    keys,
  });
  return [
    secret("certificate", argument.field("certificate"), folders.certificate, pair),
    secret("agent-certificate", argument.field("agentCertificate"), folders.agentCertificate, pair),
    secret("agent-authorities", argument.field("agentAuthorities"), folders.agentAuthorities, authorities),
    secret("backend-authorities", tls.field("trustedCertificates"), folders.backendAuthorities, ["ca.crt"]),
    secret("backend-certificate", tls.field("clientCertificate"), folders.backendCertificate, pair),
  ];
}
