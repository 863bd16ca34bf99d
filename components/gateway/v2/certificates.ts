import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { interpolate } from "@pulumi/pulumi";
import type { Refuser } from "../../foundation";
import { Certificate, CertificateAuthority, type CertificateIssuer, CertificateUsage } from "../../pki";
import type { GatewayFabricArgs } from "../gateway-fabric-args";
import type { GatewayFabricVersion } from "../versions";
import type { Names } from "./names";

/** Three years, as upstream's own certificates; nothing but `pulumi up` renews them. */
const validityHours = 3 * 365 * 24;

/** Names of the Secrets by which control plane and data plane know each other. */
export interface AgentSecrets {
  server: Input<string>;
  agent: Input<string>;
}

/** Refuses a component whose own Secret for the data plane would have a name that Gateway Fabric cannot copy. */
export function checkOwnSecrets(
  refuse: Refuser,
  name: string,
  { agentCertificate }: GatewayFabricArgs,
  { secretNameLimit, version }: GatewayFabricVersion,
): void {
  const length = `${agentCertificateName(name)}-secret-01234567`.length;
  if (agentCertificate === undefined && length > secretNameLimit)
    refuse(
      "agentCertificate",
      `is missing, and the Secret that is made for it would have a name of ${length} characters`,
      `shorten the component's name by ${length - secretNameLimit}, or give both certificates: ${version} copies no Secret with a name longer than ${secretNameLimit}`,
    );
}

const agentCertificateName = (name: string) => `${name}-agent-tls`;

/** Takes the certificates that were given, or issues them: in place of upstream's Job, which makes them in the cluster. */
export function agentSecrets(
  name: string,
  args: GatewayFabricArgs,
  names: Names,
  namespace: Input<string>,
  opts: ComponentResourceOptions,
): AgentSecrets {
  const { serverCertificate, agentCertificate, clusterDomain = "cluster.local" } = args;
  if (serverCertificate && agentCertificate)
    return { server: serverCertificate.secretName, agent: agentCertificate.secretName };
  const issuer = args.issuer ?? ownAuthority(name, names, opts);
  const common = { namespace, issuer, validityHours: leafHours(issuer) };
  const server = new Certificate(
    `${name}-server-tls`,
    {
      ...common,
      usage: CertificateUsage.server,
      subject: { commonName: names.release },
      dnsNames: [interpolate`${names.release}.${namespace}.svc`],
    },
    opts,
  );
  const agent = new Certificate(
    agentCertificateName(name),
    {
      ...common,
      usage: CertificateUsage.client,
      subject: { commonName: `${names.release}-agent` },
      dnsNames: [`*.${clusterDomain}`],
    },
    opts,
  );
  return { server: server.secretName, agent: agent.secretName };
}

const ownAuthority = (name: string, { release }: Names, opts: ComponentResourceOptions) =>
  new CertificateAuthority(
    `${name}-authority`,
    { subject: { commonName: `${release} agents` }, renewalWindowHours: validityHours },
    opts,
  );

/** As long as the issuer allows. */
const leafHours = ({ renewalWindowHours }: CertificateIssuer): number | undefined =>
  typeof renewalWindowHours === "number" ? Math.min(validityHours, renewalWindowHours) : undefined;
