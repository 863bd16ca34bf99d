import * as pulumi from "@pulumi/pulumi";
import {
  type Argument,
  checkCertificateNames,
  checkCertificateRole,
  checkSameNamespace,
  factsOf,
  formats,
  resolveArguments,
} from "../../foundation";
import { type GatewayFabricArgs, GatewayFabricDelivery } from "../gateway-fabric-args";
import { chartValues, withoutSecretSettings } from "../helm-values";
import { checkService, resolveCommon, resolveService } from "../resolve";
import { checkSecretNames, type SecretName } from "../usage";
import { firstVersionWith, type GatewayFabricVersion } from "../versions";
import { agentCertificateName } from "./certificates";
import { agentPort } from "./deployment";
import { dataPlaneLabel, namesOf } from "./names";

/** A GatewayFabric as it will be made. */
export type ResolvedGatewayFabric = ReturnType<typeof resolveGatewayFabric>;

/** Returns the arguments with their defaults, and for delivery by Helm the values of the chart. */
export const resolveGatewayFabric = (name: string, args: GatewayFabricArgs) =>
  resolveArguments("GatewayFabric", name, "GatewayFabricArgs", args, (argument: Argument<GatewayFabricArgs>) => {
    const common = resolveCommon(argument, 2);
    const { version, delivery } = common;
    argument.check(
      checkPorts,
      (given) => checkFeatures(given, version),
      checkLabel,
      checkNamespaces,
      (given) => checkCertificates(given, common.release),
      checkIssuer,
      (given) => checkOwnSecret(given, name, version),
      (given) => checkNames(given, version),
      checkDataPlane,
    );
    const { serverCertificate, agentCertificate, dataPlane = {} } = argument.value;
    const config = withoutSecretSettings(argument, "dataPlane.config", dataPlane.config);
    const resolved = {
      ...common,
      names: namesOf(common.release),
      controlPlanePullSecrets: argument.value.controlPlanePullSecrets,
      issuer: argument.value.issuer,
      certificates:
        serverCertificate && agentCertificate
          ? { server: serverCertificate.secretName, agent: agentCertificate.secretName }
          : undefined,
      clusterDomain: argument.value.clusterDomain ?? "cluster.local",
      watchNamespaces: argument.value.watchNamespaces,
      snippets: argument.value.snippets ?? false,
      inferenceExtension: argument.value.inferenceExtension ?? false,
      dataPlane: {
        ...dataPlane,
        config,
        replicas: dataPlane.replicas ?? 1,
        service: resolveService(dataPlane.service),
      },
    };
    const values = delivery === GatewayFabricDelivery.helm ? chartValues(argument, resolved, config) : undefined;
    return { ...resolved, values };
  });

function checkPorts(argument: Argument<GatewayFabricArgs>): void {
  for (const port of [argument.field("monitoring").field("port"), argument.field("healthPort")])
    if (port.value === agentPort)
      port.refuse(`is ${agentPort}, on which the data plane calls the control plane`, "choose another port");
}

/** Checks the label by which the pods of NGINX are found, where something has to find them. */
function checkLabel(argument: Argument<GatewayFabricArgs>): void {
  const { name, gatewayClassName } = argument.value;
  const label = dataPlaneLabel(namesOf(name), gatewayClassName);
  if (argument.value.monitoring?.prometheusOperator && label.length > 63)
    argument
      .field("monitoring")
      .field("prometheusOperator")
      .refuse(
        `looks for the label ${label} of ${label.length} characters, which Gateway Fabric cuts`,
        "shorten name or gatewayClassName: together they have at most 62",
      );
  const namespace = argument.field("namespace");
  const facts = factsOf(namespace.value);
  if (facts?.defaultDeny && label.length > 63)
    namespace.refuse(
      `is of ${facts.component}, which denies traffic of pods with the label ${label} of ${label.length} characters, since Gateway Fabric cuts it`,
      "shorten name or gatewayClassName: together they have at most 62",
    );
}

function checkFeatures(argument: Argument<GatewayFabricArgs>, version: GatewayFabricVersion): void {
  const { gatewayClassName, snippets, snippetsFilters } = argument.value;
  if (gatewayClassName !== undefined && gatewayClassName.length > version.secretNameLimit)
    argument
      .field("gatewayClassName")
      .refuse(
        `is ${gatewayClassName.length} characters long`,
        `write at most ${version.secretNameLimit}: ${version.version} fails at the names of what it makes for a Gateway of the class`,
      );
  for (const feature of ["watchNamespaces", "snippets", "inferenceExtension"] as const)
    if (argument.value[feature] && !version.features[feature])
      argument
        .field(feature)
        .refuse(`is not in ${version.version}`, `leave it out, or use version ${firstVersionWith(feature)} or later`);
  if (snippets && snippetsFilters)
    argument
      .field("snippetsFilters")
      .refuse("is given beside snippets", "leave it out: snippets has SnippetsFilters too");
}

