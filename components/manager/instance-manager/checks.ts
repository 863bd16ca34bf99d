import type { Input } from "@pulumi/pulumi";
import { type Argument, checkSameNamespace, type Format, factsOf, formats } from "../../foundation";
import { checkNginxPeer, checkNginxService } from "../../nginx";
import { checkKey, readCertificates, resolveSigning } from "../../pki";
import { checkSecretCertificate } from "../certificate-checks";
import { checkServiceExposure } from "../exposure";
import { checkServerName } from "../hostname";
import { checkAdmin } from "./admin-password";
import { apigw } from "./certificates";
import { refuseForbidden } from "./chart-keys";
import { checkClickHouse } from "./clickhouse";
import { type InstanceManagerArgs, InstanceManagerMode } from "./instance-manager-args";
import { isOutside } from "./network";
import { checkPersistence } from "./persistence";

type Args = Argument<InstanceManagerArgs>;

const chartRepositories: Format = {
  test: (text) => /^(?:https|oci):\/\/[^\s?#@]+[^\s?#@/]$/.test(text),
  wrong: "is not a repository of charts",
  remedy: "write https://… or oci://…, without credentials, query and slash at the end",
};

const releaseNames: Format = {
  test: (text) => text.length <= 53 && formats.dnsLabel.test(text),
  wrong: "is not a name of a Helm release",
  remedy: "write at most 53 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
};

/** Checks what the chart would take, and no Instance Manager would work with. */
export function checkInstanceManager(argument: Args): void {
  const { namespace } = argument.value;
  argument.field("namespace").matches(formats.dnsLabel);
  argument.field("name").matches(releaseNames);
  argument.field("registry").matches(formats.registry);
  argument.field("chartRepository").matches(chartRepositories);
  for (const name of argument.field("imagePullSecrets").entries()) checkSecretName(name, namespace);
  argument.check(
    checkIssuer,
    checkInternalCertificates,
    checkCertificates,
    checkGatewayCertificate,
    () => checkAdmin(argument.field("admin")),
    () => checkClickHouse(argument.field("clickHouse"), namespace),
    () => checkPersistence(argument.field("persistence")),
    checkOutboundProxy,
    checkNetwork,
    checkWays,
    () => argument.field("helmValues").given(refuseForbidden),
  );
}

/** Checks the name of a Secret, and that it is in the namespace of Instance Manager. */
function checkSecretName(secretName: Argument<Input<string> | undefined>, namespace: Input<string>): void {
  secretName.matches(formats.dnsSubdomain);
  checkSameNamespace(secretName, namespace);
}

/** Checks that there is an authority where certificates are issued, and only there. */
function checkIssuer(argument: Args): void {
  const { issuer, existingCertificates, certificate, internalCertificates, certificateAuthoritiesPem } = argument.value;
  if (issuer === undefined && !(existingCertificates && certificate))
    argument
      .field("issuer")
      .refuse("is missing", "give a CertificateAuthority, or all certificates: existingCertificates and certificate");
  if (issuer !== undefined && existingCertificates && certificate)
    argument.field("issuer").refuse("is given, but nothing is left for it to issue", "leave it out");
  if (internalCertificates && existingCertificates)
    argument
      .field("internalCertificates")
      .refuse("is given beside existingCertificates", "leave it out: nothing is issued here");
  const authorities = argument.field("certificateAuthoritiesPem");
  if (certificateAuthoritiesPem !== undefined && (certificate === undefined || existingCertificates))
    authorities.refuse(
      "is given, but there is no certificate of another authority beside certificates that are issued here",
      "leave it out",
    );
  else authorities.known((pem, { path }) => argument.attempt((refuse) => void readCertificates(refuse, path, pem)));
}

/** Checks keys and lifetimes here, where the arguments have the names that the user wrote. */
function checkInternalCertificates(argument: Args): void {
  const { issuer, existingCertificates, internalCertificates = {} } = argument.value;
  if (issuer === undefined || existingCertificates) return;
  const { keyAlgorithm = "RSA", ...rest } = internalCertificates;
  const keys = argument.with("internalCertificates", { keyAlgorithm, ...rest });
  checkKey(keys);
  resolveSigning(keys, issuer);
}

const certificateParts = ["authority", "core", "dpm", "ingestion", "integrations", "secmon", "apigw", "proxy"] as const;

function checkCertificates(argument: Args): void {
  const { namespace } = argument.value;
  const existing = argument.field("existingCertificates");
  for (const part of certificateParts) checkSecretName(existing.field(part).field("secretName"), namespace);
  checkSecretCertificate(existing.field("proxy"), { usage: "client" });
  for (const hostname of argument.field("hostnames").entries()) checkServerName(hostname);
}

/** Checks that a certificate of this program is for servers, and has the names by which people and proxies call the API gateway. */
function checkGatewayCertificate(argument: Args): void {
  const certificate = argument.field("certificate");
  checkSecretName(certificate.field("secretName"), argument.value.namespace);
  const hostnames = argument.field("hostnames").entries();
  const names = hostnames.length > 0 ? hostnames : [argument.with("the name of its Service", apigw)];
  checkSecretCertificate(certificate, { usage: "server", names });
}

function checkOutboundProxy(argument: Args): void {
  argument.field("outboundProxy").given((proxy) => {
    if (argument.value.mode === InstanceManagerMode.disconnected)
      proxy.refuse('is given, but with mode "disconnected" nothing goes to F5', "leave one of the two out");
    proxy.field("host").matches(formats.host);
    proxy.field("port").port();
  });
}

function checkNetwork(argument: Args): void {
  const { namespace, networkPolicies } = argument.value;
  argument.field("service").given(checkNginxService);
  checkServiceExposure(argument.field("service"), argument.field("exposed"));
  for (const list of ["clients", "dns"] as const)
    for (const peer of argument.field(list).entries()) checkNginxPeer(peer);
  if (networkPolicies === false && argument.value.dns)
    argument.field("dns").refuse("is given, but without networkPolicies", "leave one of the two out");
  const facts = factsOf(namespace);
  if (networkPolicies === false && facts?.defaultDeny)
    argument
      .field("networkPolicies")
      .refuse(
        `is false, but ${facts.component} denies all traffic that no NetworkPolicy allows`,
        "leave it out, or leave defaultDeny of the Namespace out",
      );
}

/** Checks that the ways to the API gateway from outside the namespace are meant. */
function checkWays(argument: Args): void {
  const { service, clients, networkPolicies, unsafeAllowAgentsWithoutCertificate: unsafe } = argument.value;
  if (clients?.length === 0)
    argument.field("clients").refuse("is empty", "leave it out: then only pods of the namespace connect");
  if (networkPolicies === false && clients)
    argument
      .field("clients")
      .refuse("is given, but without networkPolicies everyone connects", "leave one of the two out");
  const admitsClients = clients !== undefined && clients.length > 0 && networkPolicies !== false;
  const way = isOutside(service)
    ? argument.field("service").field("type")
    : admitsClients
      ? argument.field("clients")
      : undefined;
  if (way && !unsafe)
    way.refuse(
      "opens the API gateway, which takes agents without a certificate",
      "put an InstanceManagerProxy in front in its place (or, where that is meant, write unsafeAllowAgentsWithoutCertificate: true)",
    );
  if (unsafe && !way)
    argument
      .field("unsafeAllowAgentsWithoutCertificate")
      .refuse("is true, but no service or clients let anyone in", "leave it out");
}
