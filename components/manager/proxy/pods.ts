import * as pulumi from "@pulumi/pulumi";
import { referenceTo, type SecretReference } from "../../foundation";
import { Edition, type NginxSecretMount } from "../../nginx";
import { hasHttp2Directive } from "../../nginx/open-source-version";
import type { InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import { type BackendPart, type BackendPlace, backendParts, backendPorts, type ProxyPlace } from "./place";

/** The port that the pods listen on. */
export const listenPort = 8443;

/** Folders of the pods, each with the files of one Secret. */
const folders = {
  certificate: "/etc/nginx/manager-certificate",
  agentCertificate: "/etc/nginx/manager-agent-certificate",
  agentAuthorities: "/etc/nginx/manager-agent-authorities",
  backendAuthorities: "/etc/nginx/manager-backend-authorities",
  backendCertificate: "/etc/nginx/manager-backend-certificate",
};

const files = (folder: string) => ({ certificate: `${folder}/tls.crt`, key: `${folder}/tls.key` });

/** Where the pods have what the configuration names. */
export function podPlace(args: InstanceManagerProxyArgs): ProxyPlace {
  const { edition = Edition.plus, openSourceVersion, agentCertificate } = args;
  const backends = backendParts.map((part) => [part, backendPlace(args, part)] as const);
  return {
    port: listenPort,
    http2Directive: hasHttp2Directive(edition, openSourceVersion),
    accessLog: "/dev/stdout",
    certificate: files(folders.certificate),
    agentCertificate: files(agentCertificate ? folders.agentCertificate : folders.certificate),
    agentAuthorities: `${folders.agentAuthorities}/ca.crt`,
    agentCrl: `${folders.agentAuthorities}/ca.crl`,
    backends: Object.fromEntries(backends) as Record<BackendPart, BackendPlace>,
  };
}

/** The chart's Services, unless the arguments say otherwise. */
function backendPlace(
  { namespace, backends = {}, backendTls }: InstanceManagerProxyArgs,
  part: BackendPart,
): BackendPlace {
  const {
    host = pulumi.interpolate`${part}.${namespace}.svc`,
    port = backendPorts[part],
    serverName = part,
  } = backends[part] ?? {};
  return {
    upstream: `manager_${part}`,
    address: pulumi.interpolate`${host}:${port}`,
    tls: backendTls && {
      serverName,
      verifyDepth: backendTls.verifyDepth ?? 2,
      authorities: `${folders.backendAuthorities}/ca.crt`,
      certificate: files(folders.backendCertificate),
    },
  };
}

/** The Secrets of these folders. */
export function secretMounts(args: InstanceManagerProxyArgs): NginxSecretMount[] {
  const { certificate, agentCertificate, agentAuthorities, agentRevocation, backendTls } = args;
  const pair = ["tls.crt", "tls.key"];
  const authorityKeys = ["ca.crt", ...(agentRevocation?.crl ? ["ca.crl"] : [])];
  return [
    mount("certificate", certificate, folders.certificate, pair),
    ...(agentCertificate ? [mount("agent-certificate", agentCertificate, folders.agentCertificate, pair)] : []),
    ...(agentAuthorities
      ? [mount("agent-authorities", agentAuthorities, folders.agentAuthorities, authorityKeys)]
      : []),
    ...(backendTls
      ? [
          mount("backend-authorities", backendTls.trustedCertificates, folders.backendAuthorities, ["ca.crt"]),
          mount("backend-certificate", backendTls.clientCertificate, folders.backendCertificate, pair),
        ]
      : []),
  ];
}

const mount = (name: string, reference: SecretReference, path: string, keys: string[]): NginxSecretMount => ({
  name,
  path,
  keys,
  ...referenceTo(reference),
});
