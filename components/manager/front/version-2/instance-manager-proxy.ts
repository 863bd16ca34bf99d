import * as pulumi from "@pulumi/pulumi";
import { containedNginx, NginxPlus } from "../../../nginx";
import { usageEndpointOf } from "./checks";
import type { InstanceManagerProxyArgs } from "./instance-manager-proxy-args";
import { resolveInstanceManagerProxy } from "./pods";

/**
 * The front of NGINX Instance Manager 2: HTTPS for its web interface, its API and usage reports under one name, and mutual TLS for the gRPC
 * services of agents (version 2) under another. Those services stand in exactly one server; every other name is turned away in the handshake.
 *
 * The chart's own `agent.secure` switch asks for a certificate that its NGINX never requests, so that every agent gets 401: leave it off.
 */
export class InstanceManagerProxy extends pulumi.ComponentResource {
  /** Name of the Service. */
  readonly serviceName: pulumi.Output<string>;
  /** Host name of the Service inside the cluster; its clients still verify the names of `hostname`. */
  readonly host: pulumi.Output<string>;
  /** Port of the Service. */
  readonly port: pulumi.Output<number>;
  /** Endpoint for usage reports of NGINX Plus: the `management.usageEndpoint` of others. */
  readonly usageEndpoint: pulumi.Output<string>;
  /** The name that agents connect to, send as SNI and verify. */
  readonly agentHost: pulumi.Output<string>;

  constructor(name: string, args: InstanceManagerProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { port, options, nginx: resolved, recorded } = resolveInstanceManagerProxy(name, args);
    super("nginx-stacks:index:InstanceManagerProxy", name, recorded, opts);

    const nginx = new NginxPlus(`${name}-nginx`, containedNginx(resolved), {
      parent: this,
      dependsOn: opts?.dependsOn,
    });

    const outputs = {
      serviceName: nginx.serviceName,
      host: nginx.host,
      port: pulumi.output(port),
      usageEndpoint: usageEndpointOf(options, port),
      agentHost: pulumi.output(options.hostname.agents),
    };
    this.serviceName = outputs.serviceName;
    this.host = outputs.host;
    this.port = outputs.port;
    this.usageEndpoint = outputs.usageEndpoint;
    this.agentHost = outputs.agentHost;
    this.registerOutputs(outputs);
  }
}
