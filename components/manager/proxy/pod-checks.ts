import type { Input } from "@pulumi/pulumi";
import { checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { Edition } from "../../nginx";
import { checkExposure } from "../exposure";
import type { InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import { checkClientCertificate, checkServerCertificate } from "./certificates";
import { checkBackendPlaces, checkProxyOptions } from "./checks";
import { olderThan, readVersion } from "./http2";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkInstanceManagerProxy(args: InstanceManagerProxyArgs, refuse: Refuser): void {
  const { certificate, agentCertificate, backendTls } = args;
  checkProxyOptions(args, refuse);
  checkPlain(refuse, { certificate, agentCertificate, backendTls });
  checkCertificates(args, refuse);
  checkBackends(args, refuse);
  checkBackendPlaces(args, refuse);
  checkPort(refuse, "port", args.port);
  checkVersion(args, refuse);
  checkExposure(args, refuse);
}

function checkCertificates({ hostname, certificate, agentCertificate }: InstanceManagerProxyArgs, refuse: Refuser) {
  if (certificate === undefined)
    refuse(
      "certificate",
      "is missing",
      'give a Certificate with usage "server" and both names, or the Secret of another',
    );
  const { manager, agents } = hostname;
  const names: Record<string, Input<string>> = agentCertificate ? { manager } : { manager, agents };
  checkServerCertificate(refuse, "certificate.certificatePem", certificate.certificatePem, names);
  checkServerCertificate(refuse, "agentCertificate.certificatePem", agentCertificate?.certificatePem, { agents });
}

function checkBackends(args: InstanceManagerProxyArgs, refuse: Refuser) {
  const { backendTls, unsafePlainBackends } = args;
  if (!backendTls && !unsafePlainBackends)
    refuse(
      "backendTls",
      "is missing",
      "give trustedCertificates and clientCertificate (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
    );
  if (backendTls && unsafePlainBackends)
    refuse("unsafePlainBackends", "is true beside backendTls", "leave one of the two out");
  if (backendTls) {
    for (const property of ["trustedCertificates", "clientCertificate"] as const)
      if (backendTls[property] === undefined)
        refuse(
          `backendTls.${property}`,
          "is missing: TLS to the backends is verified in both directions",
          "give the authorities of the backends, and the proxy's own certificate",
        );
    const { certificatePem } = backendTls.clientCertificate;
    checkClientCertificate(refuse, "backendTls.clientCertificate.certificatePem", certificatePem);
    checkInteger(refuse, "backendTls.verifyDepth", backendTls.verifyDepth, 1, 10);
  }
}

function checkVersion(
  { edition = Edition.plus, image, openSourceVersion: text }: InstanceManagerProxyArgs,
  refuse: Refuser,
) {
  if (text === undefined) return;
  if (edition === Edition.plus)
    refuse(
      "openSourceVersion",
      "is not about NGINX Plus",
      'leave it out, or use edition "oss": release says it for Plus',
    );
  if (image === undefined)
    refuse("openSourceVersion", "is given without image", "leave it out: the version of the default image is known");
  const version = readVersion(text);
  if (version === undefined)
    return refuse("openSourceVersion", `is ${JSON.stringify(text)}`, "write the three numbers: 1.30.4");
  if (olderThan(version, [1, 19, 4]))
    refuse(
      "openSourceVersion",
      `is ${text}, which cannot turn away a TLS handshake (ssl_reject_handshake)`,
      "use 1.19.4 or later",
    );
}
