import { checked, checkInteger, checkPlain, labelName, type Refuser, subdomainName } from "../foundation";
import { Edition } from "../nginx";
import { healthPort as defaultHealthPort, metricsPort as defaultMetricsPort } from "./defaults";
import {
  type GatewayFabricCommonArgs,
  GatewayFabricCrds,
  GatewayFabricDelivery,
  type GatewayFabricImage,
  GatewayFabricLogLevel,
  ImagePullPolicy,
} from "./gateway-fabric-args";
import { checkUsage, type GatewayUsageReporting } from "./usage";
import { type GatewayFabricLine, type GatewayFabricVersion, readVersion } from "./versions";

/** What the checks make of the arguments. */
export interface CheckedGatewayFabric {
  version: GatewayFabricVersion;
  /** The reporting of usage, with checked texts; undefined for open-source NGINX. */
  usage?: GatewayUsageReporting;
}

/** Refuses, before anything is registered, what neither line can run or would ignore. */
export function checkCommon(
  refuse: Refuser,
  line: GatewayFabricLine,
  args: GatewayFabricCommonArgs,
): CheckedGatewayFabric {
  const { namespace, registry, priorityClassName, ...structure } = args;
  checkPlain(refuse, structure);
  if (namespace === undefined) refuse("namespace", "is missing", "write the namespace of Gateway Fabric");
  checked(namespace, labelName(refuse, "namespace"));
  checkNames(refuse, args);
  for (const [property, set] of Object.entries(closedSets)) {
    const value = args[property as keyof typeof closedSets];
    if (value !== undefined && !Object.values<string>(set).includes(value))
      refuse(property, `is "${value}"`, `write one of ${Object.values(set).join(", ")}`);
  }
  const version = readVersion(refuse, line, args);
  const usage = checkEdition(refuse, version, args);
  checkImages(refuse, args);
  checkReplicas(refuse, args);
  checkPorts(refuse, args);
  checkDelivery(refuse, args);
  return { version, usage };
}

const closedSets = {
  edition: Edition,
  delivery: GatewayFabricDelivery,
  crds: GatewayFabricCrds,
  logLevel: GatewayFabricLogLevel,
};

function checkReplicas(refuse: Refuser, { replicas = 1, leaderElection }: GatewayFabricCommonArgs): void {
  checkInteger(refuse, "replicas", replicas, 1, 1000);
  if (replicas > 1 && leaderElection === false)
    refuse(
      "leaderElection",
      `is false with ${replicas} replicas`,
      "leave it out: each of them would write the status of Gateways and routes",
    );
}

/** The chart cuts names at 63 characters; `-proxy-config` has to fit. */
const nameLimit = 63 - "-proxy-config".length;

