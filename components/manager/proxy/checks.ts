import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { checkHostname, dnsName } from "../hostname";
import { AgentMtls, type InstanceManagerProxyOptions } from "../instance-manager-proxy-options";
import { checkRevocation } from "../revocation";
import { backendParts } from "./place";
import { checkSnippets } from "./snippets";

/** The options of a proxy, with what its home says about agents' authorities. */
type WithAuthorities = InstanceManagerProxyOptions & { agentAuthorities?: unknown };

/** Refuses what is wrong wherever the proxy runs. */
export function checkProxyOptions(options: WithAuthorities, refuse: Refuser): void {
  const { hostname, agentAuthorities, agentRevocation, backends, snippets } = options;
  checkPlain(refuse, { hostname, agentAuthorities, agentRevocation, backends, snippets });
  checkHostname(hostname, refuse);
  checkAgentMtls(options, refuse);
  checkInteger(refuse, "agentSilenceSeconds", options.agentSilenceSeconds, 1, 86_400);
  checkInteger(refuse, "agentPauseSeconds", options.agentPauseSeconds, 1, 604_800);
  checkInteger(refuse, "strictTransportSeconds", options.strictTransportSeconds, 0, 63_072_000);
  if (snippets) checkSnippets(snippets, refuse);
}

function checkAgentMtls(args: WithAuthorities, refuse: Refuser) {
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
  if (args.agentRevocation === undefined) return;
  if (agentMtls !== AgentMtls.required)
    refuse(
      "agentRevocation",
      `is given, but with agentMtls "${agentMtls}" whoever is revoked comes without a certificate`,
      "leave it out, or require certificates",
    );
  checkRevocation(refuse, "agentRevocation", args.agentRevocation);
}

/** Checks where each part of Instance Manager is; `checkHost` knows what may stand for a host. */
export function checkBackendPlaces(
  { backends = {}, unsafePlainBackends }: InstanceManagerProxyOptions,
  refuse: Refuser,
  checkHost: (refuse: Refuser, property: string) => (host: string) => void = hostOrAddress,
): void {
  for (const part of backendParts) {
    const { host, port, serverName } = backends[part] ?? {};
    const property = `backends.${part}`;
    if (host !== undefined) checked(host, checkHost(refuse, `${property}.host`));
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

export const hostOrAddress = (refuse: Refuser, property: string) => (text: string) => {
  if (isIP(text) !== 4 && !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/i.test(text))
    refuse(
      property,
      "is not a host name or an address",
      "write the host alone, without scheme, port or path; IPv6 in brackets",
    );
};
