import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { Edition } from "../../nginx";
import { checkVersionOfImage } from "../../nginx/open-source-version";
import { checkExposure } from "../exposure";
import { dnsName } from "../hostname";
import { checkClientCertificate, checkServerCertificate } from "../proxy/certificates";
import { hostOrAddress } from "../proxy/checks";
import { lacksRejection } from "../proxy/tls";
import { checkFront } from "./checks";
import { AgentPublication } from "./front-options";
import type { InstanceManagerV1ProxyArgs } from "./instance-manager-v1-proxy-args";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkInstanceManagerV1Proxy(args: InstanceManagerV1ProxyArgs, refuse: Refuser): void {
  const { hostname, manager, certificate, agentCertificate, agentAuthorities, backendTls } = args;
  checkPlain(refuse, { manager, certificate, agentCertificate, agentAuthorities, backendTls });
  if (hostname === undefined) refuse("hostname", "is missing", "write the DNS name that clients connect to");
  checked(hostname, dnsName(refuse, "hostname"));
  if (manager?.host === undefined) refuse("manager", "is missing", "write where Instance Manager runs: { host }");
  checked(manager.host, hostOrAddress(refuse, "manager.host"));
  checkPort(refuse, "manager.grpcPort", manager.grpcPort);
  checkPort(refuse, "manager.gatewayPort", manager.gatewayPort);
  checkFront(
    args,
    {
      edition: args.edition ?? Edition.plus,
      prefix: "",
      certificate: certificate !== undefined,
      agentCertificate: agentCertificate !== undefined,
      agentAuthorities: agentAuthorities !== undefined,
      authoritiesProperty: "agentAuthorities",
      users: args.statusUsers !== undefined,
      writes: args.status?.write === true,
      writers: args.statusWriters !== undefined,
    },
    refuse,
  );
  if (args.status?.address !== undefined)
    refuse("status.address", "is about hosts", "leave it out: the pods' status is behind their Service");
  const names = { "": hostname };
  checkServerCertificate(refuse, "certificate.certificatePem", certificate?.certificatePem, names);
  checkServerCertificate(refuse, "agentCertificate.certificatePem", agentCertificate?.certificatePem, names);
  checkBackendTls(args, refuse);
  checkVersionOfImage(refuse, args, lacksRejection);
  checkExposure(args, refuse);
}

function checkBackendTls(args: InstanceManagerV1ProxyArgs, refuse: Refuser) {
  const { api, agents, backendTls, unsafePlainBackends, hostname } = args;
  const verifies = api !== undefined || (agents && agents.publication !== AgentPublication.passthrough);
  if (verifies && !backendTls && !unsafePlainBackends)
    refuse(
      "backendTls",
      "is missing",
      "give trustedCertificates (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
    );
  if (!verifies && (backendTls || unsafePlainBackends))
    refuse(
      backendTls ? "backendTls" : "unsafePlainBackends",
      "is given, but TLS is only passed on",
      "leave it out, or publish the api",
    );
  if (backendTls && unsafePlainBackends)
    refuse("unsafePlainBackends", "is true beside backendTls", "leave one of the two out");
  if (!backendTls) return;
  if (backendTls.trustedCertificates === undefined)
    refuse(
      "backendTls.trustedCertificates",
      "is missing, and nothing would be verified",
      "give the manager's authorities",
    );
  checked(backendTls.serverName ?? hostname, dnsName(refuse, "backendTls.serverName"));
  checkInteger(refuse, "backendTls.verifyDepth", backendTls.verifyDepth, 1, 10);
  const pem = backendTls.clientCertificate?.certificatePem;
  checkClientCertificate(refuse, "backendTls.clientCertificate.certificatePem", pem);
}
