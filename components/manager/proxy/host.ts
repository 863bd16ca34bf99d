import { type Input, interpolate } from "@pulumi/pulumi";
import { type HostFileInput, isPlainInput } from "../../foundation";
import { Edition } from "../../nginx";
import { hasHttp2Directive } from "../../nginx/open-source-version";
import { certificateFiles, openFile } from "../host/nginx";
import type { InstanceManagerHostProxyArgs } from "../instance-manager-host-proxy-args";
import {
  type BackendPart,
  type BackendPlace,
  backendParts,
  backendPorts,
  type CertificateFiles,
  type ProxyPlace,
} from "./place";

/** The document's folder for the certificates of Instance Manager. */
const folder = "/etc/nms/certs";
const files = (name: string): CertificateFiles => ({
  certificate: `${folder}/${name}.crt`,
  key: `${folder}/${name}.key`,
});

const paths = {
  certificate: files("server"),
  agentCertificate: files("agents-server"),
  agentAuthorities: `${folder}/ca.pem`,
  agentCrl: `${folder}/ca.crl`,
  backendAuthorities: `${folder}/backend-ca.pem`,
  backendCertificate: files("backend-client"),
};

/** The sockets on which the packages of Instance Manager have agents' services, and what they call their upstreams. */
const packaged: Record<BackendPart, { upstream: string; socket?: string }> = {
  apigw: { upstream: "apigw" },
  dpm: { upstream: "dpm-grpc-service", socket: "unix:/var/run/nms/am.sock" },
  ingestion: { upstream: "ingestion-grpc-service", socket: "unix:/var/run/nms/ingestion.sock" },
};

/** Where a part listens, if it is known; apigw has no place of its own. */
export const backendHost = ({ backends = {} }: InstanceManagerHostProxyArgs, part: BackendPart) =>
  backends[part]?.host ?? packaged[part].socket;

/** Whether a part listens on a socket: then nobody is on the way. */
export const isSocket = (host: Input<string> | undefined) =>
  host !== undefined && isPlainInput(host) && host.startsWith("unix:");

/** Where the host has what the configuration names. */
export function hostPlace(args: InstanceManagerHostProxyArgs): ProxyPlace {
  const { host, port = 443, agentCertificate } = args;
  const backends = backendParts.map((part) => [part, backendPlace(args, part)] as const);
  return {
    port,
    http2Directive: hasHttp2Directive(host.edition ?? Edition.plus, host.openSourceVersion),
    accessLog: "/var/log/nginx/access.log",
    ownLog: true,
    certificate: paths.certificate,
    agentCertificate: agentCertificate ? paths.agentCertificate : paths.certificate,
    agentAuthorities: paths.agentAuthorities,
    agentCrl: paths.agentCrl,
    backends: Object.fromEntries(backends) as Record<BackendPart, BackendPlace>,
  };
}

function backendPlace(args: InstanceManagerHostProxyArgs, part: BackendPart): BackendPlace {
  const { backends = {}, backendTls } = args;
  const { port = backendPorts[part], serverName } = backends[part] ?? {};
  const { upstream } = packaged[part];
  const host = backendHost(args, part)!;
  if (isSocket(host)) return { upstream, address: host };
  return {
    upstream,
    address: isPlainInput(host) ? `${host}:${port}` : interpolate`${host}:${port}`,
    tls: backendTls && {
      serverName: serverName ?? host,
      verifyDepth: backendTls.verifyDepth ?? 2,
      authorities: paths.backendAuthorities,
      certificate: backendTls.clientCertificate && paths.backendCertificate,
    },
  };
}

/** The files of the host beside the configuration. */
export function certificateHostFiles(args: InstanceManagerHostProxyArgs): HostFileInput[] {
  const { host, certificate, agentCertificate, agentAuthorities, agentRevocation, backendTls } = args;
  return [
    ...certificateFiles(host, paths.certificate, certificate),
    ...(agentCertificate ? certificateFiles(host, paths.agentCertificate, agentCertificate) : []),
    ...(agentAuthorities ? [openFile(host, paths.agentAuthorities, agentAuthorities.certificatesPem)] : []),
    ...(agentRevocation?.crl ? [openFile(host, paths.agentCrl, agentAuthorities!.crlPem!)] : []),
    ...(backendTls ? [openFile(host, paths.backendAuthorities, backendTls.trustedCertificatesPem)] : []),
    ...(backendTls?.clientCertificate
      ? certificateFiles(host, paths.backendCertificate, backendTls.clientCertificate)
      : []),
  ];
}
