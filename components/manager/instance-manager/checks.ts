import { checked, checkPlain, checkPort, labelName, type Refuser } from "../../foundation";
import { checkPeer } from "../../nginx/network-policy";
import { checkService } from "../../nginx/service";
import { readCertificates } from "../../pki/pem";
import { checkExposure } from "../exposure";
import { dnsName } from "../hostname";
import { hostOrAddress } from "../proxy/checks";
import { checkAdmin } from "./admin-password";
import { refuseForbidden } from "./chart-keys";
import { checkClickHouse } from "./clickhouse";
import {
  type InstanceManagerArgs,
  InstanceManagerLogLevel,
  InstanceManagerMode,
  OutboundProxyProtocol,
} from "./instance-manager-args";
import { isOutside } from "./network";
import { checkPersistence } from "./persistence";

/** Refuses what the chart would accept and a user would regret, before anything is registered. */
export function checkInstanceManager(args: InstanceManagerArgs, refuse: Refuser): void {
  const { admin, clickHouse, persistence, outboundProxy, service, clients, hostnames, helmValues } = args;
  checkPlain(refuse, { admin, clickHouse, persistence, outboundProxy, service, clients, hostnames, helmValues });
  checkPlain(refuse, { existingCertificates: args.existingCertificates, certificate: args.certificate });
  if (args.namespace === undefined) refuse("namespace", "is missing", "write the namespace of Instance Manager");
  checked(args.namespace, labelName(refuse, "namespace"));
  if (args.name !== undefined) labelName(refuse, "name")(args.name);
  checkRegistry(args, refuse);
  checkCertificates(args, refuse);
  checkAdmin(args, refuse);
  checkClickHouse(args, refuse);
  checkPersistence(args, refuse);
  checkChoice(refuse, "mode", args.mode, InstanceManagerMode);
  checkChoice(refuse, "logLevel", args.logLevel, InstanceManagerLogLevel);
  checkOutboundProxy(args, refuse);
  checkNetwork(args, refuse);
  if (helmValues) refuseForbidden(refuse, helmValues);
}

function checkChoice(refuse: Refuser, property: string, value: string | undefined, choices: Record<string, string>) {
  if (value !== undefined && !Object.values(choices).includes(value))
    refuse(property, `is ${JSON.stringify(value)}`, `write one of ${Object.values(choices).join(", ")}`);
}

function checkRegistry({ registry, chartRepository }: InstanceManagerArgs, refuse: Refuser): void {
  if (registry !== undefined)
    checked(registry, (text) => {
      if (!/^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)*$/i.test(text))
        refuse("registry", "is no registry", "write host, port and path, without scheme: registry.example.com/mirror");
    });
  if (chartRepository !== undefined)
    checked(chartRepository, (text) => {
      if (!/^(?:https|oci):\/\/[^\s?#@]+[^\s?#@/]$/.test(text))
        refuse(
          "chartRepository",
          "is no repository of charts",
          "write https://… or oci://…, without credentials, query and slash at the end",
        );
    });
}

function checkCertificates(args: InstanceManagerArgs, refuse: Refuser): void {
  const { issuer, existingCertificates, certificate, internalCertificates, certificateAuthorities } = args;
  if (issuer === undefined && !(existingCertificates && certificate))
    refuse(
      "issuer",
      "is missing",
      "give a CertificateAuthority, or all certificates: existingCertificates and certificate",
    );
  if (issuer !== undefined && existingCertificates && certificate)
    refuse("issuer", "is given, but nothing is left for it to issue", "leave it out");
  if (internalCertificates && existingCertificates)
    refuse("internalCertificates", "is given beside existingCertificates", "leave it out: nothing is issued here");
  for (const part of certificateParts)
    if (existingCertificates && existingCertificates[part]?.secretName === undefined)
      refuse(`existingCertificates.${part}`, "is missing", "name the Secret: all of them are of one authority");
  if (certificateAuthorities !== undefined && (certificate === undefined || existingCertificates))
    refuse(
      "certificateAuthorities",
      "is given, but there is no certificate of another authority beside certificates that are issued here",
      "leave it out",
    );
  if (certificateAuthorities !== undefined)
    checked(certificateAuthorities, (pem) => void readCertificates(refuse, "certificateAuthorities", pem));
  for (const [index, name] of (args.hostnames ?? []).entries()) checked(name, dnsName(refuse, `hostnames[${index}]`));
}

const certificateParts = ["authority", "core", "dpm", "ingestion", "integrations", "secmon", "apigw", "proxy"] as const;

function checkOutboundProxy({ outboundProxy, mode }: InstanceManagerArgs, refuse: Refuser): void {
  if (!outboundProxy) return;
  if (mode === InstanceManagerMode.disconnected)
    refuse("outboundProxy", 'is given, but with mode "disconnected" nothing goes to F5', "leave one of the two out");
  if (outboundProxy.host === undefined) refuse("outboundProxy.host", "is missing", "write the host of the proxy");
  checked(outboundProxy.host, hostOrAddress(refuse, "outboundProxy.host"));
  checkPort(refuse, "outboundProxy.port", outboundProxy.port);
  checkChoice(refuse, "outboundProxy.protocol", outboundProxy.protocol, OutboundProxyProtocol);
}

function checkNetwork(args: InstanceManagerArgs, refuse: Refuser): void {
  const { service, clients, networkPolicies, unsafeAllowAgentsWithoutCertificate: unsafe } = args;
  if (service) checkService(service, refuse);
  checkExposure(args, refuse);
  for (const [index, client] of (clients ?? []).entries()) checkPeer(client, `clients[${index}]`, refuse);
  if (clients?.length === 0) refuse("clients", "is empty", "leave it out: then nobody but the namespace connects");
  if (networkPolicies === false && clients)
    refuse("clients", "is given, but without networkPolicies everyone connects", "leave one of the two out");
  const way = isOutside(service) ? "service.type" : clients ? "clients" : undefined;
  if (way && !unsafe)
    refuse(
      way,
      "opens the API gateway, which takes agents without a certificate",
      "put an InstanceManagerProxy in front in its place (or, where that is meant, write unsafeAllowAgentsWithoutCertificate: true)",
    );
  if (unsafe && !way)
    refuse("unsafeAllowAgentsWithoutCertificate", "is true, but nobody is let in by it", "leave it out");
}
