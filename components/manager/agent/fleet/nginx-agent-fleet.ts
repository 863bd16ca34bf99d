import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { HostFile, HostFileInput } from "../../../foundation";
import { issue, makeKey } from "../../../pki";
import { agentFileOf, publicFile, secretFile, trustFile } from "../host";
import type { NginxAgentFleetArgs } from "./nginx-agent-fleet-args";
import { type ResolvedFleet, resolveFleet } from "./resolve";

/**
 * The agents of many machines: for each a key, a certificate of its own and the files, with one text for the agent's file and for the roots.
 *
 * The engine writes the whole state at every step, so the cost of a machine grows with their number: each has three resources, and no text is stored twice.
 * Split some hundreds over stacks; the issuer's fields may come from a StackReference.
 */
export class NginxAgentFleet extends pulumi.ComponentResource {
  /** The files of the machines. */
  readonly hostFiles: pulumi.Output<HostFile[]>;

  constructor(name: string, args: NginxAgentFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    const { version, server, agents, group, file, trustedCertificatesPem, ...resolved } = resolveFleet(name, args);

    super("nginx-stacks:index:NginxAgentFleet", name, { version, hostname: server.hostname }, opts);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const hosts = agents.map(({ host }) => host);
    const paths = server.tls!.clientCertificate!;
    const files: HostFileInput[] = [
      trustFile(hosts, server.tls!, trustedCertificatesPem),
      agentFileOf(hosts, file, group),
      ...agents.flatMap((agent) => {
        const { chainPem, privateKeyPem } = makeCertificate(name, resolved, agent, child);
        return [
          publicFile([agent.host], paths.certificatePath, chainPem),
          secretFile([agent.host], paths.keyPath, privateKeyPem, group),
        ];
      }),
    ];

    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    // Registered file by file, so that only the contents of keys and tokens are in envelopes.
    this.registerOutputs({ hostFiles: files });
  }
}

/** Makes the three resources of one agent, directly below the fleet: a Certificate would add itself. */
function makeCertificate(
  name: string,
  { issuer, key, signing }: Pick<ResolvedFleet, "issuer" | "key" | "signing">,
  { host, commonName }: ResolvedFleet["agents"][number],
  opts: pulumi.CustomResourceOptions,
) {
  const own = `${name}-${host}`;
  const { privateKeyPem } = makeKey(`${own}-key`, key, opts);
  const request = new tls.CertRequest(`${own}-request`, { privateKeyPem, subject: { commonName } }, opts);
  const { chainPem } = issue(own, { ...key, usage: "client" }, issuer, signing, request.certRequestPem, opts);
  return { chainPem, privateKeyPem };
}
