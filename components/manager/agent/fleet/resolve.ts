import type { Input } from "@pulumi/pulumi";
import { type Argument, formats, resolveArguments } from "../../../foundation";
import { type CertificateIssuer, checkKey, type KeyOptions, resolveSigning, type Signing } from "../../../pki";
import { checkUniqueNames, commonName, shortName } from "../../certificates";
import { checkAgentFile } from "../checks";
import { type AgentFile, resolveFile } from "../file";
import { checkTrust } from "../host";
import type { NginxAgentServer, NginxAgentTls } from "../nginx-agent-args";
import type { NginxAgentFleetArgs, NginxAgentFleetMember } from "./nginx-agent-fleet-args";

type Args = Argument<NginxAgentFleetArgs>;

/** An NginxAgentFleet as it will be made. */
export interface ResolvedFleet {
  version: "v1" | "v2";
  /** The management plane. */
  server: NginxAgentServer;
  agents: (NginxAgentFleetMember & { commonName: Input<string> })[];
  group: string | undefined;
  /** The file of every agent. */
  file: AgentFile;
  trustedCertificatesPem: Input<string>;
  issuer: CertificateIssuer;
  key: KeyOptions;
  signing: Signing;
}

/** Applies the rules of an NginxAgentFleet, and prints the agents' file. */
export const resolveFleet = (name: string, args: NginxAgentFleetArgs): ResolvedFleet =>
  resolveArguments("NginxAgentFleet", name, "NginxAgentFleetArgs", args, (argument) => {
    const { v1, v2, agents, issuer, group, keyAlgorithm, ecdsaCurve, rsaBits } = argument.value;
    argument.exactlyOne(["v2", "v1"], "write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1");
    const [version, server] = v1 ? (["v1", v1] as const) : (["v2", v2!] as const);
    argument.field("group").matches(formats.account);
    argument.check(
      checkAgentFile,
      () => server && checkTls(argument.field(version).field("tls")),
      () => checkKey(argument),
      () => server && checkRoots(argument, server.tls ?? {}, version),
    );
    const names = checkMembers(argument, argument.field(version).field("hostname"));
    const holders = Object.fromEntries(names.map(({ path, value }) => [path, { commonName: value! }]));
    return {
      version,
      server,
      agents: agents.map((agent) => ({ ...agent, commonName: agent.commonName ?? agent.host })),
      group,
      file: resolveFile(argument),
      trustedCertificatesPem: argument.value.trustedCertificatesPem ?? issuer.bundle,
      issuer,
      key: { keyAlgorithm, ecdsaCurve, rsaBits },
      signing: resolveSigning(argument, issuer, holders)!,
    };
  });

function checkTls(tls: Argument<NginxAgentTls | undefined>): void {
  if (tls.value?.clientCertificate === undefined)
    tls
      .field("clientCertificate")
      .refuse("is missing", "write the paths of the certificate and the key: the fleet makes both for each agent");
  if (tls.value?.unsafeSkipVerification)
    tls
      .field("unsafeSkipVerification")
      .refuse(
        "is given, though the fleet brings the roots to verify with",
        "leave it out, or write the roots in trustedCertificatesPem",
      );
}

function checkRoots(argument: Args, tls: NginxAgentTls, version: string): void {
  const { trustedCertificatesPem, issuer } = argument.value;
  checkTrust(argument.with("trustedCertificatesPem", trustedCertificatesPem ?? issuer.bundle), tls, version);
}

/** Checks the machines. Returns their common names. */
function checkMembers(
  argument: Args,
  manager: Argument<Input<string> | undefined>,
): Argument<Input<string> | undefined>[] {
  const agents = argument.field("agents");
  if (agents.value?.length === 0) agents.refuse("is empty", "write at least one machine: { host }");
  const taken = new Set<unknown>();
  const names = agents.entries().flatMap((agent) => {
    const [host, given] = [agent.field("host"), agent.field("commonName")];
    const repeated = taken.has(host.value);
    host.matches(formats.machine);
    host.unique(taken, "write each machine once");
    given.matches(commonName);
    if (given.value !== undefined) return [given as Argument<Input<string> | undefined>];
    host.matches(shortName);
    return repeated ? [] : [host as Argument<Input<string> | undefined>];
  });
  checkUniqueNames(names, [manager]);
  return names;
}
