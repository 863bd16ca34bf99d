import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import {
  type Argument,
  type Format,
  formats,
  type HostFileInput,
  isPlainInput,
  mapInput,
  resolveArguments,
} from "../../../foundation";
import { hasHttp2Directive } from "../../../nginx";
import {
  checkBackendName,
  checkHostCertificate,
  checkServerCertificates,
  checkTlsOrPlain,
} from "../../certificate-checks";
import { hostNginxFiles, type ResolvedHost, resolveHost } from "../../host";
import { backendTlsLayout, hostFiles } from "../files";
import { checkAgentAuthorities, checkHostBackendTls, frontHostFiles } from "../hosts";
import type { BackendLayout } from "../model";
import { frontNodes } from "../nginx";
import { checkBackends, checkHostOrAddress, type ResolvedOptions, resolveOptions, standardPort } from "./checks";
import { filesOfVersion2, resolveVersion2 } from "./front";
import type { InstanceManagerHostProxyArgs } from "./instance-manager-host-proxy-args";
import { type BackendPart, backendParts, backendPorts, type ProxyLayout } from "./layout";

/** Files in the document's folder for the certificates of Instance Manager. */
const paths = hostFiles("/etc/nms/certs", { certificate: "server", agentCertificate: "agents-server" });

/** The sockets on which the packages of Instance Manager have agents' services, and what they call their upstreams. */
const packaged: Record<BackendPart, { upstream: string; socket?: string }> = {
  apigw: { upstream: "apigw" },
  dpm: { upstream: "dpm-grpc-service", socket: "unix:/var/run/nms/am.sock" },
  ingestion: { upstream: "ingestion-grpc-service", socket: "unix:/var/run/nms/ingestion.sock" },
};

/** An InstanceManagerHostProxy as it will be made. */
export interface ResolvedHostProxy {
  host: ResolvedHost;
  port: number;
  options: ResolvedOptions;
  files: HostFileInput[];
  /** Arguments for the state. */
  recorded: object;
}

/** Applies the rules of an InstanceManagerHostProxy, and prints its files. */
export function resolveInstanceManagerHostProxy(name: string, args: InstanceManagerHostProxyArgs): ResolvedHostProxy {
  return resolveArguments("InstanceManagerHostProxy", name, "InstanceManagerHostProxyArgs", args, (argument) => {
    const { port = standardPort, hostname, drainSeconds = 60, backends } = argument.value;
    const host = resolveHost(argument.field("host"));
    const options = resolveOptions(argument, argument.field("agentAuthorities"));
    const authorities = argument.field("agentAuthorities");
    argument.check(
      () => checkServerCertificates(argument, argument.field("hostname"), checkHostCertificate),
      () =>
        checkAgentAuthorities(
          authorities.field("certificatesPem"),
          authorities.field("crlPem"),
          argument.field("agents").field("revocation").field("crl"),
        ),
      checkHostBackends,
    );
    argument.field("port").port();
    argument.field("drainSeconds").integer(1, 24 * 60 * 60);
    const http = filesOfVersion2(frontNodes(resolveVersion2(options, hostLayout(argument.value, host, port))));
    return {
      host,
      port,
      options,
      files: [
        ...hostNginxFiles(
          host,
          { drainSeconds, http },
          {
            origins: options.origins,
            snippets: argument.field("snippets"),
            management: argument.field("host").field("management"),
          },
        ),
        ...frontHostFiles(host, paths, {
          ...argument.value,
          agentAuthorities: authorities.value?.certificatesPem,
          agentCrl: authorities.value?.crlPem,
        }),
      ],
      recorded: { host: host.name, edition: host.edition, port, hostname, agents: { mtls: options.mtls }, backends },
    };
  });
}

