import { type Argument, factsOf, formats, PodSecurityLevel, resolveArguments } from "../../foundation";
import { healthPort, metricsPort } from "../defaults";
import { GatewayFabricDelivery, GatewayServiceType } from "../gateway-fabric-args";
import { type GatewayFabricV1Args, NginxErrorLevel } from "../gateway-fabric-v1-args";
import { chartValuesV1, withoutSecretSettings } from "../helm-values";
import { checkService, resolveCommon, resolveService } from "../resolve";
import { checkSecretNames } from "../usage";
import { servicePorts } from "./service";

/** A GatewayFabricV1 as it will be made. */
export type ResolvedGatewayFabricV1 = ReturnType<typeof resolveGatewayFabricV1>;

/** Returns the arguments with their defaults, and for delivery by Helm the values of the chart. */
export const resolveGatewayFabricV1 = (name: string, args: GatewayFabricV1Args) =>
  resolveArguments("GatewayFabricV1", name, "GatewayFabricV1Args", args, (argument: Argument<GatewayFabricV1Args>) => {
    const common = resolveCommon(argument, 1);
    const usage = argument.field("usage");
    argument.check(
      checkPodSecurity,
      () =>
        checkSecretNames(
          common.version,
          (["license", "trustedCertificates", "clientCertificate"] as const).map((field) =>
            usage.field(field).field("secretName"),
          ),
        ),
      (given) => checkService(given.field("service")),
      checkServicePorts,
      checkErrorLevel,
      (given) => given.field("terminationGracePeriodSeconds").integer(0, 24 * 60 * 60),
    );
    const { service, errorLevel, terminationGracePeriodSeconds = 30 } = argument.value;
    const config = withoutSecretSettings(argument, "dataPlaneConfig", argument.value.dataPlaneConfig);
    const resolved = {
      ...common,
      service: {
        ...resolveService(service),
        annotations: service?.annotations,
        ports: servicePorts(service?.ports),
      },
      errorLevel: errorLevel ?? NginxErrorLevel.info,
      proxy: resolveProxy(errorLevel, config),
      terminationGracePeriodSeconds,
    };
    const values = common.delivery === GatewayFabricDelivery.helm ? chartValuesV1(argument, common, config) : undefined;
    return { ...resolved, values };
  });

/** Returns the spec of the NginxProxy; undefined where upstream has none. */
function resolveProxy(
  errorLevel: NginxErrorLevel | undefined,
  config: GatewayFabricV1Args["dataPlaneConfig"],
): Record<string, unknown> | undefined {
  if (errorLevel === undefined && config === undefined) return undefined;
  return { ...config, ...(errorLevel && { logging: { ...config?.logging, errorLevel } }) };
}

/** Refuses a Namespace that admits no pods of this line: its control plane needs the capability KILL. */
function checkPodSecurity(argument: Argument<GatewayFabricV1Args>): void {
  const namespace = argument.field("namespace");
  const facts = factsOf(namespace.value);
  if (facts?.podSecurity === PodSecurityLevel.restricted)
    namespace.refuse(
      `is of ${facts.component} with Pod Security "restricted", which admits none of the pods`,
      'write podSecurity: "baseline" there: the control plane signals NGINX by the capability KILL',
    );
}

function checkErrorLevel(argument: Argument<GatewayFabricV1Args>): void {
  const logging: unknown = argument.value.dataPlaneConfig?.logging;
  if (typeof logging === "object" && logging !== null && "errorLevel" in logging)
    argument
      .field("dataPlaneConfig")
      .field("logging")
      .field("errorLevel")
      .refuse(
        "says how NGINX logs only from its first configuration on",
        "write errorLevel, which counts from the start",
      );
}

/** Checks that a port of the pod has one use: control plane and listeners share them. */
function checkServicePorts(argument: Argument<GatewayFabricV1Args>): void {
  const { monitoring = {}, service } = argument.value;
  const ports = argument.field("service").field("ports");
  ports.notEmpty("give one for each port of the Gateway's listeners, or leave it out");
  const taken = new Map<number, string>([[argument.value.healthPort ?? healthPort, "the readiness probe"]]);
  if (monitoring.enabled !== false) taken.set(monitoring.port ?? metricsPort, "metrics");
  const names = new Set<unknown>();
  const numbers = new Set<unknown>();
  for (const entry of ports.entries()) {
    const { name, port, targetPort, nodePort } = entry.value;
    entry.field("name").matches(formats.portName);
    for (const field of ["port", "targetPort", "nodePort"] as const) entry.field(field).port();
    if (nodePort !== undefined && service?.type === GatewayServiceType.clusterIp)
      entry.field("nodePort").refuse("is given for a Service of type ClusterIP", "leave it out, or use NodePort");
    if (names.has(name) || numbers.has(port))
      entry.refuse("repeats the name or port of another", "give each name and each port once");
    names.add(name);
    numbers.add(port);
    const use = taken.get(targetPort ?? port);
    if (use !== undefined)
      entry
        .field(targetPort === undefined ? "port" : "targetPort")
        .refuse(
          `leads to ${targetPort ?? port}, which serves ${use}`,
          "choose another port for one of the two: control plane and NGINX share a pod",
        );
  }
}
