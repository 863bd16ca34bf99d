import * as pulumi from "@pulumi/pulumi";
import type { HostFile } from "../../foundation";
import { AgentMtls, AgentPublication } from "../front";
import { warnAboutHost } from "../host";
import { resolveInstanceManagerV1Host } from "./host";
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
    const { host, agentPort, files, warnings: faults, recorded } = resolveInstanceManagerV1Host(name, args);
    super("nginx-stacks:index:InstanceManagerV1Host", name, recorded, opts);
    const title = `InstanceManagerV1Host "${name}"`;
    warnAboutHost(host, title, this);
    for (const warning of [...warnings(args), ...faults]) void pulumi.log.warn(`${title}: ${warning}`, this);

    const outputs = {
      agentHost: pulumi.output(args.hostname),
      agentPort: pulumi.output(agentPort),
    };
    this.agentHost = outputs.agentHost;
    this.agentPort = outputs.agentPort;
    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    // Registered file by file, so that only the contents of keys are in envelopes.
    this.registerOutputs({ ...outputs, hostFiles: files });
  }
}

/** Returns what the log says about options that lower the protection. */
function warnings({ front, manager }: InstanceManagerV1HostArgs): string[] {
  const { publication, mtls } = front?.agents ?? {};
  return [
    ...((!front && manager?.certificate) || publication === AgentPublication.passthrough
      ? [
          "agents end TLS at Instance Manager 1, whose file has no key for authorities: nothing in it says that they are asked for a certificate",
        ]
      : []),
    ...(publication === AgentPublication.clear
      ? ["front.agents.unsafePublishInTheClear: anyone between the two can read and change the instructions of agents"]
      : []),
    ...(mtls !== undefined && mtls !== AgentMtls.required
      ? ["front.agents.unsafeAllowAgentsWithoutCertificate: anyone who reaches the port can register as an agent"]
      : []),
  ];
}
