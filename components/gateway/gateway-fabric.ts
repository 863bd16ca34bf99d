import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../foundation";
import { Edition } from "../nginx";
import { checkCrds, installCrds } from "./crds";
import { type GatewayFabricArgs, GatewayFabricDelivery } from "./gateway-fabric-args";
import { chartRelease } from "./helm-release";
import { chartValues, withCertificates } from "./helm-values";
import { remarks } from "./remarks";
import { agentSecrets, checkOwnSecrets } from "./v2/certificates";
import { checkGatewayFabric } from "./v2/checks";
import { className } from "./v2/gateway-api";
import { makeMonitoring } from "./v2/monitoring";
import { namesOf } from "./v2/names";
import { makeObjects } from "./v2/objects";

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
    const refuse = refuser("GatewayFabric", name);
    const read = checkGatewayFabric(refuse, args);
    const { version, usage } = read;
    checkOwnSecrets(refuse, name, args, version);
    checkCrds(refuse, version, args);
    const { namespace, edition = Edition.plus, delivery = GatewayFabricDelivery.manifests, metrics = {} } = args;
    const names = namesOf(args);
    const values = delivery === GatewayFabricDelivery.helm ? chartValues(refuse, read, args) : undefined;
    super(
      "nginx-stacks:index:GatewayFabric",
      name,
      {
        namespace,
        edition,
        delivery,
        name: names.release,
        version: version.version,
        gatewayClassName: className(args),
        replicas: args.replicas,
      },
      opts,
    );
    for (const remark of remarks(args)) pulumi.log.warn(`GatewayFabric "${name}": ${remark}`, this);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const crds = installCrds(name, version, args, child);
    const secrets = agentSecrets(name, args, names, namespace, child);
    const parts = { names, version, usage, serverSecret: secrets.server, agentSecret: secrets.agent };
    const made = values
      ? [
          chartRelease(
            name,
            args,
            version,
            withCertificates(values, secrets),
            pulumi.mergeOptions(child, { dependsOn: crds }),
          ),
        ]
      : makeObjects(name, args, parts, child, crds);
    if (metrics.prometheusOperator) makeMonitoring(name, args, parts, child);

    const outputs = {
      namespace: pulumi.output(namespace),
      gatewayClassName: pulumi.all(made.map(({ urn }) => urn)).apply(() => className(args)),
      releaseName: pulumi.output(names.release),
      version: pulumi.output(version.version),
    };
    this.namespace = outputs.namespace;
    this.gatewayClassName = outputs.gatewayClassName;
    this.releaseName = outputs.releaseName;
    this.version = outputs.version;
    this.registerOutputs(outputs);
  }
}
