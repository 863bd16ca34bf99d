import { type Input, type Output, secret } from "@pulumi/pulumi";
import { type Argument, HostAction, type HostFileInput, hostFileMode } from "../../foundation";
import {
  block,
  blockFile,
  checkKnownFaults,
  directive,
  Edition,
  evaluated,
  hashSizeNodes,
  hasPassword,
  managementArgument,
  managementBlock,
  managementPaths,
  type NginxConfigNode,
  type NginxContext,
  printTree,
  type ReportFault,
  usedParts,
  when,
} from "../../nginx";
import { checkSnippet, type SnippetOrigins } from "../snippets";
import type { HostManagement, NginxHost, ResolvedHost } from "./nginx-host";

/** The configuration of a host's NGINX: each block in files by concern, named without their ending `.conf`. */
export interface HostNginxConfiguration {
  /** Time for which agents' streams, which never end by themselves, continue after a reload, in seconds. Directive `worker_shutdown_timeout`. @default for ever */
  drainSeconds?: number;
  /** Files of the `http` block, in `/etc/nginx/conf.d`, in their order. */
  http: Record<string, NginxConfigNode[]>;
  /** Files of the `stream` block, in `/etc/nginx/stream.conf.d`, in their order. @default no such block */
  stream?: Record<string, NginxConfigNode[]>;
}

/** Arguments from which nodes of the configuration come. */
export interface HostSources {
  snippets: Argument<{ http?: NginxConfigNode[] } | undefined>;
  /** The nodes of the snippets, by the objects in the configuration. */
  origins: SnippetOrigins;
  /** The `management` of the host. */
  management: Argument<unknown>;
}

/** A certificate and its key in PEM; HostCertificate has them. */
interface KeyPair {
  chainPem: Input<string>;
  privateKeyPem: Input<string>;
}

/** Paths of the `mgmt` block's files on a host: a licence stands where the package looks for it. */
const hostPaths = { ...managementPaths, license: "/etc/nginx" };

/**
 * The files of NGINX on a host: the whole `nginx.conf`, and what it includes, each by name. So a `default.conf` that a package has left
 * behind opens nothing.
 *
 */
export function hostNginxFiles(
  host: ResolvedHost,
  configuration: HostNginxConfiguration,
  sources: HostSources,
): HostFileInput[] {
  const { edition, license } = host;
  checkSnippet(sources.snippets.field("http"), httpDefaults);
  const printed = (nodes: NginxConfigNode[], context?: NginxContext) => print(nodes, edition, sources, context);
  const parts = (["http", "stream"] as const).flatMap((context) =>
    Object.entries(configuration[context] ?? {}).map(([name, nodes]) =>
      publicFile(host, partPath(context, name), printed(nodes, context)),
    ),
  );
  return [
    publicFile(host, "/etc/nginx/nginx.conf", printed(mainNodes(host, configuration))),
    ...parts,
    ...(license === undefined
      ? []
      : [
          secretFile(
            host,
            `${hostPaths.license}/license.jwt`,
            license.apply(({ token }) => token),
          ),
        ]),
    ...managementFiles(host, sources),
  ];
}

/** Checks the version of a host's NGINX for faults that its configuration reaches. Returns warnings for the log. */
export function checkHostVersion(host: Argument<NginxHost>, { http, stream = {} }: HostNginxConfiguration): string[] {
  const { edition = Edition.plus, openSourceVersion } = host.value ?? {};
  // The version of a package that the arguments do not name is not known.
  if (edition === Edition.oss && openSourceVersion === undefined) return [];
  const nodes = { http: Object.values(http).flat(), stream: Object.values(stream).flat() };
  return checkKnownFaults(host, usedParts(nodes));
}

/** A file that anyone on the host may read. */
export const publicFile = (
  { name }: { name: string },
  path: string,
  content: Input<string>,
  action: HostAction = HostAction.reloadNginx,
): HostFileInput => ({
  ...{ hosts: [name], path, mode: hostFileMode.open, owner: "root", group: "root" },
  ...{ content, secret: false, action },
});

/** A file with a secret. NGINX reads keys before it gives up root. */
export const secretFile = (
  { name }: { name: string },
  path: string,
  content: Input<string>,
  action: HostAction = HostAction.reloadNginx,
  group = "root",
): HostFileInput => ({
  ...{ hosts: [name], path, mode: hostFileMode.secret, owner: "root", group },
  ...{ content: secret(content) as Output<string>, secret: true, action },
});

/** The two files of a certificate. */
export const certificateFiles = (
  host: { name: string },
  paths: { certificate: string; key: string },
  { chainPem, privateKeyPem }: KeyPair,
  action?: HostAction,
  group?: string,
): HostFileInput[] => [
  publicFile(host, paths.certificate, chainPem, action),
  secretFile(host, paths.key, privateKeyPem, action, group),
];

const folders = { http: "/etc/nginx/conf.d", stream: "/etc/nginx/stream.conf.d" };
const partPath = (context: keyof typeof folders, name: string) => `${folders[context]}/${name}.conf`;

