import type { X509Certificate } from "node:crypto";
import { type Input, type Output, secret } from "@pulumi/pulumi";
import {
  checkAccount,
  checked,
  checkHostName,
  HostAction,
  type HostFileInput,
  hostFileMode,
  type Refuser,
  readTogether,
} from "../../foundation";
import { readCertificates, readPrivateKey } from "../../pki/pem";
import type { NginxAgentHost, NginxAgentServer, NginxAgentTls } from "./nginx-agent-args";

/** Where each package of the agent looks for its file. */
const agentFilePath = "/etc/nginx-agent/nginx-agent.conf";

/** Checks the host, and that the certificates for it have a place and are what the agent needs. */
export function checkHost(refuse: Refuser, host: NginxAgentHost, server: NginxAgentServer, version: string): void {
  const { certificatePem, privateKeyPem, trustedCertificatesPem } = host;
  const { tls = {}, hostname } = server;
  checkHostName(refuse, "host.name", host.name);
  checkAccount(refuse, "host.group", host.group);
  for (const [property, pem] of Object.entries({ certificatePem, privateKeyPem }))
    if (pem !== undefined && tls.clientCertificate === undefined)
      refuse(
        `host.${property}`,
        "has no place in the agent's file",
        `write the paths of the certificate and the key in ${version}.tls.clientCertificate`,
      );
  if (certificatePem !== undefined && privateKeyPem === undefined)
    refuse("host.privateKeyPem", "is missing", "write the key of host.certificatePem, or leave both out");
  if (privateKeyPem !== undefined && certificatePem === undefined)
    refuse("host.certificatePem", "is missing", "write the certificate of host.privateKeyPem, or leave both out");
  if (trustedCertificatesPem !== undefined && (tls.unsafePlaintext || tls.unsafeSkipVerification))
    refuse("host.trustedCertificatesPem", "is given, but nothing is verified", "leave the unsafe option out");

  if (certificatePem !== undefined)
    void readTogether({ certificatePem, privateKeyPem, hostname }, (texts) => {
      const [certificate] = readCertificates(refuse, "host.certificatePem", texts.certificatePem!);
      const key = readPrivateKey(refuse, "host.privateKeyPem", texts.privateKeyPem!);
      if (!certificate!.checkPrivateKey(key))
        refuse("host.privateKeyPem", "is the key of another certificate", "write the key of the first certificate");
      checkAgentCertificate(refuse, certificate!, texts.hostname!);
      return true;
    });
  if (trustedCertificatesPem !== undefined)
    checkTrust(refuse, "host.trustedCertificatesPem", trustedCertificatesPem, tls, version);
}

/** Checks what the agent is to trust, or with it the operating system. */
export function checkTrust(
  refuse: Refuser,
  property: string,
  trusted: Input<string>,
  tls: NginxAgentTls,
  version: string,
): void {
  void checked(trusted, (pem) => {
    const roots = readCertificates(refuse, property, pem);
    if (tls.trustedCertificatesPath === undefined && roots.length > 1)
      refuse(
        property,
        `has ${roots.length} certificates, and the operating system takes one from a file`,
        `write the root alone, or ${version}.tls.trustedCertificatesPath for the agent alone to trust them`,
      );
  });
}

/** An agent whose certificate also serves for the manager's name could pass for the manager before all others. */
function checkAgentCertificate(refuse: Refuser, certificate: X509Certificate, hostname: string): void {
  const { keyUsage: uses = [] } = certificate;
  const [client, server] = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"].map((use) => uses.includes(use));
  if (certificate.ca)
    refuse("host.certificatePem", "begins with an authority", "write the agent's certificate first, then its issuers");
  if (uses.length > 0 && !client)
    refuse("host.certificatePem", "is no certificate of a client", "use one with the usage client");
  if ((uses.length === 0 || server) && certificate.checkHost(hostname) !== undefined)
    refuse(
      "host.certificatePem",
      "would serve for the management plane itself: it has its name, and is not for clients alone",
      "use one with the usage client and without that name",
    );
}

/** The files of the host: the agent's, and the certificates that were given for the paths in it. */
export function agentHostFiles(
  { name, group, certificatePem, privateKeyPem, trustedCertificatesPem }: NginxAgentHost,
  { tls = {} }: NginxAgentServer,
  file: Input<string>,
  isSecret: boolean,
): HostFileInput[] {
  const { certificatePath, keyPath } = tls.clientCertificate ?? {};
  return [
    ...(trustedCertificatesPem === undefined ? [] : [trustFile([name], tls, trustedCertificatesPem)]),
    ...(certificatePem === undefined ? [] : [openFile([name], certificatePath!, certificatePem)]),
    ...(privateKeyPem === undefined ? [] : [keptFile([name], keyPath!, privateKeyPem, group)]),
    agentFileOf([name], file, isSecret, group),
  ];
}

/** The file of the agent itself. */
export function agentFileOf(hosts: string[], file: Input<string>, isSecret: boolean, group?: string): HostFileInput {
  return isSecret ? keptFile(hosts, agentFilePath, file, group) : openFile(hosts, agentFilePath, file);
}

/** What the agent trusts, or with it the operating system. */
export function trustFile(hosts: string[], tls: NginxAgentTls, pem: Input<string>): HostFileInput {
  return tls.trustedCertificatesPath === undefined
    ? openFile(hosts, "nginx-management-plane.crt", pem, HostAction.trust)
    : openFile(hosts, tls.trustedCertificatesPath, pem);
}

/** A file that everybody may read. */
export function openFile(
  hosts: string[],
  path: Input<string>,
  content: Input<string>,
  action: HostAction = HostAction.restartAgent,
): HostFileInput {
  return { hosts, path, mode: hostFileMode.open, owner: "root", group: "root", content, secret: false, action };
}

/** A file that the group may read besides. */
export function keptFile(hosts: string[], path: Input<string>, content: Input<string>, group = "root"): HostFileInput {
  const access = { mode: hostFileMode.secret, owner: "root", group, secret: true };
  return { hosts, path, ...access, content: secret(content) as Output<string>, action: HostAction.restartAgent };
}
