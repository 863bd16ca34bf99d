import { isIP } from "node:net";
import { type Input, type Output, output } from "@pulumi/pulumi";
import { type Argument, formats } from "../../../foundation";
import { checkHostnames, checkServerName, type InstanceManagerHostname } from "../../hostname";
import { resolveSnippets, type SnippetOrigins } from "../../snippets";
import { AgentMtls, checkAgentMtls } from "../agents";
import type { ClientRevocation } from "../revocation";
import type {
  InstanceManagerBackend,
  InstanceManagerProxyOptions,
  InstanceManagerProxySnippets,
} from "./instance-manager-proxy-options";
import { backendParts } from "./layout";

/** TCP port of HTTPS, which clients need not write. */
export const standardPort = 443;

/** The options of a proxy with their defaults. */
export interface ResolvedOptions {
  hostname: InstanceManagerHostname;
  mtls: AgentMtls;
  verifyDepth: number;
  revocation: ClientRevocation | undefined;
  silenceSeconds: number;
  pauseSeconds: number;
  strictTransportSeconds: number;
  snippets: Argument<InstanceManagerProxySnippets | undefined>;
  origins: SnippetOrigins;
}

/** Applies the rules that hold in pods and on hosts. */
export function resolveOptions(
  options: Argument<InstanceManagerProxyOptions>,
  authorities: Argument<unknown>,
): ResolvedOptions {
  const agents = options.field("agents");
  checkHostnames(options.field("hostname"));
  checkAgentMtls(agents, authorities);
  agents.integers({ silenceSeconds: [1, 86_400], pauseSeconds: [1, 604_800] });
  options.field("strictTransportSeconds").integer(0, 63_072_000);
  const snippets: Argument<InstanceManagerProxySnippets | undefined> = options.field("snippets");
  const origins = resolveSnippets(snippets);
  const { hostname, strictTransportSeconds = 31_536_000 } = options.value;
  const {
    mtls = AgentMtls.required,
    verifyDepth = 2,
    revocation,
    silenceSeconds = 300,
    pauseSeconds = 600,
  } = agents.value ?? {};
  // A missing name is refused by its type; the configuration is printed all the same, for the faults in snippets.
  const names = { manager: hostname?.manager ?? "", agents: hostname?.agents ?? "" };
  return {
    ...{ hostname: names, mtls, verifyDepth, revocation, silenceSeconds, pauseSeconds },
    ...{ strictTransportSeconds, snippets, origins },
  };
}

/**
 * Checks where each part of Instance Manager listens.
 *
 * @param checkHost rules about a host: a name or an address, on machines a socket too
 */
export function checkBackends(
  options: Argument<InstanceManagerProxyOptions>,
  checkHost: (host: Argument<Input<string> | undefined>) => void = checkHostOrAddress,
): void {
  for (const part of backendParts) {
    const backend: Argument<InstanceManagerBackend | undefined> = options.field("backends").field(part);
    checkHost(backend.field("host"));
    backend.field("port").port();
    backend.field("serverName").given((serverName) => {
      if (options.value.unsafePlainBackends)
        return serverName.refuse(
          "is given, but with unsafePlainBackends no name is verified",
          "leave one of the two out",
        );
      checkServerName(serverName);
      serverName.known((name, argument) => {
        if (/-(grpc|api)-service$/.test(name))
          argument.refuse(
            `is "${name}", a name of the chart's client certificates`,
            `write a name of the server's: ${part}`,
          );
      });
    });
  }
}

/** Checks a host name or an address; IPv6 is in brackets, as NGINX writes it. */
export function checkHostOrAddress(host: Argument<Input<string> | undefined>): void {
  host.known((text, argument) => {
    const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
    const good = bracketed === undefined ? isIP(text) !== 6 && formats.host.test(text) : isIP(bracketed) === 6;
    if (!good)
      argument.refuse(
        "is not a host name or an address",
        "write the host alone, without scheme, port or path; IPv6 in brackets",
      );
  });
}

/** Returns the host, with its port where that is not HTTPS's, that usage is reported to. */
export const usageEndpointOf = ({ hostname }: ResolvedOptions, port: number): Output<string> =>
  output(hostname.manager).apply((host) => (port === standardPort ? host : `${host}:${port}`));
