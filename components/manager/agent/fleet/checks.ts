import type { Input } from "@pulumi/pulumi";
import { argumentOf, checkAccount, checkHostName, checkPlain, type Refuser } from "../../../foundation";
import { resolveSigning, type Signing } from "../../../pki/issue";
import { checkKey } from "../../../pki/private-key";
import { checkSubject } from "../../../pki/subject";
import { checkApart } from "../../certificates/apart";
import { checkAgentFile } from "../checks";
import { checkTrust } from "../host";
import type { NginxAgentV1, NginxAgentV2 } from "../nginx-agent-args";
import type { NginxAgentFleetArgs } from "./nginx-agent-fleet-args";

/** Refuses, before anything is registered, what would leave an agent without a certificate, or two with one name. */
export function checkFleet(refuse: Refuser, args: NginxAgentFleetArgs): Signing {
  const { issuer, agents, v1, v2 } = args;
  checkPlain(refuse, { issuer, agents, v1, v2 });
  const version = checkVersion(refuse, args);
  const file = (v1 ?? v2)!;
  checkAgentFile(refuse, { v1, v2 });
  checkTls(refuse, version, file);
  const commonNames = checkMembers(refuse, args, { [`${version}.hostname`]: file.hostname });
  checkAccount(refuse, "group", args.group);
  checkKey(argumentOf(refuse, args));
  if (issuer === undefined)
    refuse("issuer", "is missing", "write issuer of InstanceManagerCertificates, or a CertificateAuthority");
  const trusted = args.trustedCertificatesPem ?? issuer.bundle;
  checkTrust(refuse, "trustedCertificatesPem", trusted, file.tls ?? {}, version);
  const holders = Object.entries(commonNames).map(([property, commonName]) => [property, { commonName }]);
  return resolveSigning(argumentOf(refuse, args), issuer, Object.fromEntries(holders))!;
}

function checkVersion(refuse: Refuser, args: NginxAgentFleetArgs): "v1" | "v2" {
  if ((args as { v3?: unknown }).v3 !== undefined)
    refuse(
      "v3",
      "is no agent that NGINX Instance Manager knows",
      "write v2, or an NginxAgentConfiguration for NGINX One",
    );
  if (args.v1 !== undefined && args.v2 !== undefined)
    refuse("v2", "is given beside v1", "write one of them: the file of one agent means something else to another");
  if (args.v1 === undefined && args.v2 === undefined)
    refuse("v2", "is missing, as is v1", "write v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1");
  return args.v1 === undefined ? "v2" : "v1";
}

function checkTls(refuse: Refuser, version: string, { tls }: NginxAgentV1 | NginxAgentV2): void {
  if (tls?.clientCertificate === undefined)
    refuse(
      `${version}.tls.clientCertificate`,
      "is missing",
      "write the paths of the certificate and the key: the fleet makes both for each agent",
    );
  if (tls.unsafeSkipVerification)
    refuse(
      `${version}.tls.unsafeSkipVerification`,
      "is given, though the fleet brings the roots to verify with",
      "leave it out, or write the roots in trustedCertificatesPem",
    );
}

/** Checks the machines; the answer are their common names, by the property that has them. */
function checkMembers(
  refuse: Refuser,
  { agents }: NginxAgentFleetArgs,
  servers: Record<string, Input<string>>,
): Record<string, Input<string>> {
  if (!Array.isArray(agents) || agents.length === 0)
    refuse("agents", "is empty", "write at least one machine: { host }");
  const hosts = new Map<string, number>();
  const commonNames: Record<string, Input<string>> = {};
  for (const [index, { host, commonName }] of agents.entries()) {
    const at = `agents[${index}]`;
    checkHostName(refuse, `${at}.host`, host);
    const first = hosts.get(host);
    if (first !== undefined) refuse(`${at}.host`, `is that of agents[${first}]`, "write each machine once");
    hosts.set(host, index);
    checkSubject(argumentOf(refuse, { commonName: commonName ?? host }, at));
    commonNames[commonName === undefined ? `${at}.host` : `${at}.commonName`] = commonName ?? host;
  }
  checkApart(refuse, commonNames, servers);
  return commonNames;
}
