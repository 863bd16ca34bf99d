import * as pulumi from "@pulumi/pulumi";
import { installCrds, withFacts } from "../foundation";
import { nameServerRule } from "../nginx";
import { reportCrds } from "./crds";
import type { GatewayFabricV1Args } from "./gateway-fabric-v1-args";
import { chartRelease } from "./helm-release";
import { allowTraffic, fromAnyPod, tcp, toAnyPod, toApiServer, toUsageEndpoint } from "./network-policy";
import { gatewayFacts } from "./resolve";
import { makeMonitoring, makeObjects, type ResolvedGatewayFabricV1, resolveGatewayFabricV1, selectorOf } from "./v1";
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
    const resolved = resolveGatewayFabricV1(name, args);
    const { namespace, gatewayClassName, release, version, values, monitoring, recorded } = resolved;

    super("nginx-stacks:index:GatewayFabricV1", name, recorded, opts);

    for (const warning of [outOfSupport(version), ...resolved.warnings])
      pulumi.log.warn(`GatewayFabricV1 "${name}": ${warning}`, this);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    reportCrds(resolved.crds, this);
    const crds = installCrds(name, resolved.crds, child);
    const made = values
      ? [chartRelease(name, resolved, values, pulumi.mergeOptions(child, { dependsOn: crds }))]
      : makeObjects(name, resolved, child, crds);
    if (monitoring.prometheusOperator) makeMonitoring(name, resolved, { parent: this });
    if (resolved.defaultDeny) allowTraffic(name, namespace, traffic(resolved), child);

    const outputs = {
      namespace: pulumi.output(namespace),
      gatewayClassName: withFacts(
        pulumi.all(made.map(({ urn }) => urn)).apply(() => gatewayClassName),
        {
          component: `GatewayFabricV1 "${name}"`,
          gateway: gatewayFacts(resolved, {
            reservedPorts: {
              ...(monitoring.enabled && { metrics: monitoring.port }),
              "the readiness probe": resolved.healthPort,
            },
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

/** Returns the traffic of the pods: clients of the listeners come in, and the pods call the API server and the routes' backends. */
const traffic = ({ release, service, monitoring, usage, openshift }: ResolvedGatewayFabricV1) => ({
  podLabels: selectorOf(release),
  ingress: [
    { ports: tcp(...service.ports.map(({ targetPort }) => targetPort)) },
    ...(monitoring.prometheusOperator ? [fromAnyPod(tcp(monitoring.port))] : []),
  ],
  egress: [toApiServer, nameServerRule(openshift), toAnyPod, ...(usage ? [toUsageEndpoint(usage.usageEndpoint)] : [])],
});

const outOfSupport = ({ version }: GatewayFabricVersion) =>
  `version ${version} is of the 1.6 line, which is out of support: no fault of it is repaired any more, NGINX included. GatewayFabric has the 2.x line; docs/gateway-fabric.md has the way there`;
