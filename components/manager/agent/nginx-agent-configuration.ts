import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type HostFile, makeSecret, withFacts } from "../../foundation";
import { agentHostFiles } from "./host";
import type { NginxAgentConfigurationArgs } from "./nginx-agent-args";
import { resolveAgent } from "./resolve";

const fileName = "nginx-agent.conf";

/**
 * The configuration of an NGINX Agent: as a ConfigMap, or a Secret where it has a token or a password in it, for pods, and as files for a host.
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
    const { version, server, kubernetes, host, file, warnings } = resolveAgent(name, args);
    const { hostname } = server;

    super(
      "nginx-stacks:index:NginxAgentConfiguration",
      name,
      { version, hostname, kubernetes, host: host?.name },
      opts,
    );
    for (const warning of warnings) pulumi.log.warn(`NginxAgentConfiguration "${name}": ${warning}`, this);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const configMap =
      kubernetes && !file.isSecret
        ? new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata: { ...kubernetes }, data: { [fileName]: file.text } },
            child,
          )
        : undefined;
    const secret =
      kubernetes && file.isSecret
        ? makeSecret(`${name}-config`, "Opaque", { [fileName]: file.text }, kubernetes, child)
        : undefined;
    const files = host ? agentHostFiles(host, server, file) : [];

    const facts = { component: `NginxAgentConfiguration ${JSON.stringify(name)}`, namespace: kubernetes?.namespace };
    const outputs = {
      configMapName: withFacts(configMap?.metadata.name ?? pulumi.output(""), facts),
      secretName: withFacts(secret?.secretName ?? pulumi.output(""), facts),
      revision: pulumi.secret(file.text).apply((text) => createHash("sha256").update(text).digest("hex")),
    };
    this.configMapName = outputs.configMapName;
    this.secretName = outputs.secretName;
    this.revision = outputs.revision;
    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    // Registered file by file, so that only the contents of keys and tokens are in envelopes.
    this.registerOutputs({ ...outputs, hostFiles: files });
  }
}