function checkNamespaces(argument: Argument<GatewayFabricArgs>): void {
  argument.field("clusterDomain").matches(formats.dnsSubdomain);
  const watched = argument.field("watchNamespaces");
  watched.notEmpty("name the namespaces to watch, or leave it out to watch all");
  const seen = new Set<string>();
  for (const one of watched.entries()) {
    one.matches(formats.dnsLabel);
    one.unique(seen, "name each namespace once");
    argument.field("namespace").known((own) => {
      if (own === one.value)
        one.refuse("is the namespace of the control plane", "leave it out: that one is always watched");
    });
  }
}

function checkCertificates(argument: Argument<GatewayFabricArgs>, release: string): void {
  const { issuer, serverCertificate, agentCertificate, namespace } = argument.value;
  for (const secret of argument.field("controlPlanePullSecrets").entries()) {
    secret.matches(formats.dnsSubdomain);
    checkSameNamespace(secret, namespace);
  }
  if ((serverCertificate === undefined) !== (agentCertificate === undefined))
    argument
      .field(serverCertificate ? "agentCertificate" : "serverCertificate")
      .refuse(
        "is missing",
        "give both or neither: control plane and data plane trust the authority of each other's certificate",
      );
  if (!serverCertificate || !agentCertificate) return;
  if (issuer !== undefined)
    argument
      .field("issuer")
      .refuse("is given beside serverCertificate", "remove one of the two: nothing is left to issue");
  const server = argument.field("serverCertificate").field("secretName");
  const agent = argument.field("agentCertificate").field("secretName");
  server.matches(formats.dnsSubdomain);
  checkSameNamespace(server, namespace);
  checkSameNamespace(agent, namespace);
  checkCertificateRole(server, "server");
  checkCertificateRole(agent, "client");
  checkCertificateNames(
    server,
    typeof namespace === "string" ? `${release}.${namespace}.svc` : pulumi.interpolate`${release}.${namespace}.svc`,
  );
  if (server.value === agent.value)
    agent.refuse(
      "is that of serverCertificate",
      "give the data plane a certificate of its own: its Secret is copied to every namespace with a Gateway",
    );
}

/** Checks that the issuer can sign the certificates of this component. */
function checkIssuer(argument: Argument<GatewayFabricArgs>): void {
  const issuer = argument.field("issuer");
  issuer.field("renewalWindowHours").known((hours, argument) => {
    if (!Number.isInteger(hours) || hours < 1)
      argument.refuse(`is ${hours}`, "write a whole number of hours, at least 1");
  });
  issuer.field("certificatePem").known((pem, argument) => {
    if (pem === "")
      argument.refuse("is empty", "have the issuer's csrPem signed, and give it offline.signedCertificatePem");
  });
}

/** Refuses a component whose own Secret for the data plane would have a name that Gateway Fabric cannot copy. */
function checkOwnSecret(
  argument: Argument<GatewayFabricArgs>,
  name: string,
  { secretNameLimit, version }: GatewayFabricVersion,
): void {
  const length = `${agentCertificateName(name)}-secret-01234567`.length;
  const { agentCertificate, serverCertificate } = argument.value;
  if (agentCertificate === undefined && serverCertificate === undefined && length > secretNameLimit)
    argument
      .field("agentCertificate")
      .refuse(
        `is missing, and the Secret that is made for it would have a name of ${length} characters`,
        `shorten the component's name by ${length - secretNameLimit}, or give both certificates: ${version} copies no Secret with a name longer than ${secretNameLimit}`,
      );
}

/** Checks the names of all Secrets that are copied to the namespaces of Gateways. */
function checkNames(argument: Argument<GatewayFabricArgs>, version: GatewayFabricVersion): void {
  const usage = argument.field("usage");
  const pullSecrets = argument.field("imagePullSecrets").entries();
  const copied: SecretName[] = [
    ...(["license", "trustedCertificates", "clientCertificate"] as const).map((field) =>
      usage.field(field).field("secretName"),
    ),
    // One that is named twice is a fault already.
    ...pullSecrets.filter(({ value }, index) => pullSecrets.findIndex((one) => one.value === value) === index),
    argument.field("agentCertificate").field("secretName"),
  ];
  checkSecretNames(version, copied);
}

function checkDataPlane(argument: Argument<GatewayFabricArgs>): void {
  const dataPlane = argument.field("dataPlane");
  dataPlane.field("replicas").integer(0, 1000);
  checkService(dataPlane.field("service"));
  const { config } = dataPlane.value ?? {};
  if (config !== undefined && "kubernetes" in config)
    dataPlane
      .field("config")
      .field("kubernetes")
      .refuse("is made of the other fields of dataPlane", "write them instead");
}
