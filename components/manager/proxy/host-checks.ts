import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { checked, checkInteger, checkPlain, checkPort, type Refuser, readTogether } from "../../foundation";
import type { HostCertificate } from "../../pki";
import { checkCrl, readCertificates, readPrivateKey } from "../../pki/pem";
import { checkNginxHost } from "../host/nginx-host";
import type { InstanceManagerHostProxyArgs } from "../instance-manager-host-proxy-args";
import { checkClientCertificate, checkServerCertificate } from "./certificates";
import { checkBackendPlaces, checkProxyOptions, hostOrAddress } from "./checks";
import { backendHost, isSocket } from "./host";
import { backendParts } from "./place";

/** Refuses what NGINX on the host would accept and a user would regret, before anything is registered. */
export function checkInstanceManagerHostProxy(args: InstanceManagerHostProxyArgs, refuse: Refuser): void {
  const { certificate, agentCertificate, backendTls } = args;
  checkNginxHost(refuse, "host", args.host);
  checkProxyOptions(args, refuse);
  checkPlain(refuse, { certificate, agentCertificate, backendTls });
  checkCertificates(args, refuse);
  checkAuthorities(args, refuse);
  checkBackends(args, refuse);
  checkPort(refuse, "port", args.port);
  checkInteger(refuse, "drainSeconds", args.drainSeconds, 1, 24 * 60 * 60);
}

function checkCertificates(
  { hostname, certificate, agentCertificate }: InstanceManagerHostProxyArgs,
  refuse: Refuser,
): void {
  if (certificate === undefined)
    refuse("certificate", "is missing", 'give a Certificate with forHosts, usage "server" and both names');
  const { manager, agents } = hostname;
  const names: Record<string, Input<string>> = agentCertificate ? { manager } : { manager, agents };
  checkPair(refuse, "certificate", certificate);
  checkServerCertificate(refuse, "certificate.chainPem", certificate.chainPem, names);
  if (!agentCertificate) return;
  checkPair(refuse, "agentCertificate", agentCertificate);
  checkServerCertificate(refuse, "agentCertificate.chainPem", agentCertificate.chainPem, { agents });
}

/** Checks that a certificate is there with its key: NGINX says so too, but on the host. */
function checkPair(refuse: Refuser, property: string, { chainPem, privateKeyPem }: HostCertificate): void {
  for (const [part, pem] of Object.entries({ chainPem, privateKeyPem }))
    if (pem === undefined)
      refuse(`${property}.${part}`, "is missing", "give a Certificate with forHosts, or the text of the file");
  void readTogether({ chainPem, privateKeyPem }, (texts) => {
    const [leaf] = readCertificates(refuse, `${property}.chainPem`, texts.chainPem!);
    const key = readPrivateKey(refuse, `${property}.privateKeyPem`, texts.privateKeyPem!);
    if (!leaf!.checkPrivateKey(key))
      refuse(
        `${property}.privateKeyPem`,
        "is the key of another certificate",
        "write the key of the first certificate in chainPem",
      );
    return true;
  });
}

function checkAuthorities({ agentAuthorities, agentRevocation }: InstanceManagerHostProxyArgs, refuse: Refuser): void {
  if (agentAuthorities === undefined) return;
  const { certificatesPem, crlPem } = agentAuthorities;
  if (certificatesPem === undefined)
    refuse("agentAuthorities.certificatesPem", "is missing", "give a CertificateAuthority's bundle");
  void checked(certificatesPem, (pem) => void readCertificates(refuse, "agentAuthorities.certificatesPem", pem));
  if (crlPem === undefined && agentRevocation?.crl)
    refuse(
      "agentAuthorities.crlPem",
      "is missing, and agentRevocation.crl is true",
      "write the lists of every authority of the chain, or leave crl out",
    );
  if (crlPem === undefined) return;
  if (!agentRevocation?.crl)
    refuse(
      "agentAuthorities.crlPem",
      "is given, but nobody heeds it",
      "write agentRevocation: { crl: true }, or leave it out",
    );
  void checked(crlPem, (pem) => checkCrl(refuse, "agentAuthorities.crlPem", pem));
}

function checkBackends(args: InstanceManagerHostProxyArgs, refuse: Refuser): void {
  const { backends = {}, backendTls, unsafePlainBackends } = args;
  if (backendHost(args, "apigw") === undefined)
    refuse(
      "backends.apigw.host",
      "is missing",
      "write where Instance Manager's own gateway listens; a host has no Service for it",
    );
  checkBackendPlaces(args, refuse, hostAddressOrSocket);
  for (const part of backendParts) {
    if (!isSocket(backendHost(args, part))) continue;
    for (const property of ["port", "serverName"] as const)
      if (backends[part]?.[property] !== undefined)
        refuse(`backends.${part}.${property}`, "is given, but a socket has none", "leave it out, or write a host");
  }
  const remote = backendParts.filter((part) => !isSocket(backendHost(args, part)));
  checkBackendTls(remote.length > 0, args, refuse);
  if (backendTls)
    for (const part of remote)
      if (backends[part]?.serverName === undefined) checked(backendHost(args, part)!, verifiableName(refuse, part));
  if (unsafePlainBackends && remote.length === 0)
    refuse("unsafePlainBackends", "is true, but every backend is a socket", "leave it out: nobody is on the way");
}

function checkBackendTls(isRemote: boolean, args: InstanceManagerHostProxyArgs, refuse: Refuser): void {
  const { backendTls, unsafePlainBackends } = args;
  if (isRemote && !backendTls && !unsafePlainBackends)
    refuse(
      "backendTls",
      "is missing",
      "give trustedCertificatesPem (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
    );
  if (!backendTls) return;
  if (unsafePlainBackends) refuse("unsafePlainBackends", "is true beside backendTls", "leave one of the two out");
  if (!isRemote) refuse("backendTls", "is given, but every backend is a socket", "leave it out: nobody is on the way");
  const { trustedCertificatesPem, clientCertificate, verifyDepth } = backendTls;
  if (trustedCertificatesPem === undefined)
    refuse("backendTls.trustedCertificatesPem", "is missing", "give the authorities of the backends' certificates");
  void checked(
    trustedCertificatesPem,
    (pem) => void readCertificates(refuse, "backendTls.trustedCertificatesPem", pem),
  );
  checkInteger(refuse, "backendTls.verifyDepth", verifyDepth, 1, 10);
  if (!clientCertificate) return;
  checkPair(refuse, "backendTls.clientCertificate", clientCertificate);
  checkClientCertificate(refuse, "backendTls.clientCertificate.chainPem", clientCertificate.chainPem);
}

const hostAddressOrSocket = (refuse: Refuser, property: string) => (text: string) => {
  if (!text.startsWith("unix:")) return hostOrAddress(refuse, property)(text);
  if (!/^unix:(?:\/[A-Za-z0-9_.@+-]+)+$/.test(text))
    refuse(property, "is not the path of a socket", "write unix:/var/run/nms/am.sock");
};

/** NGINX verifies no addresses: a certificate's are not looked at. */
const verifiableName = (refuse: Refuser, part: string) => (host: string) => {
  if (host.startsWith("unix:"))
    refuse(`backends.${part}.host`, "is a socket in an output", "write it as plain text: it needs no TLS");
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0)
    refuse(
      `backends.${part}.serverName`,
      `is missing, and ${host} is an address, which NGINX finds in no certificate`,
      "write the DNS name that the backend's certificate carries",
    );
};
