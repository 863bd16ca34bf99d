import { checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { type CheckedGatewayFabric, checkCommon } from "../checks";
import { healthPort, metricsPort } from "../defaults";
import { type GatewayFabricArgs, GatewayServiceType, GatewayTrafficPolicy } from "../gateway-fabric-args";
import { type GatewayFabricV1Args, type GatewayFabricV1Service, NginxErrorLevel } from "../gateway-fabric-v1-args";
import { defaultPorts } from "./service";

/** What to write for arguments that only 2.x has. */
const otherLine: Partial<Record<keyof GatewayFabricArgs, string>> = {
  controlPlanePullSecrets: "name them in imagePullSecrets: one pod has both images",
  dataPlane: "use service, errorLevel and dataPlaneConfig: NGINX runs in the pod of the control plane",
  snippets: "use snippetsFilters, or leave it out",
  issuer: "leave it out: control plane and data plane share a pod, and speak to nobody else",
  serverCertificate: "leave it out: control plane and data plane share a pod, and speak to nobody else",
  agentCertificate: "leave it out: control plane and data plane share a pod, and speak to nobody else",
  clusterDomain: "leave it out: 1.6 asks for no name inside the cluster",
  watchNamespaces: "leave it out: 1.6 looks at every namespace",
  inferenceExtension: "leave it out: 1.6 has no such backends",
};

/** Refuses, before anything is registered, what would not start, would not be reached, or would be ignored. */
export function checkGatewayFabricV1(refuse: Refuser, args: GatewayFabricV1Args): CheckedGatewayFabric {
  for (const [property, remedy] of Object.entries(otherLine))
    if (args[property as keyof GatewayFabricV1Args] !== undefined) refuse(property, "is of the 2.x line", remedy);
  const result = checkCommon(refuse, 1, args);
  if (args.service) checkService(refuse, args.service);
  checkServicePorts(refuse, args);
  const levels: string[] = Object.values(NginxErrorLevel);
  if (args.errorLevel !== undefined && !levels.includes(args.errorLevel))
    refuse("errorLevel", `is "${args.errorLevel}"`, `write one of ${levels.join(", ")}`);
  if (args.dataPlaneConfig?.logging?.errorLevel !== undefined)
    refuse(
      "dataPlaneConfig.logging.errorLevel",
      "says how NGINX logs only from its first configuration on",
      "write errorLevel, which counts from the start",
    );
  checkInteger(refuse, "terminationGracePeriodSeconds", args.terminationGracePeriodSeconds, 0, 24 * 60 * 60);
  return result;
}

function checkService(refuse: Refuser, service: GatewayFabricV1Service): void {
  checkPlain(refuse, Object.fromEntries(Object.entries(service).map(([key, value]) => [`service.${key}`, value])));
  const { type = GatewayServiceType.loadBalancer } = service;
  for (const [property, set] of Object.entries({
    type: GatewayServiceType,
    externalTrafficPolicy: GatewayTrafficPolicy,
  })) {
    const value = service[property as "type" | "externalTrafficPolicy"];
    if (value !== undefined && !Object.values<string>(set).includes(value))
      refuse(`service.${property}`, `is "${value}"`, `write one of ${Object.values(set).join(", ")}`);
  }
  if (service.externalTrafficPolicy !== undefined && type === GatewayServiceType.clusterIp)
    refuse(
      "service.externalTrafficPolicy",
      "is given for a Service of type ClusterIP",
      "leave it out, or use LoadBalancer or NodePort",
    );
  for (const property of ["loadBalancerIP", "loadBalancerSourceRanges"] as const)
    if (service[property] !== undefined && type !== GatewayServiceType.loadBalancer)
      refuse(`service.${property}`, `is given for a Service of type ${type}`, "leave it out, or use LoadBalancer");
}

/** The pod's ports are one space: what the control plane serves there, no listener can have. */
function checkServicePorts(refuse: Refuser, args: GatewayFabricV1Args): void {
  const { service = {}, metrics = {} } = args;
  const { ports = defaultPorts, type } = service;
  if (ports.length === 0)
    refuse("service.ports", "is empty", "give one for each port of the Gateway's listeners, or leave it out");
  const taken = new Map<number, string>([[args.healthPort ?? healthPort, "the readiness probe"]]);
  if (metrics.enabled !== false) taken.set(metrics.port ?? metricsPort, "metrics");
  ports.forEach(({ name, port, targetPort, nodePort }, index) => {
    const property = `service.ports[${index}]`;
    if (!/^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(name) || name.length > 15)
      refuse(`${property}.name`, "is no name of a port", "use at most 15 lower-case letters, digits and -");
    checkPort(refuse, `${property}.port`, port);
    checkPort(refuse, `${property}.targetPort`, targetPort);
    checkPort(refuse, `${property}.nodePort`, nodePort);
    if (nodePort !== undefined && type === GatewayServiceType.clusterIp)
      refuse(`${property}.nodePort`, "is given for a Service of type ClusterIP", "leave it out, or use NodePort");
    const before = ports.slice(0, index);
    if (before.some((one) => one.name === name || one.port === port))
      refuse(property, "repeats the name or port of another", "give each name and each port once");
    const listens = targetPort ?? port;
    if (taken.has(listens))
      refuse(
        `${property}.${targetPort === undefined ? "port" : "targetPort"}`,
        `leads to ${listens}, which serves ${taken.get(listens)}`,
        "choose another port for one of the two: control plane and NGINX share a pod",
      );
  });
}
