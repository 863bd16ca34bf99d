import type { X509Certificate } from "node:crypto";
import { type Input, type Output, secret } from "@pulumi/pulumi";
import {
  type Argument,
  factsOf,
  formats,
  HostAction,
  type HostFileInput,
  hostFileMode,
  mapInputs,
} from "../../foundation";
import { readCertificates, readPrivateKey } from "../../pki";
import type { AgentFile } from "./file";
import type { NginxAgentHost, NginxAgentServer, NginxAgentTls } from "./nginx-agent-args";

/** Path of the agent's file in each package. */
const agentFilePath = "/etc/nginx-agent/nginx-agent.conf";

/** Checks the host, and that the certificates for it have a place and fit the agent. */
export function checkHost(host: Argument<NginxAgentHost>, server: NginxAgentServer, version: string): void {
  const { tls = {}, hostname } = server;
  host.field("name").matches(formats.machine);
  host.field("group").matches(formats.account);
  const [certificate, key] = [host.field("certificatePem"), host.field("privateKeyPem")];
  const given = [certificate, key].find(({ value }) => value !== undefined);
  if (given && tls.clientCertificate === undefined)
    given.refuse(
      "has no place in the agent's file",
      `write the paths of the certificate and the key in ${version}.tls.clientCertificate`,
    );
  if (certificate.value !== undefined && key.value === undefined)
    key.refuse("is missing", "write the key of host.certificatePem, or leave both out");
  if (key.value !== undefined && certificate.value === undefined)
    certificate.refuse("is missing", "write the certificate of host.privateKeyPem, or leave both out");
  checkCertificate(certificate, key, hostname);
  host.field("trustedCertificatesPem").given((trusted) => {
    if (tls.unsafePlaintext || tls.unsafeSkipVerification)
      trusted.refuse("is given, but nothing is verified", "leave the unsafe option out");
    checkTrust(trusted, tls, version);
  });
}

type Pem = Argument<Input<string> | undefined>;

const notForClients = ["is no certificate of a client", "use one with the usage client"] as const;

/** An agent whose certificate also serves for the manager's name could pass for the manager before all others. */
function checkCertificate(certificate: Pem, key: Pem, hostname: Input<string>): void {
  if (factsOf(certificate.value)?.certificate?.usage === "server") {
    certificate.refuse(...notForClients);
    return;
  }
  mapInputs({ pem: certificate.value, key: key.value, hostname }, (texts) => {
    const { pem } = texts;
    const read = (refuse: Parameters<typeof readCertificates>[0]) =>
      readCertificates(refuse, certificate.path, pem!)[0];
    const leaf = pem === undefined ? undefined : certificate.read(read);
    if (leaf === undefined) return;
    key.attempt((refuse) => {
      if (texts.key !== undefined && !leaf.checkPrivateKey(readPrivateKey(refuse, key.path, texts.key)))
        key.refuse("is the key of another certificate", "write the key of the first certificate");
    });
    checkLeaf(certificate, leaf, texts.hostname!);
  });
}

function checkLeaf(argument: Pem, certificate: X509Certificate, hostname: string): void {
  const { keyUsage: uses = [] } = certificate;
  const [client, server] = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"].map((use) => uses.includes(use));
  if (certificate.ca)
    argument.refuse("begins with an authority", "write the agent's certificate first, then its issuers");
  else if (uses.length > 0 && !client) argument.refuse(...notForClients);
  else if ((uses.length === 0 || server) && certificate.checkHost(hostname) !== undefined)
    argument.refuse(
      "would serve for the management plane itself: it has its name, and is not for clients alone",
      "use one with the usage client and without that name",
    );
}

/** Checks the authorities for the agent, or for the operating system. */
export function checkTrust(trusted: Argument<Input<string>>, tls: NginxAgentTls, version: string): void {
  trusted.known((pem, argument) => {
    const roots = argument.read((refuse) => readCertificates(refuse, argument.path, pem)) ?? [];
    if (tls.trustedCertificatesPath === undefined && roots.length > 1)
      argument.refuse(
        `has ${roots.length} certificates, and the operating system takes one from a file`,
        `write the root alone, or ${version}.tls.trustedCertificatesPath for the agent alone to trust them`,
      );
  });
}

/** Returns the files of the host: the agent's, and the certificates for the paths in it. */
export function agentHostFiles(
  { name, group, certificatePem, privateKeyPem, trustedCertificatesPem }: NginxAgentHost,
  { tls = {} }: NginxAgentServer,
  file: AgentFile,
): HostFileInput[] {
  const { certificatePath, keyPath } = tls.clientCertificate ?? {};
  return [
    ...(trustedCertificatesPem === undefined ? [] : [trustFile([name], tls, trustedCertificatesPem)]),
    ...(certificatePem === undefined ? [] : [publicFile([name], certificatePath!, certificatePem)]),
    ...(privateKeyPem === undefined ? [] : [secretFile([name], keyPath!, privateKeyPem, group)]),
    agentFileOf([name], file, group),
  ];
}

/** Returns the file of the agent itself. */
export function agentFileOf(hosts: string[], { text, isSecret }: AgentFile, group?: string): HostFileInput {
  return isSecret ? secretFile(hosts, agentFilePath, text, group) : publicFile(hosts, agentFilePath, text);
}

/** Returns the file of the authorities, for the agent or for the operating system. */
export function trustFile(hosts: string[], tls: NginxAgentTls, pem: Input<string>): HostFileInput {
  return tls.trustedCertificatesPath === undefined
    ? publicFile(hosts, "nginx-management-plane.crt", pem, HostAction.trust)
    : publicFile(hosts, tls.trustedCertificatesPath, pem);
}

/** Returns a file that everyone may read. */
export function publicFile(
  hosts: string[],
  path: Input<string>,
  content: Input<string>,
  action: HostAction = HostAction.restartAgent,
): HostFileInput {
  return { hosts, path, mode: hostFileMode.open, owner: "root", group: "root", content, secret: false, action };
}

/** Returns a file that only root and its group may read. */
export function secretFile(
  hosts: string[],
  path: Input<string>,
  content: Input<string>,
  group = "root",
): HostFileInput {
  const access = { mode: hostFileMode.secret, owner: "root", group, secret: true };
  return { hosts, path, ...access, content: secret(content) as Output<string>, action: HostAction.restartAgent };
}
