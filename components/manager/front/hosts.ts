import type { Input } from "@pulumi/pulumi";
import { type Argument, HostAction, type HostFileInput } from "../../foundation";
import { checkAuthorities, checkRevocationLists, type HostCertificate } from "../../pki";
import { checkHostCertificate } from "../certificate-checks";
import { certificateFiles, publicFile, type ResolvedHost, secretFile } from "../host";
import type { FrontFiles } from "./files";
import type { InstanceManagerHostBackendTls } from "./version-2";

/** Texts of a front's files beside its configuration. */
export interface FrontTexts {
  certificate?: HostCertificate;
  agentCertificate?: HostCertificate;
  agentAuthorities?: Input<string>;
  agentCrl?: Input<string>;
  backendTls?: InstanceManagerHostBackendTls;
  /** Password files of the status. */
  users?: Input<string>;
  writers?: Input<string>;
}

/** Returns the files of a front on a host beside its configuration. */
export function frontHostFiles(host: ResolvedHost, files: FrontFiles, texts: FrontTexts): HostFileInput[] {
  const pair = (paths: FrontFiles["certificate"], certificate: HostCertificate | undefined) =>
    certificate ? certificateFiles(host, paths, certificate) : [];
  const open = (path: string, content: Input<string> | undefined) =>
    content === undefined ? [] : [publicFile(host, path, content)];
  // NGINX's workers read password files, without root's rights.
  const passwords = (path: string, content: Input<string> | undefined) =>
    content === undefined ? [] : [secretFile(host, path, content, HostAction.reloadNginx, host.user)];
  return [
    ...pair(files.certificate, texts.certificate),
    ...pair(files.agentCertificate, texts.agentCertificate),
    ...open(files.agentAuthorities, texts.agentAuthorities),
    ...open(files.agentCrl, texts.agentCrl),
    ...open(files.backendAuthorities, texts.backendTls?.trustedCertificatesPem),
    ...pair(files.backendCertificate, texts.backendTls?.clientCertificate),
    ...passwords(files.users, texts.users),
    ...passwords(files.writers, texts.writers),
  ];
}

/** Checks the authorities of agents' certificates, and that their revocation lists are given exactly where they are used. */
export function checkAgentAuthorities(
  authorities: Argument<Input<string> | undefined>,
  lists: Argument<Input<string> | undefined>,
  crl: Argument<boolean | undefined>,
): void {
  checkAuthorities(authorities);
  if (lists.value !== undefined && !crl.value)
    lists.refuse(`is given, but ${crl.path} is not true`, "set it, or remove the lists");
  else checkRevocationLists(lists);
  if (lists.value === undefined && crl.value)
    lists.refuse(`is missing: ${crl.path} is true`, "write the lists of every authority of the chain, or remove crl");
}

/** Checks TLS from a host to Instance Manager. */
export function checkHostBackendTls(tls: Argument<InstanceManagerHostBackendTls | undefined>): void {
  checkAuthorities(tls.field("trustedCertificatesPem"));
  checkHostCertificate(tls.field("clientCertificate"), { usage: "client" });
  tls.field("verifyDepth").integer(1, 10);
}
