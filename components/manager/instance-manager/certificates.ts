import * as pulumi from "@pulumi/pulumi";
import { type Facts, factsOf, makeSecret, type SecretReference, withFacts } from "../../foundation";
import { type ChartSetting, setting } from "../../helm";
import { Certificate, type CertificateIssuer, type CertificateReference, CertificateUsage } from "../../pki";
import type { InstanceManagerExistingCertificates } from "./instance-manager-args";
import type { ResolvedInstanceManager } from "./resolve";

/** The parts that are servers to one another. */
const serverParts = ["core", "dpm", "ingestion", "integrations", "secmon"] as const;
type ServerPart = (typeof serverParts)[number];

/** The API gateway's name, as a part and as a Service. */
export const apigw = "apigw";

/** Every certificate of an Instance Manager, by the Secret that has it. */
export interface InstanceManagerSecrets extends InstanceManagerExistingCertificates {
  /** The HTTPS certificate of the API gateway. */
  certificate: CertificateReference;
}

/** Returns the Secrets of all certificates, and issues those that the arguments do not name. */
export function managerSecrets(
  name: string,
  resolved: ResolvedInstanceManager,
  opts: pulumi.ComponentResourceOptions,
): InstanceManagerSecrets {
  const { issuer, existingCertificates, certificate } = resolved;
  return {
    ...(existingCertificates ?? issueInternal(name, resolved, issuer!, opts)),
    certificate: certificate ?? issueGateway(name, resolved, issuer!, opts),
  };
}

/** Names of a server, in the chart's order: the first is the one that the database of a part dials by. */
const serverNames = (part: string, namespace: pulumi.Input<string>) => [
  part,
  pulumi.interpolate`${part}.${namespace}.svc`,
  pulumi.interpolate`${part}.${namespace}.svc.cluster.local`,
];

/** Returns what is known of the certificate that a part shows to a proxy; undefined where something else keeps it. */
export function certificateFacts(
  part: string,
  { namespace, hostnames = [], certificate, existingCertificates }: ResolvedInstanceManager,
): Facts["certificate"] {
  const names = serverNames(part, namespace);
  if (part === apigw)
    return certificate
      ? factsOf(certificate.secretName)?.certificate
      : { usage: CertificateUsage.server, dnsNames: [...names, ...hostnames] };
  return existingCertificates ? undefined : { usage: CertificateUsage.serverAndClient, dnsNames: names };
}

/** Subject and names of a client, as the chart gives them: no peer connects to these names. */
const clientIdentity = (part: string) => ({
  usage: CertificateUsage.client,
  subject: { commonName: `${part}-client` },
  dnsNames: [`${part}-api-service`, `${part}-grpc-service`],
});

function issueInternal(
  name: string,
  resolved: ResolvedInstanceManager,
  issuer: CertificateIssuer,
  opts: pulumi.ComponentResourceOptions,
): InstanceManagerExistingCertificates {
  const { namespace, internalCertificates, certificateAuthoritiesPem } = resolved;
  const { keyAlgorithm = "RSA", ...rest } = internalCertificates;
  const facts: Facts = { component: `InstanceManager ${JSON.stringify(name)}`, namespace };
  const keys = { keyAlgorithm, ...(keyAlgorithm === "RSA" && { rsaBits: 2048 }), ...rest };
  const file = (file: string, given: Partial<ConstructorParameters<typeof Certificate>[1]>) => {
    const { chainPem, privateKeyPem } = new Certificate(
      `${name}-${file}`,
      { forHosts: true, issuer, ...keys, ...given },
      opts,
    );
    return { [`${file}.pem`]: chainPem, [`${file}.key`]: privateKeyPem };
  };
  const client = (part: string) => file(`${part}-client`, clientIdentity(part));
  const server = (part: ServerPart) =>
    file(`${part}-server`, {
      // The parts' databases use it in both directions.
      usage: CertificateUsage.serverAndClient,
      subject: { commonName: pulumi.interpolate`${part}.${namespace}` },
      dnsNames: serverNames(part, namespace),
      ipAddresses: ["0.0.0.0", "127.0.0.1"],
    });
  const secret = (suffix: string, contents: Record<string, pulumi.Input<string>>) =>
    makeSecret(`${name}-${suffix}`, "Opaque", contents, { namespace }, opts);

  const proxy = new Certificate(`${name}-proxy-client`, { namespace, issuer, ...keys, ...clientIdentity(apigw) }, opts);
  withFacts(proxy.secretName, { ...facts, certificate: factsOf(proxy.secretName)?.certificate });
  // Without ca.key: no pod has to sign, since no certificate is left to the chart.
  const authority = secret("authority", {
    "ca.pem": issuer.bundle,
    "ca.crt": certificateAuthoritiesPem ? pulumi.concat(issuer.bundle, certificateAuthoritiesPem) : issuer.bundle,
  });
  withFacts(authority.secretName, facts);

  const part = (part: ServerPart) => secret(`${part}-certificates`, { ...server(part), ...client(part) });
  return {
    core: part("core"),
    dpm: part("dpm"),
    ingestion: part("ingestion"),
    integrations: part("integrations"),
    secmon: part("secmon"),
    apigw: secret("apigw-certificates", client(apigw)),
    authority,
    proxy,
  };
}

/** Issues the HTTPS certificate of the API gateway, with the names by which people and proxies call it. */
const issueGateway = (
  name: string,
  { namespace, hostnames = [], internalCertificates }: ResolvedInstanceManager,
  issuer: CertificateIssuer,
  opts: pulumi.ComponentResourceOptions,
) => {
  const { validityHours, earlyRenewalHours } = internalCertificates;
  return new Certificate(
    `${name}-apigw-server`,
    {
      namespace,
      issuer,
      usage: CertificateUsage.server,
      subject: { commonName: pulumi.interpolate`${apigw}.${namespace}` },
      dnsNames: [...serverNames(apigw, namespace), ...hostnames],
      validityHours,
      earlyRenewalHours,
    },
    opts,
  );
};

/** Returns the chart's values about certificates: all six are external, so it makes none and asks for no key of the authority. */
export const certificateSettings = (
  { existingCertificates }: ResolvedInstanceManager,
  secrets: InstanceManagerSecrets,
): ChartSetting[] => {
  const decidedBy = existingCertificates ? "existingCertificates" : "issuer";
  const external = (key: string, { secretName }: SecretReference) => [
    setting(`externalCerts.${key}.enabled`, decidedBy, true),
    setting(`externalCerts.${key}.secretName`, decidedBy, secretName),
  ];
  return [
    ...external("ca", secrets.authority),
    ...[...serverParts, apigw].flatMap((part) => external(part, secrets[part as ServerPart])),
    setting("apigw.tlsSecret", "certificate", secrets.certificate.secretName),
    setting("apigw.tlsReload.enabled", "certificate", true),
  ];
};
