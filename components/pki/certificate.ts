import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import {
  type Argument,
  type ExistingSecret,
  existingSecret,
  makeSecret,
  type Refuser,
  resolveArguments,
  type SecretNaming,
  withFacts,
} from "../foundation";
import { type AlternativeNames, checkAlternativeNames } from "./alternative-names";
import { checkPlace } from "./host-certificate";
import { type Issued, issue, resolveSigning } from "./issue";
import type { CertificateIssuer } from "./issuer";
import { hoursBefore, warnFrom } from "./lifetime";
import { checkBelongs } from "./pem";
import { checkKey, type KeyOptions, keyAlgorithm, makeKey } from "./private-key";
import { CertificateUsage, defaultEarlyRenewalHours, validityHours as defaultValidityHours } from "./profiles";
import { readSignedCertificate, type SignedCertificate, type SignedCertificateArgs } from "./signed-certificate";
import { type CertificateSubject, checkSubject } from "./subject";

/** Arguments of a Certificate: with `issuer`, `signed` or `existing`, or with none of them to get a `csrPem` to sign elsewhere. */
export interface CertificateArgs extends SecretNaming, KeyOptions, AlternativeNames {
  /** Namespace of the Secret, that of the pods that use it. Required unless the certificate is `forHosts`. */
  namespace?: pulumi.Input<string>;
  /** The certificate is for machines outside Kubernetes: no Secret is made, and `chainPem` and `privateKeyPem` go into files. @default false */
  forHosts?: boolean;
  /** Role of the holder in a TLS handshake. Required unless `existing` is given. */
  usage?: CertificateUsage;
  /** Name of the holder. Required unless `existing` is given. */
  subject?: CertificateSubject;
  /** The authority that issues: a CertificateAuthority. */
  issuer?: CertificateIssuer;
  /** Certificate that an authority elsewhere signed for `csrPem`. */
  signed?: SignedCertificateArgs;
  /** A Secret of type `kubernetes.io/tls` that is there already, with `tls.crt`, `tls.key` and `ca.crt`. */
  existing?: ExistingSecret;
  /** Validity of the certificate in hours; at most the issuer's `renewalWindowHours`. @default 2160, 90 days */
  validityHours?: number;
  /** Number of hours before its end at which `pulumi up` renews the certificate; it needs an `up` within that time. @default a third of `validityHours` */
  earlyRenewalHours?: number;
}

/** A certificate as the components that mount its Secret see it; a Certificate is one. Keys: `tls.crt`, `tls.key`, `ca.crt`, and `ca.crl` where there is a revocation list. */
export interface CertificateReference {
  /** Name of the Secret, in the namespace of the pods. */
  secretName: pulumi.Input<string>;
  /** Anything that changes when the certificate changes; a secret. @default pods do not roll when the certificate changes @secret */
  revision?: pulumi.Input<string>;
}

/**
 * A certificate for a server, a client or both, as a Secret of type `kubernetes.io/tls`: `tls.crt` is the certificate and its intermediates, `tls.key` the key,
 * `ca.crt` the roots to trust, and `ca.crl` the revocation list where there is one.
 *
 * Without `issuer` and `signed` there is a key and a `csrPem`, and no Secret yet; with `forHosts` there never is one.
 */
export class Certificate extends pulumi.ComponentResource {
  /** Name of the Secret; "" while there is none, and for hosts. */
  readonly secretName: pulumi.Output<string>;
  /** A digest of the Secret's contents, itself a secret: it changes when they do; "" where there is no Secret. */
  readonly revision: pulumi.Output<string>;
  /** The certificate alone, PEM; "" while it is not signed, and for an existing Secret. */
  readonly certificatePem: pulumi.Output<string>;
  /** The certificate and its intermediates, without the root, PEM; "" where `certificatePem` is. */
  readonly chainPem: pulumi.Output<string>;
  /** The key of the certificate, PEM; a secret; "" for an existing Secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** The certificate signing request, PEM; "" for an existing Secret. */
  readonly csrPem: pulumi.Output<string>;
  /** End of the certificate, RFC 3339; "" where `certificatePem` is. */
  readonly validityEndTime: pulumi.Output<string>;
  /** `true`: the next `pulumi up` renews the certificate; always false for one that was signed elsewhere. */
  readonly readyForRenewal: pulumi.Output<boolean>;

