import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { Edition } from "../../nginx";
import { checkExposure } from "../exposure";
import { checkHostname, dnsName } from "../hostname";
import { AgentMtls, type InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import { backendParts } from "./backends";
import { checkClientCertificate, checkServerCertificate } from "./certificates";
import { olderThan, readVersion } from "./http2";
import { checkSnippets } from "./snippets";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkInstanceManagerProxy(args: InstanceManagerProxyArgs, refuse: Refuser): void {
  const { hostname, certificate, agentCertificate, agentAuthorities, backends, backendTls, snippets } = args;
  checkPlain(refuse, { hostname, certificate, agentCertificate, agentAuthorities, backends, backendTls, snippets });
  checkHostname(hostname, refuse);
  checkCertificates(args, refuse);
  checkAgentMtls(args, refuse);
  checkBackends(args, refuse);
  checkPort(refuse, "port", args.port);
  checkInteger(refuse, "agentSilenceSeconds", args.agentSilenceSeconds, 1, 86_400);
  checkInteger(refuse, "agentPauseSeconds", args.agentPauseSeconds, 1, 604_800);
  checkInteger(refuse, "strictTransportSeconds", args.strictTransportSeconds, 0, 63_072_000);
  checkVersion(args, refuse);
  checkExposure(args, refuse);
  if (snippets) checkSnippets(snippets, refuse);
}

function checkCertificates({ hostname, certificate, agentCertificate }: InstanceManagerProxyArgs, refuse: Refuser) {
  if (certificate === undefined)
    refuse(
      "certificate",
      "is missing",
      'give a Certificate with usage "server" and both names, or the Secret of another',
    );
  const { manager, agents } = hostname;
  checkServerCertificate(refuse, "certificate", certificate, agentCertificate ? { manager } : { manager, agents });
  if (agentCertificate) checkServerCertificate(refuse, "agentCertificate", agentCertificate, { agents });
}

function checkAgentMtls(args: InstanceManagerProxyArgs, refuse: Refuser) {
  const { agentMtls = AgentMtls.required, agentAuthorities, unsafeAllowAgentsWithoutCertificate: unsafe } = args;
  if (!Object.values(AgentMtls).includes(agentMtls))
    refuse("agentMtls", "is no such mode", `write one of ${Object.values(AgentMtls).join(", ")}`);
  if (agentMtls === AgentMtls.off) {
    for (const property of ["agentAuthorities", "agentVerifyDepth"] as const)
      if (args[property] !== undefined)
        refuse(
          property,
          'is given, but with agentMtls "off" nobody is asked for a certificate',
          "leave one of the two out",
        );
  } else if (agentAuthorities === undefined)
    refuse(
      "agentAuthorities",
      `is missing: agentMtls is "${agentMtls}", and there is nothing to verify certificates with`,
      "give TrustedCertificates with the authorities of your agents",
    );
  if (agentMtls !== AgentMtls.required && !unsafe)
    refuse(
      "agentMtls",
      `is "${agentMtls}", so that whoever reaches the port can register as an agent`,
      'write "required" (or, where that is meant, unsafeAllowAgentsWithoutCertificate: true)',
    );
  if (agentMtls === AgentMtls.required && unsafe)
    refuse(
      "unsafeAllowAgentsWithoutCertificate",
      'is true, but agentMtls is "required"',
      "leave it out, or choose the other mode",
    );
  checkInteger(refuse, "agentVerifyDepth", args.agentVerifyDepth, 1, 10);
}

function checkBackends(args: InstanceManagerProxyArgs, refuse: Refuser) {
  const { backends = {}, backendTls, unsafePlainBackends } = args;
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
    checkClientCertificate(refuse, "backendTls.clientCertificate", backendTls.clientCertificate);
    checkInteger(refuse, "backendTls.verifyDepth", backendTls.verifyDepth, 1, 10);
  }
  for (const part of backendParts) {
    const { host, port, serverName } = backends[part] ?? {};
    const property = `backends.${part}`;
    if (host !== undefined) checked(host, hostOrAddress(refuse, `${property}.host`));
    checkPort(refuse, `${property}.port`, port);
    if (serverName === undefined) continue;
    if (unsafePlainBackends)
      refuse(`${property}.serverName`, "is given, but unsafePlainBackends verifies nobody", "leave one of the two out");
    checked(serverName, (name) => {
      dnsName(refuse, `${property}.serverName`)(name);
      if (/-(grpc|api)-service$/.test(name))
        refuse(
          `${property}.serverName`,
          `is "${name}", a name of the chart's client certificates`,
          `write a name of the server's: ${part}`,
        );
    });
  }
}

const hostOrAddress = (refuse: Refuser, property: string) => (text: string) => {
  if (isIP(text) !== 4 && !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/i.test(text))
    refuse(
      property,
      "is not a host name or an address",
      "write the host alone, without scheme, port or path; IPv6 in brackets",
    );
};

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
