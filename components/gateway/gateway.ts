import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checked, checkPlain, labelName, type Refuser, refuser, subdomainName } from "../foundation";
import { checkListeners, type GatewayListener, listenerSpec } from "./listeners";

/** Arguments of a Gateway. */
export interface GatewayArgs {
  /** Namespace of the Gateway, of its certificates, and of the pods of NGINX that 2.x makes for it. */
  namespace: pulumi.Input<string>;
  /** Name of the Gateway, a DNS-1035 label: 2.x calls the Deployment and Service of NGINX after it and its class. @default made up by Pulumi from the component's name */
  name?: pulumi.Input<string>;
  /** The class: `gatewayClassName` of a GatewayFabric or GatewayFabricV1. */
  gatewayClassName: pulumi.Input<string>;
  /** Ports, host names and certificates. */
  listeners: GatewayListener[];
  /** Labels of the Gateway. @default none */
  labels?: Record<string, pulumi.Input<string>>;
  /** Labels of what 2.x makes for the Gateway. @default none */
  infrastructureLabels?: Record<string, pulumi.Input<string>>;
  /** Annotations of what 2.x makes for the Gateway, most of which are for the cloud's load balancer. @default none */
  infrastructureAnnotations?: Record<string, pulumi.Input<string>>;
  /** Name of an NginxProxy in the Gateway's namespace, whose settings win over those of the class. Only for 2.x. @default those of the class */
  nginxProxy?: pulumi.Input<string>;
}

/**
 * A Gateway: where clients connect, by which names, and with which certificates.
 *
 * Routes are plain resources, `kubernetes.apiextensions.CustomResource` of the kinds HTTPRoute, GRPCRoute and the others,
 * that name `gatewayName` in `parentRefs` and a listener as `sectionName`; taking the name from here makes them wait for the Gateway.
 */
export class Gateway extends pulumi.ComponentResource {
  /** Name of the Gateway. */
  readonly gatewayName: pulumi.Output<string>;
  /** Namespace of the Gateway. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("Gateway", name);
    checkGateway(refuse, args);
    const { namespace, gatewayClassName, listeners, infrastructureLabels, infrastructureAnnotations, nginxProxy } =
      args;
    const recorded = { namespace, name: args.name, gatewayClassName, listeners: listeners.map(listenerSpec) };

    super("nginx-stacks:index:Gateway", name, recorded, opts);

    const infrastructure = {
      ...(infrastructureLabels && { labels: infrastructureLabels }),
      ...(infrastructureAnnotations && { annotations: infrastructureAnnotations }),
      ...(nginxProxy !== undefined && {
        parametersRef: { group: "gateway.nginx.org", kind: "NginxProxy", name: nginxProxy },
      }),
    };
    const gateway = new k8s.apiextensions.CustomResource(
      `${name}-gateway`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { name: args.name, namespace, labels: args.labels },
        spec: {
          gatewayClassName,
          listeners: recorded.listeners,
          ...(Object.keys(infrastructure).length > 0 && { infrastructure }),
        },
      },
      { parent: this, dependsOn: opts?.dependsOn },
    );

    const outputs = {
      gatewayName: gateway.metadata.name,
      namespace: pulumi.output(namespace),
    };
    this.gatewayName = outputs.gatewayName;
    this.namespace = outputs.namespace;
    this.registerOutputs(outputs);
  }
}

function checkGateway(refuse: Refuser, args: GatewayArgs): void {
  const { namespace, name, gatewayClassName, nginxProxy, listeners, ...structure } = args;
  checkPlain(refuse, structure);
  if (namespace === undefined) refuse("namespace", "is missing", "write the namespace of the Gateway");
  checked(namespace, labelName(refuse, "namespace"));
  if (name !== undefined)
    checked(name, (text) => {
      if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text))
        refuse(
          "name",
          "is not a name for a Service",
          "write at most 63 lower-case letters, digits and `-`, beginning with a letter and not ending with `-`",
        );
    });
  if (gatewayClassName === undefined)
    refuse("gatewayClassName", "is missing", "write the gatewayClassName of a GatewayFabric or GatewayFabricV1");
  checked(gatewayClassName, subdomainName(refuse, "gatewayClassName"));
  if (nginxProxy !== undefined) checked(nginxProxy, subdomainName(refuse, "nginxProxy"));
  checkListeners(refuse, listeners);
}
