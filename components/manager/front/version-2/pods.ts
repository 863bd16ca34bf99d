import { type Argument, formats, isPlainInput, mapInput, resolveArguments } from "../../../foundation";
import { completeServiceHost, Edition, hasHttp2Directive, type ResolvedNginx, resolvesAgain } from "../../../nginx";
import {
  checkBackendName,
  checkSecretCertificate,
  checkServerCertificates,
  checkTlsOrPlain,
} from "../../certificate-checks";
import { backendTlsLayout, podFiles } from "../files";
import type { BackendLayout } from "../model";
import { frontNodes } from "../nginx";
import { resolvePods } from "../pods";
import { checkBackends, type ResolvedOptions, resolveOptions, standardPort } from "./checks";
import { filesOfVersion2, resolveVersion2 } from "./front";
import type { InstanceManagerProxyArgs } from "./instance-manager-proxy-args";
import type { InstanceManagerBackend } from "./instance-manager-proxy-options";
import { type BackendPart, backendParts, backendPorts, chartPodPorts, type ProxyLayout } from "./layout";

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

/** Applies the rules of an InstanceManagerProxy, and prints its configuration. */
export function resolveInstanceManagerProxy(name: string, args: InstanceManagerProxyArgs): ResolvedProxy {
  return resolveArguments("InstanceManagerProxy", name, "InstanceManagerProxyArgs", args, (argument) => {
    const { namespace, edition = Edition.plus, port = standardPort, hostname, backends } = argument.value;
    const options = resolveOptions(argument, argument.field("agentAuthorities"));
    argument.check(
      () => checkServerCertificates(argument, argument.field("hostname"), checkSecretCertificate),
      checkBackends,
      checkBackendTls,
      checkResolver,
    );
    const nodes = frontNodes(resolveVersion2(options, podLayout(argument.value)));
    const nginx = resolvePods(argument, {
      configuration: { http: Object.values(filesOfVersion2(nodes)).flat() },
      ports: [{ path: "port", name: "https", port, targetPort: listenPort, appProtocol: "https" }],
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

function checkBackendTls(argument: Argument<InstanceManagerProxyArgs>): void {
  checkTlsOrPlain(argument, "trustedCertificates and clientCertificate");
  if (!argument.value.backendTls) return;
  const tls = argument.field("backendTls");
  checkSecretCertificate(tls.field("clientCertificate"), { usage: "client" });
  tls.field("verifyDepth").integer(1, 10);
  for (const part of backendParts) {
    const backend = argument.field("backends").field(part);
    const { serverName = part } = backend.value ?? {};
    checkBackendName(backend.field("host"), argument.with(`${backend.path}.serverName`, serverName));
  }
}

/** Checks the name servers, and that NGINX can ask them for each host. */
function checkResolver(argument: Argument<InstanceManagerProxyArgs>): void {
  const { openSourceVersion } = argument.value;
  argument.field("resolver").given((resolver) => {
    if (openSourceVersion !== undefined && !resolvesAgain(openSourceVersion))
      resolver.refuse(`needs NGINX 1.27.3, and this is ${openSourceVersion}`, "leave it out, or use a later image");
    const addresses = resolver.field("addresses");
    addresses.notEmpty("write the address of a name server, or leave resolver out");
    for (const address of addresses.entries()) address.matches(formats.hostAndOptionalPort);
    resolver.field("clusterDomain").matches(formats.hostName);
    for (const part of backendParts)
      argument
        .field("backends")
        .field(part)
        .field("host")
        .known((host, of) => {
          if (host.split(".").length < 3 && !host.startsWith("["))
            of.refuse(
              `is ${JSON.stringify(host)}, and NGINX's resolver has no search list`,
              `write for example ${part}.nim.svc, with the namespace and svc, or leave resolver out`,
            );
        });
  });
}

/** Returns where the pods have the files that the configuration names. */
function podLayout(args: InstanceManagerProxyArgs): ProxyLayout {
  const { edition = Edition.plus, openSourceVersion, agentCertificate } = args;
  const backends = backendParts.map((part) => [part, backendLayout(args, part)] as const);
  return {
    port: listenPort,
    http2Directive: hasHttp2Directive(edition, openSourceVersion),
    accessLog: "/dev/stdout",
    ...podFiles,
    agentCertificate: agentCertificate ? podFiles.agentCertificate : podFiles.certificate,
    backends: Object.fromEntries(backends) as Record<BackendPart, BackendLayout>,
  };
}

/** The chart's Services, unless the arguments say otherwise. */
function backendLayout(
  { namespace, backends = {}, backendTls, resolver }: InstanceManagerProxyArgs,
  part: BackendPart,
): BackendLayout {
  const {
    host = mapInput(namespace, (name) => `${part}.${name}.svc`),
    port = backendPorts[part],
    serverName = part,
  } = backends[part] ?? {};
  const { clusterDomain = "cluster.local" } = resolver ?? {};
  return {
    upstream: `manager_${part}`,
    address: mapInput(host, (name) => `${resolver ? completeServiceHost(name, clusterDomain) : name}:${port}`),
    resolver: resolver?.addresses,
    tls: backendTlsLayout(podFiles, backendTls, serverName),
  };
}

/** Returns the ports of a part that a NetworkPolicy has to open: for a Service of the cluster also that of the chart's pods, which counts in a policy. */
function egressPorts(backend: InstanceManagerBackend | undefined, part: BackendPart): number[] {
  const { host, port = backendPorts[part] } = backend ?? {};
  const isOutside = host !== undefined && isPlainInput(host) && !/^[^.]+$|\.svc(?:\.|$)/.test(host);
  return isOutside ? [port] : [...new Set([port, chartPodPorts[part]])];
}