  constructor(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { issuer, existing, signing, signed, refuse, recorded } = resolveCertificate(name, args);

    super("nginx-stacks:index:Certificate", name, recorded, opts);

    const childOpts = { parent: this, dependsOn: opts?.dependsOn };
    const none = pulumi.output("");
    let secret = { secretName: none, revision: pulumi.secret("") };
    let issued: Issued | undefined;
    let csrPem = none;
    let privateKeyPem = pulumi.secret("");
    if (existing !== undefined) {
      secret = existingSecret(existing);
    } else {
      const key = makeKey(`${name}-key`, args, childOpts);
      const request = new tls.CertRequest(
        `${name}-request`,
        {
          privateKeyPem: key.privateKeyPem,
          subject: args.subject,
          dnsNames: args.dnsNames,
          ipAddresses: args.ipAddresses,
          uris: args.uris,
        },
        childOpts,
      );
      csrPem = request.certRequestPem;
      privateKeyPem = pulumi.secret(key.privateKeyPem);
      if (signing !== undefined)
        issued = issue(name, { ...args, usage: args.usage! }, issuer!, signing, csrPem, childOpts);
      if (signed !== undefined) issued = takeSigned(refuse, signed, args.signed!.crlPem, key);
      if (issued !== undefined && !args.forHosts)
        secret = makeSecret(
          `${name}-secret`,
          "kubernetes.io/tls",
          {
            "tls.crt": issued.chainPem,
            "tls.key": key.privateKeyPem,
            "ca.crt": issued.bundle,
            ...(issued.crl !== undefined && { "ca.crl": issued.crl }),
          },
          { ...args, namespace: args.namespace! },
          childOpts,
        );
    }

    this.secretName = withFacts(secret.secretName, {
      component: `Certificate "${name}"`,
      namespace: args.namespace,
      certificate: args.usage && {
        usage: args.usage,
        dnsNames: args.dnsNames ?? [],
        keyAlgorithm: keyAlgorithm(args),
      },
    });
    this.revision = secret.revision;
    this.certificatePem = issued?.certificatePem ?? none;
    this.chainPem = withFacts(issued?.chainPem ?? pulumi.output(""), {
      component: `Certificate "${name}"`,
      certificate: args.usage && { usage: args.usage, dnsNames: args.dnsNames ?? [] },
    });
    this.privateKeyPem = privateKeyPem;
    this.csrPem = csrPem;
    this.validityEndTime = issued?.validityEndTime ?? none;
    this.readyForRenewal = issued?.readyForRenewal ?? pulumi.output(false);
    if (signed !== undefined)
      warnFrom(
        this.validityEndTime.apply((end) => hoursBefore(end, defaultEarlyRenewalHours(defaultValidityHours.leaf))),
        `Certificate "${name}": signed is to be renewed`,
        this,
      );
    // The whole state is written at every step of an update: texts that the children have are not registered again.
    this.registerOutputs({
      secretName: this.secretName,
      validityEndTime: this.validityEndTime,
      readyForRenewal: this.readyForRenewal,
    });
  }
}

/** Takes what was signed elsewhere, once it is known to be for our key. */
function takeSigned(
  refuse: Refuser,
  read: pulumi.Output<SignedCertificate>,
  crl: pulumi.Input<string> | undefined,
  key: tls.PrivateKey,
): Issued {
  const belonging = pulumi.all([read, key.publicKeyPem]).apply(([certificate, publicKeyPem]) => {
    checkBelongs(refuse, "signed.chainPem", certificate.certificatePem, publicKeyPem);
    return certificate;
  });
  return {
    certificatePem: belonging.certificatePem,
    chainPem: pulumi.concat(belonging.certificatePem, belonging.intermediates),
    bundle: belonging.bundle,
    crl,
    validityEndTime: belonging.validityEndTime,
    readyForRenewal: pulumi.output(false),
  };
}

/** Returns what signs the certificate, and what state records of the arguments. */
function resolveCertificate(name: string, args: CertificateArgs) {
  return resolveArguments("Certificate", name, "CertificateArgs", args, (argument) => {
    const { issuer, signed, existing, usage, subject, ...recorded } = argument.value;
    argument.check(checkPlace);
    if (existing === undefined) argument.check(checkRequest);
    return {
      issuer,
      existing,
      signing: issuer && resolveSigning(argument, issuer, subject && { "subject.commonName": subject }),
      signed: signed && usage && argument.read((refuse) => readSignedCertificate(refuse, signed, usage, args)),
      /** For the key of a certificate that was signed elsewhere, which is known later. */
      refuse: argument.refuser,
      recorded: { ...recorded, usage, subject, existing: existing?.name },
    };
  });
}

/** Checks the request, and that at most one of the ways to sign it is chosen. */
function checkRequest(argument: Argument<CertificateArgs>): void {
  const { usage, dnsNames = [], ipAddresses = [], uris = [], issuer, signed } = argument.value;
  if (usage === undefined)
    argument.field("usage").refuse("is missing", `write one of ${Object.keys(CertificateUsage).join(", ")}`);
  checkSubject(argument.field("subject"));
  checkKey(argument);
  checkAlternativeNames(argument);
  if (usage !== CertificateUsage.client && dnsNames.length + ipAddresses.length + uris.length === 0)
    argument
      .field("dnsNames")
      .refuse("is missing", "write the names by which clients call the server: they ignore the common name");
  if (issuer !== undefined && signed !== undefined)
    argument.field("signed").refuse("is given beside issuer", "remove one of the two: a certificate has one issuer");
  if (issuer !== undefined) return;
  for (const property of ["validityHours", "earlyRenewalHours"] as const)
    if (argument.value[property] !== undefined)
      argument
        .field(property)
        .refuse("is given without issuer", "remove it: the authority that signs csrPem decides how long it is valid");
}