/** Checks where the parts of Instance Manager listen, and that TLS to those that are no sockets is verified. */
function checkHostBackends(argument: Argument<InstanceManagerHostProxyArgs>): void {
  const { backends = {}, backendTls } = argument.value;
  checkBackends(argument, checkHostAddressOrSocket);
  const [tls, plain] = [argument.field("backendTls"), argument.field("unsafePlainBackends")];
  let remote = 0;
  for (const part of backendParts) {
    const backend = argument.field("backends").field(part);
    const host = backendHost(argument.value, part);
    if (host === undefined) {
      backend
        .field("host")
        .refuse("is missing", "write where Instance Manager's own gateway listens; a host has no Service for it");
      continue;
    }
    if (isSocket(host)) {
      for (const property of ["port", "serverName"] as const)
        if (backends[part]?.[property] !== undefined)
          backend.field(property).refuse("is given, but a socket has none", "leave it out, or write a host");
      continue;
    }
    remote++;
    if (backendTls && backends[part]?.serverName === undefined)
      checkVerifiable(backend.field("host"), backend.field("serverName"));
    else if (backendTls) checkBackendName(backend.field("host"), backend.field("serverName"));
  }
  checkTlsOrPlain(argument, "trustedCertificatesPem", remote > 0);
  const needless = "leave it out: traffic to sockets does not leave the machine";
  if (remote === 0)
    for (const [option, wrong] of [
      [tls, "is given"],
      [plain, "is true"],
    ] as const)
      if (option.value) option.refuse(`${wrong}, but every backend is a socket`, needless);
  checkHostBackendTls(tls);
}

const socketPath: Format = {
  test: (text) => text.startsWith("unix:") && formats.absolutePath.test(text.slice("unix:".length)),
  wrong: "is not the path of a socket",
  remedy: "write unix:/var/run/nms/am.sock",
};

function checkHostAddressOrSocket(host: Argument<Input<string> | undefined>): void {
  host.known((text, argument) => {
    if (text.startsWith("unix:")) argument.matches(socketPath);
    else checkHostOrAddress(argument);
  });
}

/** Checks that the host itself is a name that a certificate can be verified for: NGINX does not look at the addresses in one. */
function checkVerifiable(host: Argument<Input<string> | undefined>, serverName: Argument<unknown>): void {
  host.known((text, argument) => {
    if (text.startsWith("unix:"))
      argument.refuse("is a socket in an output", "write it as plain text: it needs no TLS");
    else if (isIP(text.replace(/^\[|\]$/g, "")) !== 0)
      serverName.refuse(
        `is missing, and ${text} is an address, which NGINX finds in no certificate`,
        "write the DNS name that the backend's certificate carries",
      );
  });
}

/** Returns where a part listens; undefined for an apigw of which the arguments say nothing. */
const backendHost = ({ backends = {} }: InstanceManagerHostProxyArgs, part: BackendPart) =>
  backends[part]?.host ?? packaged[part].socket;

/** Whether a part listens on a socket, which needs no TLS. */
const isSocket = (host: Input<string> | undefined) =>
  host !== undefined && isPlainInput(host) && host.startsWith("unix:");

/** Returns where the host has the files that the configuration names. */
function hostLayout(args: InstanceManagerHostProxyArgs, host: ResolvedHost, port: number): ProxyLayout {
  const { agentCertificate } = args;
  const backends = backendParts.map((part) => [part, backendLayout(args, part)] as const);
  return {
    port,
    http2Directive: hasHttp2Directive(host.edition, host.openSourceVersion),
    accessLog: "/var/log/nginx/access.log",
    ownLog: true,
    ...paths,
    agentCertificate: agentCertificate ? paths.agentCertificate : paths.certificate,
    backends: Object.fromEntries(backends) as Record<BackendPart, BackendLayout>,
  };
}

function backendLayout(args: InstanceManagerHostProxyArgs, part: BackendPart): BackendLayout {
  const { backends = {}, backendTls } = args;
  const { port = backendPorts[part], serverName } = backends[part] ?? {};
  const { upstream } = packaged[part];
  const host = backendHost(args, part)!;
  if (isSocket(host)) return { upstream, address: host };
  return {
    upstream,
    address: mapInput(host, (name) => `${name}:${port}`),
    tls: backendTlsLayout(paths, backendTls, serverName ?? host),
  };
}
