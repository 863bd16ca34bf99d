import * as pulumi from "@pulumi/pulumi";
import { makeSecret, type SecretReference } from "../../foundation";
import { type ChartSetting, setting } from "../../helm";
import { Certificate, type CertificateIssuer, type CertificateReference, CertificateUsage } from "../../pki";
import type { InstanceManagerArgs, InstanceManagerExistingCertificates } from "./instance-manager-args";

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

/** Where the certificates come from: checked before, so one of the two is there for each. */
export function managerSecrets(
  name: string,
  args: InstanceManagerArgs,
  opts: pulumi.ComponentResourceOptions,
): InstanceManagerSecrets {
  const { issuer, existingCertificates, certificate } = args;
  return {
    ...(existingCertificates ?? issueInternal(name, args, issuer!, opts)),
    certificate: certificate ?? issueGateway(name, args, issuer!, opts),
  };
}

/** Names of a server, in the chart's order: the first is the one that the database of a part dials by. */
const serverNames = (part: string, namespace: pulumi.Input<string>) => [
  part,
  pulumi.interpolate`${part}.${namespace}.svc`,
  pulumi.interpolate`${part}.${namespace}.svc.cluster.local`,
];

/** What the chart calls a client of its own: nobody connects to these names. */
const clientIdentity = (part: string) => ({
  usage: CertificateUsage.client,
  subject: { commonName: `${part}-client` },
  dnsNames: [`${part}-api-service`, `${part}-grpc-service`],
});

function issueInternal(
  name: string,
  args: InstanceManagerArgs,
  issuer: CertificateIssuer,
  opts: pulumi.ComponentResourceOptions,
): InstanceManagerExistingCertificates {
  const { namespace, internalCertificates = {}, certificateAuthorities } = args;
  const { keyAlgorithm = "RSA", ...rest } = internalCertificates;
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

  const part = (part: ServerPart) => secret(`${part}-certificates`, { ...server(part), ...client(part) });
  return {
    core: part("core"),
    dpm: part("dpm"),
    ingestion: part("ingestion"),
    integrations: part("integrations"),
    secmon: part("secmon"),
    apigw: secret("apigw-certificates", client(apigw)),
    // Without ca.key: nothing in the cluster has to sign, since nothing is left to the chart.
    authority: secret("authority", {
      "ca.pem": issuer.bundle,
      "ca.crt": certificateAuthorities ? pulumi.concat(issuer.bundle, certificateAuthorities) : issuer.bundle,
    }),
    proxy: new Certificate(`${name}-proxy-client`, { namespace, issuer, ...keys, ...clientIdentity(apigw) }, opts),
  };
}

/** The HTTPS certificate of the API gateway, by which people and proxies know it. */
const issueGateway = (
  name: string,
  { namespace, hostnames = [], internalCertificates = {} }: InstanceManagerArgs,
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

/** What the chart is told of certificates: all six are external, so it makes none and asks for no key of the authority. */
export const certificateSettings = (args: InstanceManagerArgs, secrets: InstanceManagerSecrets): ChartSetting[] => {
  const decidedBy = args.existingCertificates ? "existingCertificates" : "issuer";
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