/** The whole `nginx.conf`. */
function mainNodes(host: ResolvedHost, { drainSeconds, http, stream }: HostNginxConfiguration): NginxConfigNode[] {
  const { edition, user, modules } = host;
  const includes = (context: keyof typeof folders, parts: object) =>
    Object.keys(parts).map((name) => directive("include", partPath(context, name)));
  return [
    directive("user", user),
    directive("worker_processes", "auto"),
    directive("error_log", "/var/log/nginx/error.log", "notice"),
    // That of the packages' systemd units.
    directive("pid", "/run/nginx.pid"),
    ...modules.map((path) => directive("load_module", path)),
    ...when(drainSeconds, (drainSeconds) => directive("worker_shutdown_timeout", `${drainSeconds}s`)),
    // Each agent has up to two streams, each of which is a connection on either side.
    directive("worker_rlimit_nofile", "16384"),
    ...when(edition === Edition.plus, managementNode(host.management)),
    block("events", [directive("worker_connections", "4096")]),
    block("http", [httpDefaults, hashSizeNodes(Object.values(http).flat()), includes("http", http)]),
    ...when(stream, (parts) =>
      block("stream", [hashSizeNodes(Object.values(parts).flat()), includes("stream", parts)]),
    ),
  ];
}

const client = '$remote_addr - $remote_user [$time_local] "$request"';
const userAgent = '"$http_user_agent" "$http_x_forwarded_for"';

const logFormats: NginxConfigNode[] = [
  evaluated("log_format", "main", `${client} $status $body_bytes_sent "$http_referer" ${userAgent}`),
  evaluated(
    "log_format",
    "main_ext",
    [
      `${client} $status $body_bytes_sent "$http_referer" "$http2" ${userAgent}`,
      '"$host" sn="$server_name" rt=$request_time ua="$upstream_addr" us="$upstream_status"',
      'ut="$upstream_response_time" ul="$upstream_response_length" cs=$upstream_cache_status $request_id',
    ].join(" "),
  ),
];

/** Directives of the `http` block before the files that it includes. */
const httpDefaults: NginxConfigNode[] = [
  directive("include", "/etc/nginx/mime.types"),
  directive("default_type", "application/octet-stream"),
  ...logFormats,
  directive("access_log", "/var/log/nginx/access.log", "main_ext"),
  directive("sendfile", "on"),
  directive("keepalive_timeout", "65"),
  directive("server_tokens", "off"),
];

/** The block, or its file where it has a password. */
const managementNode = (management?: HostManagement): NginxConfigNode =>
  hasPassword({ proxy: management?.proxy })
    ? directive("include", `${hostPaths.block}/${blockFile}`)
    : hostManagementBlock(management);

function hostManagementBlock(management: HostManagement = {}): NginxConfigNode {
  const { trustedCertificatesPem, clientCertificate, ...given } = management;
  // The block names files by their folder, wherever their contents come from.
  const here = { secretName: "" };
  return managementBlock(
    {
      ...given,
      ...(trustedCertificatesPem !== undefined && { trustedCertificates: here }),
      ...(clientCertificate !== undefined && { clientCertificate: here }),
    },
    hostPaths,
  );
}

/** Files that the `mgmt` block refers to. */
function managementFiles(host: ResolvedHost, sources: HostSources): HostFileInput[] {
  const { edition, management } = host;
  if (edition !== Edition.plus || management === undefined) return [];
  const { trustedCertificatesPem, clientCertificate } = management;
  const folder = hostPaths.clientCertificate;
  return [
    ...(hasPassword({ proxy: management?.proxy })
      ? [
          secretFile(
            host,
            `${hostPaths.block}/${blockFile}`,
            print([hostManagementBlock(management)], Edition.plus, sources),
          ),
        ]
      : []),
    ...(trustedCertificatesPem === undefined
      ? []
      : [publicFile(host, `${hostPaths.trustedCertificates}/ca.crt`, trustedCertificatesPem)]),
    ...(clientCertificate === undefined
      ? []
      : certificateFiles(host, { certificate: `${folder}/tls.crt`, key: `${folder}/tls.key` }, clientCertificate)),
  ];
}

/** Returns the text of nodes. A fault has the path of the user's node, or that of all snippets. */
function print(
  nodes: NginxConfigNode[],
  edition: Edition,
  { snippets, origins, management }: HostSources,
  context?: NginxContext,
): Input<string> {
  const writtenAs = (node: NginxConfigNode) => origins.get(node) as Argument<NginxConfigNode> | undefined;
  const report: ReportFault = ({ node, argument: index, where, wrong, remedy }) => {
    const written = writtenAs(node);
    if (where.startsWith("mgmt > ")) managementArgument(management, node.name).refuse(wrong, remedy);
    else if (written === undefined) snippets.refuse(`> ${where} ${wrong}`, remedy);
    else if (index === undefined) written.field("name").refuse(wrong, remedy);
    else written.field("args").entries()[index]!.refuse(wrong, remedy);
  };
  // A secret of the component's own nodes is no user's: names of hosts that come from a stack with a secret output.
  const refuseSecret = (node: NginxConfigNode, index: number) => {
    const word = writtenAs(node)?.field("args").entries()[index];
    word?.refuse(
      "is a secret, and would be readable for all users of the host",
      "put it into a file of your own that only root may read, and include that",
    );
  };
  return printTree(nodes, edition, report, refuseSecret, context);
}
