import * as pulumi from "@pulumi/pulumi";
import { asOutputs, factsOf, withFacts } from "../../foundation";
import { Certificate, CertificateAuthority, type CertificateIssuer, TrustedCertificates } from "../../pki";
import type {
  InstanceManagerCertificate,
  InstanceManagerCertificatesArgs,
  InstanceManagerIssuer,
  InstanceManagerRoots,
} from "./instance-manager-certificates-args";
import { type Hierarchy, legacyHierarchy, withInputs } from "./legacy-hierarchy";
import { rsaBits } from "./profiles";
import { type ResolvedCertificates, resolveCertificates } from "./resolve";

/**
 * The certificates of an NGINX Instance Manager and its agents: a root, an intermediate that issues, a server certificate and one for each agent, with the names, sizes
 * and lifetimes of the documents' scripts.
 *
 * Other than there, agents' certificates are for clients alone and issued by the intermediate, the server sends its intermediate, so that peers trust the root alone, and
 * the authorities outlive what they sign.
 */
export class InstanceManagerCertificates extends pulumi.ComponentResource {
  /** The server's certificate. */
  readonly server: InstanceManagerCertificate;
  /** The agents' certificates, by the name of the agent. */
  readonly agents: Record<string, InstanceManagerCertificate>;
  /** Authority of further agents' certificates, for an NginxAgentFleet. */
  readonly issuer: InstanceManagerIssuer;
  /** The roots that agents trust, and the server that verifies them, PEM. */
  readonly bundle: pulumi.Output<string>;
  /** The roots in a Secret of the manager's namespace. */
  readonly trustedCertificates: InstanceManagerRoots;
  /** The document's `ca.pem`: the intermediate and then the root, for programs that need both. */
  readonly caPem: pulumi.Output<string>;

  constructor(name: string, args: InstanceManagerCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveCertificates(name, args);
    const { namespace, crl, unsafeAsDocumented } = resolved;

    super("nginx-stacks:index:InstanceManagerCertificates", name, resolved.recorded, opts);
    if (unsafeAsDocumented)
      pulumi.log.warn(
        `InstanceManagerCertificates "${name}": unsafeAsDocumented: the certificates have the weaknesses of the document`,
        this,
      );

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const hierarchy = unsafeAsDocumented
      ? legacyHierarchy(name, resolved, child)
      : safeHierarchy(name, resolved, child);
    const { commonName, ...names } = resolved.server;
    const server = new Certificate(
      `${name}-server`,
      {
        ...(namespace === undefined ? { forHosts: true } : { namespace }),
        ...leaf(resolved, hierarchy.server, rsaBits.server),
        usage: "server",
        subject: resolved.subject(commonName),
        ...names,
      },
      legacyKeyUsages(resolved, "server_auth", child),
    );
    const agents = resolved.agents.map((agent) => [
      agent.name,
      agentCertificate(name, resolved, agent, hierarchy.agents, child),
    ]);
    const trust =
      namespace === undefined
        ? undefined
        : new TrustedCertificates(
            `${name}-trust`,
            { namespace, certificatesPem: hierarchy.server.bundle, crlPem: crl },
            child,
          );
    if (trust) nameInFacts(trust.secretName, name);

    this.server = outputsOf(server, name);
    this.agents = Object.fromEntries(agents);
    this.issuer = issuerOf(hierarchy.agents);
    this.bundle = this.issuer.bundle;
    this.trustedCertificates = {
      secretName: trust?.secretName ?? pulumi.output(""),
      revision: trust?.revision ?? pulumi.secret(""),
    };
    this.caPem = hierarchy.caPem;
    // The children have the texts: the whole state is written at every step of an update.
    this.registerOutputs({ renewalWindowHours: this.issuer.renewalWindowHours });
  }
}

function safeHierarchy(
  name: string,
  { profile, subject, key, hours, additionalRoots, crl }: ResolvedCertificates,
  opts: pulumi.ComponentResourceOptions,
): Hierarchy {
  const authority = new CertificateAuthority(
    `${name}-authority`,
    {
      ...key(rsaBits.authority),
      subject: subject(profile.root),
      validityHours: hours.root,
      intermediate: {
        ...key(rsaBits.authority),
        subject: subject(profile.intermediate),
        validityHours: hours.intermediate,
      },
      renewalWindowHours: hours.leaf,
      additionalRoots,
      crl,
    },
    opts,
  );
  return { server: authority, agents: authority, caPem: pulumi.concat(authority.chain, authority.bundle) };
}

function agentCertificate(
  name: string,
  resolved: ResolvedCertificates,
  { name: agent, commonName, namespace }: ResolvedCertificates["agents"][number],
  issuer: CertificateIssuer,
  opts: pulumi.ComponentResourceOptions,
): InstanceManagerCertificate {
  const { profile, subject, unsafeAsDocumented } = resolved;
  const names = profile.agentHasName ? [commonName] : [];
  const wildcard = pulumi.output(commonName).apply((text) => text.replace(/^[^.]+/, "*"));
  const certificate = new Certificate(
    `${name}-agent-${agent}`,
    {
      ...(namespace === undefined ? { forHosts: true } : { namespace }),
      ...leaf(resolved, issuer, rsaBits.agent),
      usage: "client",
      subject: subject(commonName),
      dnsNames: names.length > 0 && unsafeAsDocumented ? [...names, wildcard] : names,
    },
    legacyKeyUsages(resolved, "client_auth", opts),
  );
  return outputsOf(certificate, name);
}

/** Returns the arguments that the certificates of server and agents have in common. */
const leaf = ({ key, hours, earlyRenewalHours }: ResolvedCertificates, issuer: CertificateIssuer, bits: number) => ({
  issuer,
  ...key(bits),
  validityHours: hours.leaf,
  earlyRenewalHours,
});

function legacyKeyUsages(
  { profile, unsafeAsDocumented }: ResolvedCertificates,
  usage: "server_auth" | "client_auth",
  opts: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions {
  if (!unsafeAsDocumented) return opts;
  const allowedUses = profile.documented.allowedUses(usage);
  return { ...opts, transformations: [withInputs("LocallySignedCert", { allowedUses })] };
}

function issuerOf(issuer: CertificateIssuer): InstanceManagerIssuer {
  return {
    certificatePem: pulumi.output(issuer.certificatePem),
    privateKeyPem: pulumi.secret(issuer.privateKeyPem),
    chain: pulumi.output(issuer.chain),
    bundle: pulumi.output(issuer.bundle),
    renewalWindowHours: issuer.renewalWindowHours as number,
  };
}

/** Returns the outputs alone: a component among the outputs of another would be one of the schema's resources. */
function outputsOf(certificate: Certificate, name: string): InstanceManagerCertificate {
  const { secretName, revision, certificatePem, chainPem, privateKeyPem } = certificate;
  for (const output of [secretName, chainPem]) nameInFacts(output, name);
  return asOutputs({ secretName, revision, certificatePem, chainPem, privateKeyPem });
}

/** Makes messages name this component, which the user wrote, in place of the one inside. */
function nameInFacts(output: pulumi.Output<string>, name: string): void {
  const facts = factsOf(output);
  if (facts) withFacts(output, { ...facts, component: `InstanceManagerCertificates ${JSON.stringify(name)}` });
}