function checkNames(refuse: Refuser, { name, gatewayClassName, gatewayControllerName }: GatewayFabricCommonArgs): void {
  // A Service is called after it, and that has to begin with a letter.
  if (name !== undefined && !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    refuse(
      "name",
      "is not a name for a Service",
      "write at most 63 lower-case letters, digits and `-`, beginning with a letter and not ending with `-`",
    );
  if (name !== undefined && name.length > nameLimit)
    refuse("name", `is ${name.length} characters long`, `write at most ${nameLimit}: -proxy-config is put behind it`);
  if (gatewayClassName !== undefined) subdomainName(refuse, "gatewayClassName")(gatewayClassName);
  if (
    gatewayControllerName !== undefined &&
    !/^gateway\.nginx\.org\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(gatewayControllerName)
  )
    refuse(
      "gatewayControllerName",
      "is not in the domain gateway.nginx.org",
      "write `gateway.nginx.org/` and a path of your own: Gateway Fabric starts with no other domain",
    );
}

function checkEdition(
  refuse: Refuser,
  version: GatewayFabricVersion,
  { edition = Edition.plus, usage, imagePullSecrets = [] }: GatewayFabricCommonArgs,
): GatewayUsageReporting | undefined {
  checkPlain(refuse, { usage });
  imagePullSecrets.forEach((secret, index) => {
    const property = `imagePullSecrets[${index}]`;
    checked(secret, subdomainName(refuse, property));
    if (typeof secret === "string" && imagePullSecrets.indexOf(secret) !== index)
      refuse(property, "repeats another", "name each pull secret once");
  });
  if (edition === Edition.oss) {
    if (usage !== undefined)
      refuse("usage", "is about NGINX Plus", 'leave it out for edition "oss", or use edition "plus"');
    return undefined;
  }
  if (usage === undefined)
    refuse(
      "usage",
      "is missing",
      'give usage: { license } with a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
    );
  // 2.x copies the pull secrets beside those of the licence; in 1.6 only the ServiceAccount knows them.
  return checkUsage(refuse, version, usage, version.line === 2 ? imagePullSecrets : []);
}

/** The images of the data plane by edition, as the last part of their repositories. */
const dataPlaneImages = { plus: "nginx-gateway-fabric/nginx-plus", oss: "nginx-gateway-fabric/nginx" };

function checkImages(refuse: Refuser, args: GatewayFabricCommonArgs): void {
  const { edition = Edition.plus, registry, controlPlaneImage, dataPlaneImage } = args;
  if (registry !== undefined) checked(registry, repository(refuse, "registry", "registry.example.com/mirror"));
  checkImage(refuse, "controlPlaneImage", controlPlaneImage);
  checkImage(refuse, "dataPlaneImage", dataPlaneImage);
  const other = edition === Edition.plus ? Edition.oss : Edition.plus;
  if (dataPlaneImage?.repository !== undefined)
    checked(dataPlaneImage.repository, (text) => {
      if (text.endsWith(`/${dataPlaneImages[other]}`))
        refuse(
          "dataPlaneImage.repository",
          `is the image of edition "${other}"`,
          `write the one that ends in ${dataPlaneImages[edition]}, or edition "${other}"`,
        );
    });
}

function checkImage(refuse: Refuser, property: string, image: GatewayFabricImage | undefined): void {
  if (image === undefined) return;
  const { repository: name, tag, pullPolicy } = image;
  if (name !== undefined)
    checked(name, repository(refuse, `${property}.repository`, "registry.example.com/nginx-gateway-fabric"));
  if (tag !== undefined)
    checked(tag, (text) => {
      if (!/^\w[\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/.test(text))
        refuse(`${property}.tag`, "is no tag", "write a tag, with its digest if you like: `2.6.7@sha256:…`");
    });
  const policies: string[] = Object.values(ImagePullPolicy);
  if (pullPolicy !== undefined && !policies.includes(pullPolicy))
    refuse(`${property}.pullPolicy`, `is "${pullPolicy}"`, `write one of ${policies.join(", ")}`);
}

/** Checks a host with or without a path, as images begin. */
const repository = (refuse: Refuser, property: string, example: string) => (text: string) => {
  if (text.includes("://")) refuse(property, "has a scheme", `write it as in the image's name: ${example}`);
  if (/(:[^/]*|@.*)$/.test(text.replace(/^[^/]*/, "")))
    refuse(property, "has a tag or a digest", `write it without: ${example}; the tag has an argument of its own`);
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(text))
    refuse(property, "is no name of a registry or repository", `write it as in the image's name: ${example}`);
};

function checkPorts(refuse: Refuser, { metrics = {}, healthPort = defaultHealthPort }: GatewayFabricCommonArgs): void {
  checkPlain(refuse, { metrics });
  checkInteger(refuse, "metrics.port", metrics.port, 1024, 65535);
  checkInteger(refuse, "healthPort", healthPort, 1024, 65535);
  if (metrics.enabled === false) {
    for (const [property, value] of Object.entries(metrics))
      if (property !== "enabled" && value !== undefined && value !== false)
        refuse(`metrics.${property}`, "is given, but no metrics are served", "leave it out, or leave enabled out");
    return;
  }
  if ((metrics.port ?? defaultMetricsPort) === healthPort)
    refuse(
      metrics.port === undefined ? "healthPort" : "metrics.port",
      `is ${healthPort}, which serves ${metrics.port === undefined ? "metrics" : "the readiness probe"} too`,
      "choose another port: Gateway Fabric does not start with one for both",
    );
  if (metrics.labels && !metrics.prometheusOperator)
    refuse("metrics.labels", "is given without prometheusOperator", "set prometheusOperator: true, or leave it out");
}

function checkDelivery(refuse: Refuser, args: GatewayFabricCommonArgs): void {
  const { delivery = GatewayFabricDelivery.manifests, crds = GatewayFabricCrds.install, helmValues } = args;
  if (helmValues !== undefined && delivery !== GatewayFabricDelivery.helm)
    refuse("helmValues", "is given without a chart", 'use delivery: "helm", or opts.transforms for single objects');
  if (crds === GatewayFabricCrds.install) return;
  for (const property of ["crdSource", "deleteCrds"] as const)
    if (args[property]) refuse(property, "is given beside existing CRDs", 'leave it out, or use crds: "install"');
}
