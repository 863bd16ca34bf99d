import type { Input } from "@pulumi/pulumi";
import type { BackendTlsLayout, CertificateFiles } from "./model";

/** Paths of the files that the configuration of a front names. */
export interface FrontFiles {
  certificate: CertificateFiles;
  agentCertificate: CertificateFiles;
  /** Authorities of agents' certificates, and their revocation lists. */
  agentAuthorities: string;
  agentCrl: string;
  /** Authorities of Instance Manager's certificates, and the certificate that it sees. */
  backendAuthorities: string;
  backendCertificate: CertificateFiles;
  /** Password files of the status. */
  users: string;
  writers: string;
}

const podFolder = (name: string) => `/etc/nginx/manager-${name}`;
const mounted = (name: string): CertificateFiles => ({
  certificate: `${podFolder(name)}/tls.crt`,
  key: `${podFolder(name)}/tls.key`,
});

/** Paths in pods: a folder for each Secret, named after its volume. */
export const podFiles: FrontFiles = {
  certificate: mounted("certificate"),
  agentCertificate: mounted("agent-certificate"),
  agentAuthorities: `${podFolder("agent-authorities")}/ca.crt`,
  agentCrl: `${podFolder("agent-authorities")}/ca.crl`,
  backendAuthorities: `${podFolder("backend-authorities")}/ca.crt`,
  backendCertificate: mounted("backend-certificate"),
  users: `${podFolder("status-users")}/users`,
  writers: `${podFolder("status-writers")}/users`,
};

/** Returns the paths on a host, with the names of the two server certificates in the folder of certificates. */
export function hostFiles(folder: string, names: { certificate: string; agentCertificate: string }): FrontFiles {
  const pair = (name: string) => ({ certificate: `${folder}/${name}.crt`, key: `${folder}/${name}.key` });
  return {
    certificate: pair(names.certificate),
    agentCertificate: pair(names.agentCertificate),
    agentAuthorities: `${folder}/ca.pem`,
    agentCrl: `${folder}/ca.crl`,
    backendAuthorities: `${folder}/backend-ca.pem`,
    backendCertificate: pair("backend-client"),
    users: "/etc/nginx/users",
    writers: "/etc/nginx/admins",
  };
}

/** Returns TLS to a service of Instance Manager; undefined for a connection without TLS. */
export const backendTlsLayout = (
  files: FrontFiles,
  tls: { verifyDepth?: number; clientCertificate?: unknown } | undefined,
  serverName: Input<string>,
): BackendTlsLayout | undefined =>
  tls && {
    serverName,
    verifyDepth: tls.verifyDepth ?? 2,
    authorities: files.backendAuthorities,
    certificate: tls.clientCertificate === undefined ? undefined : files.backendCertificate,
  };
