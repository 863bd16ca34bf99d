import * as pulumi from "@pulumi/pulumi";
import { type HostFile, refuser } from "../../foundation";
import { Edition } from "../../nginx";
import { AgentPublication } from "./front-options";
import { checkInstanceManagerV1Host } from "./host-checks";
import { frontFiles, managerFiles } from "./host-front";
import type { InstanceManagerV1HostArgs } from "./instance-manager-v1-host-args";

/**
 * NGINX Instance Manager 1 on a machine, as files: its own `nginx-manager.conf`, and in front of it NGINX, which ends TLS for the web
 * interface and the API, and asks agents for their certificates. Whatever is possible without TLS or without certificates is so only by an
 * option that says it.
 */
export class InstanceManagerV1Host extends pulumi.ComponentResource {
  /** The files of the host. */
  readonly hostFiles: pulumi.Output<HostFile[]>;
  /** The name that agents connect to, send as SNI and verify. */
  readonly agentHost: pulumi.Output<string>;
  /** The port that agents connect to. */
  readonly agentPort: pulumi.Output<number>;

  constructor(name: string, args: InstanceManagerV1HostArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("InstanceManagerV1Host", name);
    checkInstanceManagerV1Host(args, refuse);
    const { hostname, host, front, manager } = args;
    const files = [...managerFiles(args), ...frontFiles(args, refuse)];
    const { name: machine, edition = Edition.plus, release, openSourceVersion } = host;
    super(
      "nginx-stacks:index:InstanceManagerV1Host",
      name,
      { hostname, host: { name: machine, ...(front && { edition, release, openSourceVersion }) }, front },
      opts,
    );
    for (const remark of remarks(args)) pulumi.log.warn(`InstanceManagerV1Host "${name}": ${remark}`, this);

    const outputs = {
      agentHost: pulumi.output(hostname),
      agentPort: pulumi.output(front?.agents ? (front.agents.port ?? 10_443) : (manager?.grpcPort ?? 10_000)),
    };
    this.agentHost = outputs.agentHost;
    this.agentPort = outputs.agentPort;
    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    // Registered file by file, so that only the contents of keys are in envelopes.
    this.registerOutputs({ ...outputs, hostFiles: files });
  }
}

/** What works, and yet a user should know. */
function remarks({ front, manager }: InstanceManagerV1HostArgs): string[] {
  const { publication, mtls } = front?.agents ?? {};
  return [
    ...((!front && manager?.certificate) || publication === AgentPublication.passthrough
      ? [
          "agents end TLS at Instance Manager 1, whose file has no key for authorities: nothing in it says that they are asked for a certificate",
        ]
      : []),
    ...(publication === AgentPublication.clear
      ? ["front.agents.unsafePublishInTheClear: anyone on the way can read and change what agents are told"]
      : []),
    ...(mtls === "off" || mtls === "optional"
      ? ["front.agents.unsafeAllowAgentsWithoutCertificate: whoever reaches the port can register as an agent"]
      : []),
  ];
}
