import * as pulumi from "@pulumi/pulumi";
import type { HostFile } from "../../../foundation";
import { warnAboutHost } from "../../host";
import { usageEndpointOf } from "./checks";
import { resolveInstanceManagerHostProxy } from "./host";
import type { InstanceManagerHostProxyArgs } from "./instance-manager-host-proxy-args";

/**
 * The front of NGINX Instance Manager 2 on a machine, as files of its NGINX: what an InstanceManagerProxy is in pods, with the same servers,
 * names and refusals. `nginx-stacks render` writes the files as a tree with a script that puts them in place.
 *
 * Agents' services are taken to be the sockets of Instance Manager's packages on the same machine; its web interface and API come from the
 * packages' own gateway, which then listens on a socket or an address of yours, in an NGINX of its own.
 */
export class InstanceManagerHostProxy extends pulumi.ComponentResource {
  /** The files of the host. */
  readonly hostFiles: pulumi.Output<HostFile[]>;
  /** Endpoint for usage reports of NGINX Plus: the `management.usageEndpoint` of others. */
  readonly usageEndpoint: pulumi.Output<string>;
  /** The name that agents connect to, send as SNI and verify. */
  readonly agentHost: pulumi.Output<string>;

  constructor(name: string, args: InstanceManagerHostProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { host, port, options, files, warnings, recorded } = resolveInstanceManagerHostProxy(name, args);
    super("nginx-stacks:index:InstanceManagerHostProxy", name, recorded, opts);
    const title = `InstanceManagerHostProxy "${name}"`;
    warnAboutHost(host, title, this);
    for (const warning of warnings) void pulumi.log.warn(`${title}: ${warning}`, this);

    const outputs = {
      usageEndpoint: usageEndpointOf(options, port),
      agentHost: pulumi.output(options.hostname.agents),
    };
    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    this.usageEndpoint = outputs.usageEndpoint;
    this.agentHost = outputs.agentHost;
    // Registered file by file, so that only the contents of keys are in envelopes.
    this.registerOutputs({ ...outputs, hostFiles: files });
  }
}
