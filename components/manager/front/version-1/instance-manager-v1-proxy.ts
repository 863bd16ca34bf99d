import * as pulumi from "@pulumi/pulumi";
import { containedNginx, NginxPlus } from "../../../nginx";
import type { InstanceManagerV1ProxyArgs } from "./instance-manager-v1-proxy-args";
import { resolveInstanceManagerV1Proxy } from "./pods";

/**
 * The front of an NGINX Instance Manager 1 that runs outside the cluster, as pods: HTTPS for its web interface and its API, and for agents
 * gRPC with certificates of their own. The options are those of InstanceManagerV1Host's `front`.
 */
export class InstanceManagerV1Proxy extends pulumi.ComponentResource {
  /** Name of the Service. */
  readonly serviceName: pulumi.Output<string>;
  /** Host name of the Service inside the cluster; its clients still verify `hostname`. */
  readonly host: pulumi.Output<string>;
  /** The name that agents connect to, send as SNI and verify. */
  readonly agentHost: pulumi.Output<string>;
  /** The port that agents connect to; 0 where they are not published. */
  readonly agentPort: pulumi.Output<number>;

  constructor(name: string, args: InstanceManagerV1ProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { agentPort, nginx: resolved, recorded } = resolveInstanceManagerV1Proxy(name, args);
    super("nginx-stacks:index:InstanceManagerV1Proxy", name, recorded, opts);

    const nginx = new NginxPlus(`${name}-nginx`, containedNginx(resolved), {
      parent: this,
      dependsOn: opts?.dependsOn,
    });

    const outputs = {
      serviceName: nginx.serviceName,
      host: nginx.host,
      agentHost: pulumi.output(args.hostname),
      agentPort: pulumi.output(agentPort),
    };
    this.serviceName = outputs.serviceName;
    this.host = outputs.host;
    this.agentHost = outputs.agentHost;
    this.agentPort = outputs.agentPort;
    this.registerOutputs(outputs);
  }
}
