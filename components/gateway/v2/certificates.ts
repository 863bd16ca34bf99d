import { type ComponentResourceOptions, type Input, interpolate } from "@pulumi/pulumi";
import { Certificate, CertificateAuthority, type CertificateIssuer, CertificateUsage } from "../../pki";
import type { Names } from "./names";
import type { ResolvedGatewayFabric } from "./resolve";

/** Three years, as upstream's own certificates; `pulumi up` alone renews them. */
const validityHours = 3 * 365 * 24;

/** Names of the Secrets by which control plane and data plane know each other. */
export interface AgentSecrets {
  server: Input<string>;
  agent: Input<string>;
}

/** Returns the name of the component of the data plane's certificate. */
export const agentCertificateName = (name: string) => `${name}-agent-tls`;

/** Takes the certificates that were given, or issues them: in place of upstream's Job, which makes them in the cluster. */
export function agentSecrets(
  name: string,
  { certificates, clusterDomain, names, namespace, ...resolved }: ResolvedGatewayFabric,
  opts: ComponentResourceOptions,
): AgentSecrets {
  if (certificates) return certificates;
  const issuer = resolved.issuer ?? ownAuthority(name, names, opts);
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

/** Returns as many hours as the issuer allows. */
const leafHours = ({ renewalWindowHours }: CertificateIssuer): number | undefined =>
  typeof renewalWindowHours === "number" ? Math.min(validityHours, renewalWindowHours) : undefined;
