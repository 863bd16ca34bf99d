import type { Input } from "@pulumi/pulumi";
import { checked, checkInteger, checkPlain, labelName, type Refuser, subdomainName } from "../../foundation";
import { type CheckedGatewayFabric, checkCommon } from "../checks";
import { healthPort as defaultHealthPort } from "../defaults";
import { type GatewayFabricArgs, GatewayServiceType, GatewayTrafficPolicy } from "../gateway-fabric-args";
import { checkSecretNames } from "../usage";
import { firstVersionWith, type GatewayFabricVersion } from "../versions";
import { agentPort } from "./deployment";
import { className } from "./gateway-api";
import { dataPlaneLabel } from "./monitoring";
import { namesOf } from "./names";

/** Refuses what 2.x cannot run, would ignore, or would only fail at in the cluster. */
export function checkGatewayFabric(refuse: Refuser, args: GatewayFabricArgs): CheckedGatewayFabric {
  const result = checkCommon(refuse, 2, args);
  checkRelease(refuse, args);
  checkFeatures(refuse, result.version, args);
  checkNamespaces(refuse, args);
  checkCertificates(refuse, args);
  checkCopies(refuse, result.version, args);
  checkDataPlane(refuse, args);
  return result;
}

function checkRelease(refuse: Refuser, args: GatewayFabricArgs): void {
  const { metrics, healthPort = defaultHealthPort } = args;
  for (const [property, port] of Object.entries({ "metrics.port": metrics?.port, healthPort }))
    if (port === agentPort)
      refuse(property, `is ${agentPort}, on which the data plane calls the control plane`, "choose another port");
  const label = dataPlaneLabel(namesOf(args), className(args));
  if (metrics?.prometheusOperator && label.length > 63)
    refuse(
      "metrics.prometheusOperator",
      `looks for the label ${label} of ${label.length} characters, which Gateway Fabric cuts`,
      "shorten name or gatewayClassName: together they have at most 62",
    );
  args.controlPlanePullSecrets?.forEach((secret, index) => {
    checked(secret, subdomainName(refuse, `controlPlanePullSecrets[${index}]`));
  });
}

function checkFeatures(refuse: Refuser, version: GatewayFabricVersion, args: GatewayFabricArgs): void {
  const { length } = className(args);
  if (length > version.secretNameLimit)
    refuse(
      "gatewayClassName",
      `is ${length} characters long`,
      `write at most ${version.secretNameLimit}: ${version.version} fails at the names of what it makes for a Gateway of the class`,
    );
  for (const feature of ["watchNamespaces", "snippets", "inferenceExtension"] as const)
    if (args[feature] && !version.features[feature])
      refuse(
        feature,
        `is not in ${version.version}`,
        `leave it out, or use version ${firstVersionWith(feature)} or later`,
      );
  if (args.snippets && args.snippetsFilters)
    refuse("snippetsFilters", "is given beside snippets", "leave it out: snippets has SnippetsFilters too");
}

function checkNamespaces(refuse: Refuser, { namespace, watchNamespaces, clusterDomain }: GatewayFabricArgs): void {
  if (clusterDomain !== undefined) subdomainName(refuse, "clusterDomain")(clusterDomain);
  if (watchNamespaces?.length === 0)
    refuse("watchNamespaces", "is empty", "name the namespaces to watch, or leave it out to watch all");
  watchNamespaces?.forEach((watched, index) => {
    const property = `watchNamespaces[${index}]`;
    labelName(refuse, property)(watched);
    if (watchNamespaces.indexOf(watched) !== index) refuse(property, "repeats another", "name each namespace once");
    checked(namespace, (own) => {
      if (own === watched)
        refuse(property, "is the namespace of the control plane", "leave it out: that one is always watched");
    });
  });
}

function checkCertificates(refuse: Refuser, args: GatewayFabricArgs): void {
  const { issuer, serverCertificate, agentCertificate } = args;
  if ((serverCertificate === undefined) !== (agentCertificate === undefined))
    refuse(
      serverCertificate ? "agentCertificate" : "serverCertificate",
      "is missing",
      "give both or neither: control plane and data plane trust the authority of each other's certificate",
    );
  if (!serverCertificate || !agentCertificate) return;
  if (issuer !== undefined)
    refuse("issuer", "is given beside serverCertificate", "remove one of the two: nothing is left to issue");
  const [server, agent] = [serverCertificate.secretName, agentCertificate.secretName];
  checked(server, subdomainName(refuse, "serverCertificate.secretName"));
  if (server === agent)
    refuse(
      "agentCertificate.secretName",
      "is that of serverCertificate",
      "give the data plane a certificate of its own: its Secret is copied to every namespace with a Gateway",
    );
}

/** Checks the names of every Secret that is copied to the namespaces of Gateways. */
function checkCopies(refuse: Refuser, version: GatewayFabricVersion, args: GatewayFabricArgs): void {
  const { usage, imagePullSecrets = [], agentCertificate } = args;
  const copied: [string, Input<string> | undefined][] = [
    ["usage.license.secretName", usage?.license.secretName],
    ["usage.trustedCertificates.secretName", usage?.trustedCertificates?.secretName],
    ["usage.clientCertificate.secretName", usage?.clientCertificate?.secretName],
    ...imagePullSecrets.map((name, index): [string, Input<string>] => [`imagePullSecrets[${index}]`, name]),
    ["agentCertificate.secretName", agentCertificate?.secretName],
  ];
  checkSecretNames(
    refuse,
    version,
    copied.flatMap(([property, name]) => (name === undefined ? [] : [{ property, name }])),
  );
}

function checkDataPlane(refuse: Refuser, { dataPlane = {} }: GatewayFabricArgs): void {
  const { replicas, service = {}, config } = dataPlane;
  checkPlain(refuse, { "dataPlane.service": dataPlane.service, "dataPlane.config": config });
  checkInteger(refuse, "dataPlane.replicas", replicas, 0, 1000);
  const closedSets = { type: GatewayServiceType, externalTrafficPolicy: GatewayTrafficPolicy };
  for (const [property, set] of Object.entries(closedSets)) {
    const value = service[property as keyof typeof closedSets];
    if (value !== undefined && !Object.values<string>(set).includes(value))
      refuse(`dataPlane.service.${property}`, `is "${value}"`, `write one of ${Object.values(set).join(", ")}`);
  }
  if (service.type === GatewayServiceType.clusterIp && service.externalTrafficPolicy !== undefined)
    refuse(
      "dataPlane.service.externalTrafficPolicy",
      "is given for a Service of type ClusterIP",
      "leave it out: no traffic from outside gets there",
    );
  if (config && "kubernetes" in config)
    refuse("dataPlane.config.kubernetes", "is made of the other fields of dataPlane", "write them instead");
}
