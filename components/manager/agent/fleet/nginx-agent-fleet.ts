import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { type HostFile, type HostFileInput, refuser } from "../../../foundation";
import { issue, type Signing } from "../../../pki/issue";
import { makeKey } from "../../../pki/private-key";
import { agentFile } from "../file";
import { agentFileOf, keptFile, openFile, trustFile } from "../host";
import { holdsSecret, withoutSecrets } from "../settings";
import { checkFleet } from "./checks";
import type { NginxAgentFleetArgs, NginxAgentFleetMember } from "./nginx-agent-fleet-args";

/**
 * The agents of many machines: for each a key, a certificate of its own and the files, with one text for the agent's file and for the roots.
 *
 * The engine writes the whole state at every step, so what a machine costs grows with their number: per machine there are three resources, and nothing is there twice.
 * Split some hundreds over stacks; the issuer's fields may come from a StackReference.
 */
export class NginxAgentFleet extends pulumi.ComponentResource {
  /** The files of the machines. */
  readonly hostFiles: pulumi.Output<HostFile[]>;

  constructor(name: string, args: NginxAgentFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("NginxAgentFleet", name);
    const signing = checkFleet(refuse, args);
    const { v1, v2, agents, group } = args;
    const [version, server] = v1 ? (["v1", v1] as const) : (["v2", v2!] as const);
    const isSecret = v2 !== undefined && (v2.token !== undefined || holdsSecret(v2.settings));
    const text = agentFile({ v1, v2 });
    const file = isSecret ? pulumi.secret(text) : withoutSecrets(refuse, version, text);
    super("nginx-stacks:index:NginxAgentFleet", name, { version, hostname: server.hostname }, opts);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const hosts = agents.map(({ host }) => host);
    const paths = server.tls!.clientCertificate!;
    const files: HostFileInput[] = [
      trustFile(hosts, server.tls!, args.trustedCertificatesPem ?? args.issuer.bundle),
      agentFileOf(hosts, file, isSecret, group),
      ...agents.flatMap((agent) => {
        const { chainPem, privateKeyPem } = agentCertificate(name, args, agent, signing, child);
        return [
          openFile([agent.host], paths.certificatePath, chainPem),
          keptFile([agent.host], paths.keyPath, privateKeyPem, group),
        ];
      }),
    ];

    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    // Registered file by file, so that only the contents of keys and tokens are in envelopes.
    this.registerOutputs({ hostFiles: files });
  }
}

/** The three resources of one agent, directly below the fleet: a Certificate would add itself. */
function agentCertificate(
  name: string,
  args: NginxAgentFleetArgs,
  { host, commonName = host }: NginxAgentFleetMember,
  signing: Signing,
  opts: pulumi.CustomResourceOptions,
) {
  const own = `${name}-${host}`;
  const { privateKeyPem } = makeKey(`${own}-key`, args, opts);
  const request = new tls.CertRequest(`${own}-request`, { privateKeyPem, subject: { commonName } }, opts);
  const { keyAlgorithm, ecdsaCurve, rsaBits } = args;
  const use = { keyAlgorithm, ecdsaCurve, rsaBits, usage: "client" } as const;
  const { chainPem } = issue(own, use, args.issuer, signing, request.certRequestPem, opts);
  return { chainPem, privateKeyPem };
}
