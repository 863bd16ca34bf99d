import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../foundation";
import { Edition, NginxPlus, type NginxPlusArgs } from "../nginx";
import { checkNginxPlus } from "../nginx/checks";
import type { InstanceManagerProxyArgs } from "./instance-manager-proxy-args";
import { AgentMtls } from "./instance-manager-proxy-options";
import { proxyNodes } from "./proxy/configuration";
import { checkInstanceManagerProxy } from "./proxy/pod-checks";
import { listenPort, podPlace, secretMounts } from "./proxy/pods";

const standardPort = 443;

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
  /** Where NGINX Plus reports its usage: the `management.usageEndpoint` of others. */
  readonly usageEndpoint: pulumi.Output<string>;
  /** The name that agents connect to, send as SNI and verify. */
  readonly agentHost: pulumi.Output<string>;

  constructor(name: string, args: InstanceManagerProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("InstanceManagerProxy", name);
    checkInstanceManagerProxy(args, refuse);
    checkNginxPlus(nginxPlusArgs(args), refuse);
    const { namespace, edition = Edition.plus, port = standardPort, hostname, agentMtls = AgentMtls.required } = args;
    super(
      "nginx-stacks:index:InstanceManagerProxy",
      name,
      { namespace, edition, port, hostname, agentMtls, backends: args.backends },
      opts,
    );

    const nginx = new NginxPlus(`${name}-nginx`, nginxPlusArgs(args), { parent: this, dependsOn: opts?.dependsOn });

    const outputs = {
      serviceName: nginx.serviceName,
      host: nginx.host,
      port: pulumi.output(port),
      usageEndpoint: pulumi
        .output(hostname.manager)
        .apply((host) => (port === standardPort ? host : `${host}:${port}`)),
      agentHost: pulumi.output(hostname.agents),
    };
    this.serviceName = outputs.serviceName;
    this.host = outputs.host;
    this.port = outputs.port;
    this.usageEndpoint = outputs.usageEndpoint;
    this.agentHost = outputs.agentHost;
    this.registerOutputs(outputs);
  }
}

/** The proxy as an NginxPlus: its configuration, and the Secrets that it refers to. */
function nginxPlusArgs(args: InstanceManagerProxyArgs): NginxPlusArgs {
  const { port = standardPort } = args;
  const { common, upstreams, servers, snippets } = proxyNodes(args, podPlace(args));
  return {
    ...args,
    configuration: { http: [...common, ...upstreams, ...servers, ...snippets] },
    ports: [{ name: "https", port, targetPort: listenPort, appProtocol: "https" }],
    secretMounts: secretMounts(args),
  };
}
