import { resolveArguments } from "../../foundation";
import { checkAgent } from "./checks";
import { type AgentFile, resolveFile } from "./file";
import type {
  NginxAgentConfigurationArgs,
  NginxAgentHost,
  NginxAgentObject,
  NginxAgentServer,
} from "./nginx-agent-args";

/** An NginxAgentConfiguration as it will be made. */
export interface ResolvedAgent {
  version: "v1" | "v2" | "v3";
  /** The management plane. */
  server: NginxAgentServer;
  kubernetes: NginxAgentObject | undefined;
  host: NginxAgentHost | undefined;
  file: AgentFile;
  /** Sentences for the log about unsafe options. */
  warnings: string[];
}

/** Applies the rules of an NginxAgentConfiguration, and prints the agent's file. */
export const resolveAgent = (name: string, args: NginxAgentConfigurationArgs): ResolvedAgent =>
  resolveArguments("NginxAgentConfiguration", name, "NginxAgentConfigurationArgs", args, (argument) => {
    argument.check(checkAgent);
    const { v1, v2, v3, kubernetes, host } = argument.value;
    const servers = [v1, v2, v3, v3?.auxiliary].filter((server) => server !== undefined);
    return {
      version: v1 ? "v1" : v2 ? "v2" : "v3",
      server: servers[0]!,
      kubernetes,
      host,
      file: resolveFile(argument),
      warnings: servers.flatMap(warningsOf),
    };
  });

const warningsOf = ({ tls }: NginxAgentServer): string[] => [
  ...(tls?.unsafeSkipVerification
    ? ["tls.unsafeSkipVerification: anyone who answers can pass for the management plane"]
    : []),
  ...(tls?.unsafePlaintext
    ? ["tls.unsafePlaintext: anyone on the way can read and change what the agent is told"]
    : []),
];
