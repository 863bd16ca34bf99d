import * as pulumi from "@pulumi/pulumi";
import { type HostFile, refuser } from "../foundation";
import { Edition } from "../nginx";
import { unverifiedUsage } from "../nginx/remarks";
import { hostNginxFiles } from "./host/nginx";
import type { InstanceManagerHostProxyArgs } from "./instance-manager-host-proxy-args";
import { AgentMtls } from "./instance-manager-proxy-options";
import { proxyNodes } from "./proxy/configuration";
import { certificateHostFiles, hostPlace } from "./proxy/host";
import { checkInstanceManagerHostProxy } from "./proxy/host-checks";

const standardPort = 443;

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
  /** Where NGINX Plus reports its usage: the `management.usageEndpoint` of others. */
  readonly usageEndpoint: pulumi.Output<string>;
  /** The name that agents connect to, send as SNI and verify. */
  readonly agentHost: pulumi.Output<string>;

  constructor(name: string, args: InstanceManagerHostProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("InstanceManagerHostProxy", name);
    checkInstanceManagerHostProxy(args, refuse);
    const { host, port = standardPort, hostname, agentMtls = AgentMtls.required, drainSeconds = 60, backends } = args;
    const { common, upstreams, servers, snippets } = proxyNodes(args, hostPlace(args));
    const configuration = {
      drainSeconds,
      http: {
        "manager-common": common,
        "manager-upstreams": upstreams,
        "manager-servers": servers,
        ...(snippets.length > 0 && { "manager-snippets": snippets }),
      },
    };
    const files = [...hostNginxFiles(host, configuration, refuse), ...certificateHostFiles(args)];
    super(
      "nginx-stacks:index:InstanceManagerHostProxy",
      name,
      { host: host.name, edition: host.edition ?? Edition.plus, port, hostname, agentMtls, backends },
      opts,
    );
    if (host.management?.unsafeSkipVerification)
      pulumi.log.warn(`InstanceManagerHostProxy "${name}": host.management.${unverifiedUsage}`, this);

    const outputs = {
      usageEndpoint: pulumi
        .output(hostname.manager)
        .apply((manager) => (port === standardPort ? manager : `${manager}:${port}`)),
      agentHost: pulumi.output(hostname.agents),
    };
    this.hostFiles = pulumi.output(files) as pulumi.Output<HostFile[]>;
    this.usageEndpoint = outputs.usageEndpoint;
    this.agentHost = outputs.agentHost;
    // Registered file by file, so that only the contents of keys are in envelopes.
    this.registerOutputs({ ...outputs, hostFiles: files });
  }
}
