import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type HostFile, makeSecret, refuser } from "../../foundation";
import { checkAgent } from "./checks";
import { agentFile } from "./file";
import { agentHostFiles } from "./host";
import type { NginxAgentConfigurationArgs, NginxAgentV3 } from "./nginx-agent-args";
import { holdsSecret, withoutSecrets } from "./settings";

const fileName = "nginx-agent.conf";

/**
 * The configuration of an NGINX Agent: as a ConfigMap, or a Secret where it holds a token, for pods, and as files for a host.
 *
 * The three agents read different files. Agent 1 is that of NGINX Instance Manager 1, agent 2 that of NGINX Instance Manager 2, agent 3 that of NGINX One.
 */
export class NginxAgentConfiguration extends pulumi.ComponentResource {
  /** Name of the ConfigMap; "" where there is none. */
  readonly configMapName: pulumi.Output<string>;
  /** Name of the Secret; "" where there is none. */
  readonly secretName: pulumi.Output<string>;
  /** A digest of the agent's file, itself a secret: it changes when that does. */
  readonly revision: pulumi.Output<string>;
  /** The files of the host; none without `host`. */
  readonly hostFiles: pulumi.Output<HostFile[]>;

  constructor(name: string, args: NginxAgentConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("NginxAgentConfiguration", name);
    checkAgent(args, refuse);
    const { v1, v2, v3, kubernetes, host } = args;
    const version = v1 ? "v1" : v2 ? "v2" : "v3";
    const server = (v1 ?? v2 ?? v3)!;
    const { token, auxiliary, settings } = server as NginxAgentV3;
    const isSecret = token !== undefined || auxiliary?.token !== undefined || holdsSecret(settings);
    const file = isSecret ? pulumi.secret(agentFile(args)) : withoutSecrets(refuse, version, agentFile(args));
    const { hostname } = server;
    super(
      "nginx-stacks:index:NginxAgentConfiguration",
      name,
      { version, hostname, kubernetes, host: host?.name },
      opts,
    );
    for (const remark of remarks(args)) pulumi.log.warn(`NginxAgentConfiguration "${name}": ${remark}`, this);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const configMap =
      kubernetes && !isSecret
        ? new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata: { ...kubernetes }, data: { [fileName]: file } },
            child,
          )
        : undefined;
    const secret =
      kubernetes && isSecret
        ? makeSecret(`${name}-config`, "Opaque", { [fileName]: file }, kubernetes, child)
        : undefined;
    const files = host ? agentHostFiles(host, server, file, isSecret) : [];

    const outputs = {
      configMapName: configMap?.metadata.name ?? pulumi.output(""),
      secretName: secret?.secretName ?? pulumi.output(""),
      revision: pulumi.secret(file).apply((text) => createHash("sha256").update(text).digest("hex")),
    };
    this.configMapName = outputs.configMapName;
    this.secretName = outputs.secretName;
    this.revision = outputs.revision;
    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    // Registered file by file, so that only the contents of keys and tokens are in envelopes.
    this.registerOutputs({ ...outputs, hostFiles: files });
  }
}

/** What works, and yet a user should know. */
function remarks({ v1, v2, v3 }: NginxAgentConfigurationArgs): string[] {
  const servers = [v1, v2, v3, v3?.auxiliary].filter((server) => server !== undefined);
  return servers.flatMap(({ tls }) => [
    ...(tls?.unsafeSkipVerification
      ? ["tls.unsafeSkipVerification: whoever answers can pass for the management plane"]
      : []),
    ...(tls?.unsafePlaintext
      ? ["tls.unsafePlaintext: anyone on the way can read and change what the agent is told"]
      : []),
  ]);
}
