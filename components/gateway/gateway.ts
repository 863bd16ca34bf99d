import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type Argument,
  type Facts,
  factsOf,
  formats,
  type GatewayFacts,
  isPlainInput,
  resolveArguments,
  withFacts,
} from "../foundation";
import { Edition, nameServerRule } from "../nginx";
import { checkListeners } from "./listener-rules";
import { type GatewayListener, GatewayProtocol, listenerSpec } from "./listeners";
import { allowTraffic, type PodTraffic, toAnyPod, toUsageEndpoint } from "./network-policy";

/** Arguments of a Gateway. */
export interface GatewayArgs {
  /** Namespace of the Gateway and of the pods of NGINX that 2.x makes for it. In one that denies all traffic the pods get a NetworkPolicy. */
  namespace: pulumi.Input<string>;
  /** Name of the Gateway, a DNS-1035 label: 2.x calls the Deployment and Service of NGINX after it and its class. @default made up by Pulumi from the component's name */
  name?: pulumi.Input<string>;
  /** Name of the GatewayClass, the `gatewayClassName` of a GatewayFabric or GatewayFabricV1: listeners are checked against what its version serves. */
  gatewayClassName: pulumi.Input<string>;
  /** Ports, host names and certificates. */
  listeners: GatewayListener[];
  /** Labels of the Gateway. @default none */
  labels?: Record<string, pulumi.Input<string>>;
  /** Labels of the objects that 2.x makes for the Gateway. @default none */
  infrastructureLabels?: Record<string, pulumi.Input<string>>;
  /** Annotations of the objects that 2.x makes for the Gateway, most of which are for the cloud's load balancer. @default none */
  infrastructureAnnotations?: Record<string, pulumi.Input<string>>;
  /** Name of an NginxProxy in the Gateway's namespace, whose settings win over those of the class. Only for 2.x. @default those of the class */
  nginxProxy?: pulumi.Input<string>;
}

/**
 * A Gateway: ports, host names and certificates by which clients connect.
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
    const { namespace, labels, spec, grants, openPorts, fabric, recorded } = resolveGateway(name, args);

    super("nginx-stacks:index:Gateway", name, recorded, opts);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    for (const grant of grants)
      new k8s.apiextensions.CustomResource(
        `${name}-${grant.suffix}`,
        {
          apiVersion: `${gatewayApi}/v1beta1`,
          kind: "ReferenceGrant",
          metadata: { namespace: grant.namespace },
          spec: {
            from: [{ group: gatewayApi, kind: "Gateway", namespace }],
            to: [{ group: "", kind: "Secret", name: grant.secretName }],
          },
        },
        child,
      );
    const gateway = new k8s.apiextensions.CustomResource(
      `${name}-gateway`,
      {
        apiVersion: `${gatewayApi}/v1`,
        kind: "Gateway",
        metadata: { name: recorded.name, namespace, labels },
        spec,
      },
      child,
    );
    if (openPorts) allowTraffic(name, namespace, podTraffic(gateway.metadata.name, openPorts, fabric), child);

    const outputs = {
      gatewayName: withFacts(gateway.metadata.name, { component: `Gateway "${name}"`, namespace }),
      namespace: pulumi.output(namespace),
    };
    this.gatewayName = outputs.gatewayName;
    this.namespace = outputs.namespace;
    this.registerOutputs(outputs);
  }
}

const gatewayApi = "gateway.networking.k8s.io";

/** Returns the Gateway's spec, and the objects that it needs beside it. */
function resolveGateway(name: string, args: GatewayArgs) {
  return resolveArguments("Gateway", name, "GatewayArgs", args, (argument: Argument<GatewayArgs>) => {
    const { namespace, gatewayClassName, listeners = [], nginxProxy, labels } = argument.value;
    const gatewayClass = factsOf(gatewayClassName);
    argument.check(
      checkNames,
      (given) =>
        checkListeners(given.field("listeners"), { namespace, gatewayClass, ownSettings: nginxProxy !== undefined }),
      (given) => checkClass(given, gatewayClass),
    );
    const specs = listeners.map(listenerSpec);
    const infrastructure = infrastructureSpec(argument.value);
    const fabric = gatewayClass?.gateway;
    const hasPods = fabric?.ownPods ?? true;
    return {
      namespace,
      labels,
      spec: { gatewayClassName, listeners: specs, ...(Object.keys(infrastructure).length > 0 && { infrastructure }) },
      grants: listeners.flatMap((listener) => grantsFor(listener, namespace)),
      fabric,
      /** Ports to open for the pods of NGINX, where the namespace denies all traffic. */
      openPorts: hasPods && factsOf(namespace)?.defaultDeny ? listeners.map(portOf) : undefined,
      recorded: { namespace, name: argument.value.name, gatewayClassName, listeners: specs },
    };
  });
}

