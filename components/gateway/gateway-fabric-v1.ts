import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../foundation";
import { Edition } from "../nginx";
import { pullsWithoutSecret } from "./checks";
import { gatewayClassName, releaseName } from "./defaults";
import type { GatewayFabricV1Args } from "./gateway-fabric-v1-args";
import { checkGatewayFabricV1 } from "./v1/checks";
import { makeManifests } from "./v1/manifests";

/**
 * NGINX Gateway Fabric 1.6: one pod is control plane and data plane, and serves every Gateway of its class.
 *
 * This line is out of support. GatewayFabric has the 2.x line, to which the way is an uninstall and a reinstall.
 */
export class GatewayFabricV1 extends pulumi.ComponentResource {
  /** Name of the Service that clients of all Gateways connect to. */
  readonly serviceName: pulumi.Output<string>;
  /** Name of the Deployment. */
  readonly deploymentName: pulumi.Output<string>;
  /** Name of the GatewayClass, for Gateways. */
  readonly gatewayClassName: pulumi.Output<string>;

  constructor(name: string, args: GatewayFabricV1Args, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("GatewayFabricV1", name);
    const checked = checkGatewayFabricV1(refuse, args);
    const { namespace, edition = Edition.plus, delivery, replicas } = args;

    super(
      "nginx-stacks:index:GatewayFabricV1",
      name,
      {
        namespace,
        name: args.name ?? releaseName,
        edition,
        version: checked.version.version,
        delivery,
        replicas,
        gatewayClassName: args.gatewayClassName ?? gatewayClassName,
      },
      opts,
    );
    for (const remark of remarks(args, checked.version.version))
      pulumi.log.warn(`GatewayFabricV1 "${name}": ${remark}`, this);

    const outputs = makeManifests(name, args, checked, { parent: this, dependsOn: opts?.dependsOn }, []);
    this.serviceName = outputs.serviceName;
    this.deploymentName = outputs.deploymentName;
    this.gatewayClassName = outputs.gatewayClassName;
    this.registerOutputs(outputs);
  }
}

/** What works, and yet a user should know. */
function remarks(args: GatewayFabricV1Args, version: string): string[] {
  return [
    `version ${version} is of the 1.6 line, which is out of support: nothing in it is mended any more, NGINX included. GatewayFabric has the 2.x line; docs/gateway-fabric.md has the way there`,
    ...(pullsWithoutSecret(args)
      ? [
          "imagePullSecrets: F5's registry gives nothing without credentials; name a RegistrySecret's secretName, unless the nodes have them",
        ]
      : []),
    ...(args.usage?.insecureSkipVerify
      ? ["usage.insecureSkipVerify: whoever answers at the endpoint of usage reports learns the licence"]
      : []),
  ];
}
