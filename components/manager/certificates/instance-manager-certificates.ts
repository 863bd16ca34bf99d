import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../../foundation";
import {
  Certificate,
  CertificateAuthority,
  type CertificateIssuer,
  type CertificateSubject,
  TrustedCertificates,
} from "../../pki";
import type { KeyOptions } from "../../pki/private-key";
import { checkCertificates, validityHours } from "./checks";
import { documentedHierarchy, type Hierarchy, withInputs } from "./documented";
import type {
  InstanceManagerAgent,
  InstanceManagerCertificate,
  InstanceManagerCertificatesArgs,
  InstanceManagerIssuer,
  InstanceManagerRoots,
} from "./instance-manager-certificates-args";
import { documentedSubject, profiles, rsaBits } from "./profiles";

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
  /** What signs further agents' certificates: for an NginxAgentFleet. */
  readonly issuer: InstanceManagerIssuer;
  /** What agents, and the server that verifies them, trust: the roots, PEM. */
  readonly bundle: pulumi.Output<string>;
  /** The roots in a Secret of the manager's namespace. */
  readonly trustedCertificates: InstanceManagerRoots;
  /** The document's `ca.pem`, the intermediate and then the root, for who has to be given both. */
  readonly caPem: pulumi.Output<string>;

  constructor(name: string, args: InstanceManagerCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("InstanceManagerCertificates", name);
    checkCertificates(refuse, args);
    const { additionalRoots, crl, agents: given = [], ...recorded } = args;
    const agentNames = given.map((agent) => agent.name);
    super("nginx-stacks:index:InstanceManagerCertificates", name, { ...recorded, agents: agentNames }, opts);
    if (args.unsafeAsDocumented)
      pulumi.log.warn(
        `InstanceManagerCertificates "${name}": unsafeAsDocumented: the certificates have the weaknesses of the document`,
        this,
      );

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const profile = profiles[args.profile];
    const key = keyOptions(args, rsaBits.authority);
    const subject = subjects(args);
    const hierarchy = args.unsafeAsDocumented
      ? documentedHierarchy(name, profile, subject, key, { additionalRoots, crl }, child)
      : safeHierarchy(name, args, child);

    const server = new Certificate(
      `${name}-server`,
      {
        ...(args.namespace === undefined ? { forHosts: true } : { namespace: args.namespace }),
        ...leaf(args, hierarchy.server, rsaBits.server),
        usage: "server",
        subject: subject(args.hostname?.manager ?? args.serverName!),
        ...serverNames(args),
      },
      documentedUses(args, "server_auth", child),
    );
    const agents = given.map((agent) => [agent.name, agentCertificate(name, args, agent, hierarchy.agents, child)]);
    const trust =
      args.namespace === undefined
        ? undefined
        : new TrustedCertificates(
            `${name}-trust`,
            { namespace: args.namespace, certificatesPem: hierarchy.server.bundle, crlPem: crl },
            child,
          );

    this.server = fieldsOf(server);
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
  args: InstanceManagerCertificatesArgs,
  opts: pulumi.ComponentResourceOptions,
): Hierarchy {
  const profile = profiles[args.profile];
  const { root, intermediate, leaf } = validityHours(args);
  const key = keyOptions(args, rsaBits.authority);
  const subject = subjects(args);
  const authority = new CertificateAuthority(
    `${name}-authority`,
    {
      ...key,
      subject: subject(profile.root),
      validityHours: root,
      intermediate: { ...key, subject: subject(profile.intermediate), validityHours: intermediate },
      renewalWindowHours: leaf,
      additionalRoots: args.additionalRoots,
      crl: args.crl,
    },
    opts,
  );
  return { server: authority, agents: authority, caPem: pulumi.concat(authority.chain, authority.bundle) };
}

function agentCertificate(
  name: string,
  args: InstanceManagerCertificatesArgs,
  { name: agent, commonName = agent, namespace }: InstanceManagerAgent,
  issuer: CertificateIssuer,
  opts: pulumi.ComponentResourceOptions,
): InstanceManagerCertificate {
  const names = profiles[args.profile].agentHasName ? [commonName] : [];
  const wildcard = pulumi.output(commonName).apply((text) => text.replace(/^[^.]+/, "*"));
  const certificate = new Certificate(
    `${name}-agent-${agent}`,
    {
      ...(namespace === undefined ? { forHosts: true } : { namespace }),
      ...leaf(args, issuer, rsaBits.agent),
      usage: "client",
      subject: subjects(args)(commonName),
      dnsNames: names.length > 0 && args.unsafeAsDocumented ? [...names, wildcard] : names,
    },
    documentedUses(args, "client_auth", opts),
  );
  return fieldsOf(certificate);
}

/** What all leaves have in common. */
function leaf(args: InstanceManagerCertificatesArgs, issuer: CertificateIssuer, bits: number) {
  const { earlyRenewalHours } = args;
  return { issuer, ...keyOptions(args, bits), validityHours: validityHours(args).leaf, earlyRenewalHours };
}

function documentedUses(
  { profile, unsafeAsDocumented }: InstanceManagerCertificatesArgs,
  usage: "server_auth" | "client_auth",
  opts: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions {
  if (!unsafeAsDocumented) return opts;
  const allowedUses = profiles[profile].documented.allowedUses(usage);
  return { ...opts, transformations: [withInputs("LocallySignedCert", { allowedUses })] };
}

function serverNames({ profile, hostname, serverName, dnsNames, ipAddresses }: InstanceManagerCertificatesArgs) {
  return {
    dnsNames: [
      ...(hostname ? [hostname.manager, hostname.agents] : [serverName!]),
      ...(dnsNames ?? profiles[profile].dnsNames),
    ],
    ipAddresses: ipAddresses ?? profiles[profile].ipAddresses,
  };
}

const subjects =
  ({ subject }: InstanceManagerCertificatesArgs) =>
  (commonName: pulumi.Input<string>): CertificateSubject => ({ ...documentedSubject, ...subject, commonName });

function keyOptions({ keyAlgorithm = "RSA", ecdsaCurve }: InstanceManagerCertificatesArgs, bits: number): KeyOptions {
  return keyAlgorithm === "RSA" ? { keyAlgorithm, rsaBits: bits } : { keyAlgorithm, ecdsaCurve };
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

/** The fields alone: a component among the outputs of another would be one of the schema's resources. */
function fieldsOf(certificate: Certificate): InstanceManagerCertificate {
  const { secretName, revision, certificatePem, chainPem, privateKeyPem } = certificate;
  return { secretName, revision, certificatePem, chainPem, privateKeyPem };
}