function checkNames(argument: Argument<GatewayArgs>): void {
  argument.field("namespace").matches(formats.dnsLabel);
  argument.field("name").matches(formats.serviceName);
  argument.field("gatewayClassName").matches(formats.dnsSubdomain);
  argument.field("nginxProxy").matches(formats.dnsSubdomain);
}

/** Refuses a Gateway that its GatewayClass does not serve, and settings of pods that it does not make. */
function checkClass(argument: Argument<GatewayArgs>, gatewayClass: Facts | undefined): void {
  const fabric = gatewayClass?.gateway;
  if (fabric === undefined) return;
  const { component } = gatewayClass!;
  if (!fabric.ownPods)
    for (const key of ["infrastructureLabels", "infrastructureAnnotations", "nginxProxy"] as const)
      if (argument.value[key] !== undefined)
        argument
          .field(key)
          .refuse(`is given for ${component}, which makes nothing for a Gateway`, "leave it out, or use GatewayFabric");
  const { watchNamespaces } = fabric;
  const namespace = argument.field("namespace");
  if (watchNamespaces === undefined || namespace.value === fabric.namespace) return;
  const check = (own: string, ofFabric: string) => {
    if (own !== ofFabric && !watchNamespaces.includes(own))
      namespace.refuse(`is ${own}, which ${component} does not watch`, `add it to the watchNamespaces of ${component}`);
  };
  const names = [namespace.value, fabric.namespace].map((input) => factsOf(input)?.namespaceName ?? input);
  if (names.every(isPlainInput)) check(names[0] as string, names[1] as string);
  else pulumi.all(names).apply(([own, ofFabric]) => check(own!, ofFabric!));
}

const infrastructureSpec = ({ infrastructureLabels, infrastructureAnnotations, nginxProxy }: GatewayArgs) => ({
  ...(infrastructureLabels && { labels: infrastructureLabels }),
  ...(infrastructureAnnotations && { annotations: infrastructureAnnotations }),
  ...(nginxProxy !== undefined && {
    parametersRef: { group: "gateway.nginx.org", kind: "NginxProxy", name: nginxProxy },
  }),
});

/** Returns the ReferenceGrants for a listener's certificates of other namespaces. */
const grantsFor = ({ name, certificates = [] }: GatewayListener, own: pulumi.Input<string>) =>
  certificates.flatMap(({ secretName, namespace, grant = true }, index) =>
    namespace === undefined || namespace === own || !grant
      ? []
      : [{ suffix: `${name}-grant-${index}`, namespace, secretName }],
  );

const portOf = ({ port, protocol }: GatewayListener) => ({
  port,
  protocol: protocol === GatewayProtocol.udp ? "UDP" : "TCP",
});

/** Returns the traffic of the pods of NGINX: clients come in by the listeners' ports, and the pods call the control plane and the routes' backends. */
const podTraffic = (
  gatewayName: pulumi.Input<string>,
  ports: { port: number; protocol: string }[],
  fabric: GatewayFacts | undefined,
): PodTraffic => ({
  podLabels: { [`${gatewayApi}/gateway-name`]: gatewayName },
  ingress: [{ ports }],
  egress: [
    nameServerRule(fabric?.openshift ?? false),
    toAnyPod,
    ...(fabric?.edition === Edition.oss ? [] : [toUsageEndpoint(fabric?.usageEndpoint)]),
  ],
});
