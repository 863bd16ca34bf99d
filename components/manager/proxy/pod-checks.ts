import type { Input } from "@pulumi/pulumi";
import { checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { checkVersionOfImage } from "../../nginx/open-source-version";
import { checkExposure } from "../exposure";
import type { InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import { checkClientCertificate, checkServerCertificate } from "./certificates";
import { checkBackendPlaces, checkProxyOptions } from "./checks";
import { lacksRejection } from "./tls";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkInstanceManagerProxy(args: InstanceManagerProxyArgs, refuse: Refuser): void {
  const { certificate, agentCertificate, backendTls } = args;
  checkProxyOptions(args, refuse);
  checkPlain(refuse, { certificate, agentCertificate, backendTls });
  checkCertificates(args, refuse);
  checkBackends(args, refuse);
  checkBackendPlaces(args, refuse);
  checkPort(refuse, "port", args.port);
  checkVersionOfImage(refuse, args, lacksRejection);
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
