import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../foundation";
import { Edition } from "../nginx";
import { checkCrds, installCrds } from "./crds";
import { gatewayClassName, releaseName } from "./defaults";
import { GatewayFabricDelivery } from "./gateway-fabric-args";
import type { GatewayFabricV1Args } from "./gateway-fabric-v1-args";
import { chartRelease } from "./helm-release";
import { chartValuesV1 } from "./helm-values";
import { remarks } from "./remarks";
import { checkGatewayFabricV1 } from "./v1/checks";
import { makeMonitoring, makeObjects } from "./v1/objects";
import type { GatewayFabricVersion } from "./versions";

/**
 * NGINX Gateway Fabric 1.6: one pod is control plane and data plane, and serves every Gateway of its class.
 *
 * This line is out of support. GatewayFabric has the 2.x line, to which the way is an uninstall and a reinstall.
 */
export class GatewayFabricV1 extends pulumi.ComponentResource {
  /** Namespace of the pods. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the GatewayClass, for Gateways; taking it from here makes them wait for the control plane, and go before it. */
  readonly gatewayClassName: pulumi.Output<string>;
  /** Name of the Deployment, and of the Service that clients of all Gateways connect to. */
  readonly releaseName: pulumi.Output<string>;
  /** The version that is installed. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: GatewayFabricV1Args, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("GatewayFabricV1", name);
    const read = checkGatewayFabricV1(refuse, args);
    const { version } = read;
    checkCrds(refuse, version, args);
    const { namespace, edition = Edition.plus, delivery = GatewayFabricDelivery.manifests } = args;
    const recorded = {
      namespace,
      edition,
      delivery,
      name: args.name ?? releaseName,
      version: version.version,
      gatewayClassName: args.gatewayClassName ?? gatewayClassName,
      replicas: args.replicas,
    };
    const values = delivery === GatewayFabricDelivery.helm ? chartValuesV1(refuse, read, args) : undefined;
    super("nginx-stacks:index:GatewayFabricV1", name, recorded, opts);
    for (const remark of [outOfSupport(version), ...remarks(args)])
      pulumi.log.warn(`GatewayFabricV1 "${name}": ${remark}`, this);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const crds = installCrds(name, version, args, child);
    const made = values
      ? [chartRelease(name, args, version, values, pulumi.mergeOptions(child, { dependsOn: crds }))]
      : makeObjects(name, args, read, child, crds);
    if (args.metrics?.prometheusOperator) makeMonitoring(name, args, read, { parent: this });

    const outputs = {
      namespace: pulumi.output(namespace),
      gatewayClassName: pulumi.all(made.map(({ urn }) => urn)).apply(() => recorded.gatewayClassName),
      releaseName: pulumi.output(recorded.name),
      version: pulumi.output(recorded.version),
    };
    this.namespace = outputs.namespace;
    this.gatewayClassName = outputs.gatewayClassName;
    this.releaseName = outputs.releaseName;
    this.version = outputs.version;
    this.registerOutputs(outputs);
  }
}

const outOfSupport = ({ version }: GatewayFabricVersion) =>
  `version ${version} is of the 1.6 line, which is out of support: nothing in it is mended any more, NGINX included. GatewayFabric has the 2.x line; docs/gateway-fabric.md has the way there`;
