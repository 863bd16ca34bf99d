import * as pulumi from "@pulumi/pulumi";
import { installCrds, withFacts } from "../foundation";
import { reportCrds } from "./crds";
import type { GatewayFabricArgs } from "./gateway-fabric-args";
import { chartRelease } from "./helm-release";
import { withCertificates } from "./helm-values";
import { allowTraffic } from "./network-policy";
import { gatewayFacts } from "./resolve";
import {
  agentSecrets,
  controlPlaneTraffic,
  makeMonitoring,
  makeObjects,
  reservedPorts,
  resolveGatewayFabric,
} from "./v2";

/**
 * NGINX Gateway Fabric 2.x: the control plane, which makes pods of NGINX Plus or open-source NGINX for every Gateway of its class.
 *
 * A renewed licence reaches the pods of NGINX by the control plane, which copies its Secret: no Deployment of this component changes, as long as the name of the Secret stays.
 */
export class GatewayFabric extends pulumi.ComponentResource {
  /** Namespace of the control plane. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the GatewayClass, for Gateways; taking it from here makes them wait for the control plane, and go before it. */
  readonly gatewayClassName: pulumi.Output<string>;
  /** Name of the control plane's Deployment, Service and ServiceAccount. */
  readonly releaseName: pulumi.Output<string>;
  /** The version that is installed. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: GatewayFabricArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveGatewayFabric(name, args);
    const { namespace, gatewayClassName, release, version, values, recorded } = resolved;

    super("nginx-stacks:index:GatewayFabric", name, recorded, opts);

    for (const warning of resolved.warnings) pulumi.log.warn(`GatewayFabric "${name}": ${warning}`, this);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    reportCrds(resolved.crds, this);
    const crds = installCrds(name, resolved.crds, child);
    const secrets = agentSecrets(name, resolved, child);
    const made = values
      ? [
          chartRelease(
            name,
            resolved,
            withCertificates(values, secrets),
            pulumi.mergeOptions(child, { dependsOn: crds }),
          ),
        ]
      : makeObjects(name, resolved, secrets, child, crds);
    if (resolved.monitoring.prometheusOperator) makeMonitoring(name, resolved, child);
    if (resolved.defaultDeny) allowTraffic(name, namespace, controlPlaneTraffic(resolved), child);

    const outputs = {
      namespace: pulumi.output(namespace),
      gatewayClassName: withFacts(
        pulumi.all(made.map(({ urn }) => urn)).apply(() => gatewayClassName),
        {
          component: `GatewayFabric "${name}"`,
          gateway: gatewayFacts(resolved, {
            reservedPorts: reservedPorts(resolved),
            watchNamespaces: resolved.watchNamespaces,
          }),
        },
      ),
      releaseName: pulumi.output(release),
      version: pulumi.output(version.version),
    };
    this.namespace = outputs.namespace;
    this.gatewayClassName = outputs.gatewayClassName;
    this.releaseName = outputs.releaseName;
    this.version = outputs.version;
    this.registerOutputs(outputs);
  }
}
