import * as pulumi from "@pulumi/pulumi";
import { type Argument, isPlainInput, mapInputs, resolveArguments, validateWhenKnown } from "../foundation";
import { readRoots } from "./chain";
import { type ExternalAuthorityArgs, externalAuthority } from "./external-authority";
import { checkHours, hoursBefore, warnFrom } from "./lifetime";
import { type OfflineRootArgs, offlineAuthority, readOffline } from "./offline-authority";
import { checkCrl, printCertificates } from "./pem";
import { checkKey, type KeyOptions } from "./private-key";
import { defaultRenewalWindowHours, validityHours as defaultValidityHours } from "./profiles";
import { authorityLifetimes, type IntermediateAuthorityArgs, selfSignedAuthority } from "./self-signed-authority";
import { type CertificateSubject, checkSubject } from "./subject";

/** Arguments of a CertificateAuthority: self-signed with `subject`, or `external`, or `offline`. */
export interface CertificateAuthorityArgs extends KeyOptions {
  /** Name of the root, or of the issuing authority below an `offline` root; changing it makes a new authority and new certificates. */
  subject?: CertificateSubject;
  /** Validity of the root in hours. @default 87600, ten years */
  validityHours?: number;
  /**
   * Hours before its end at which the issuing authority is rolled over. No certificate of it may be valid for longer, so none outlives it.
   *
   * @default a fifth of the issuing authority's validity; 2160 (90 days) for `external` and `offline`
   */
  renewalWindowHours?: number;
  /** An intermediate authority that issues in place of the root. @default the root itself issues */
  intermediate?: IntermediateAuthorityArgs;
  /**
   * Maximum number of levels of authorities below the issuing one: 1 where it signs the authority of a SpireServer. The root's limit (`pathLenConstraint`) says so to every peer; changing it makes a new root.
   *
   * @default 0 below an intermediate; no limit below a root that itself issues
   */
  subordinateAuthorities?: number;
  /** An authority that is made and kept elsewhere. */
  external?: ExternalAuthorityArgs;
  /** A root whose key is nowhere near Pulumi: it signs `csrPem`, and its answer comes back as an argument. */
  offline?: OfflineRootArgs;
  /**
   * Other roots to trust, PEM, published in `bundle` beside this one.
   *
   * A rollover has two steps and a clean-up. First make the next authority, give its `rootCertificatePem` to this one as an additional root, and wait until every
   * peer has the new `bundle`. Then issue from the next authority, with this root as its additional root: peers trust both, so old and new certificates work side
   * by side. When no old certificate is left, drop this authority and the additional root.
   *
   * @default none
   */
  additionalRoots?: pulumi.Input<string>[];
  /**
   * Certificate revocation lists, PEM, published as `ca.crl` beside the bundle. NGINX (directive `ssl_crl`) wants a list of every authority of the chain, the
   * root's included, and turns every client away once the next update of one is overdue.
   *
   * @default none
   */
  crl?: pulumi.Input<string>;
}

/**
 * A certificate authority: a root with or without an intermediate, one that is made elsewhere, or one below an offline root.
 *
 * It is never renewed before its end, and from `renewFrom` on the log says that a rollover is due.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** Certificate of the issuing authority, PEM; "" until an offline root has signed it. */
  readonly certificatePem: pulumi.Output<string>;
  /** Private key of the issuing authority, PEM; a secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** Certificate of the root, PEM. */
  readonly rootCertificatePem: pulumi.Output<string>;
  /** The issuing certificate and its intermediates, without the root, PEM; "" when the root itself issues. */
  readonly chain: pulumi.Output<string>;
  /** Trust bundle for peers: the root and the additional roots, PEM. */
  readonly bundle: pulumi.Output<string>;
  /** The certificate revocation list that was given, PEM. */
  readonly crl?: pulumi.Output<string>;
  /** The certificate signing request for an offline root, PEM; "" without one. */
  readonly csrPem: pulumi.Output<string>;
  /** End of the first certificate to expire between the issuing authority and its root, RFC 3339; "" until an offline root has signed. */
  readonly validityEndTime: pulumi.Output<string>;
  /** From when on a rollover is due: `renewalWindowHours` before the end, RFC 3339; "" until an offline root has signed. */
  readonly renewFrom: pulumi.Output<string>;
  /** Number of hours before its end at which the authority is rolled over. Plain, so that a certificate that is valid for longer is refused at once. */
  readonly renewalWindowHours: number;
  /** Number of authorities in `chain`, where that is known before anything is made. */
  readonly chainLength?: number;
  /** Maximum number of levels of authorities below the issuing one, where that is known and limited. */
  readonly subordinateAuthorities?: number;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    const { external, offline, additionalRoots, crl, renewalWindowHours, depth, refuse, recorded } =
      resolveCertificateAuthority(name, args);

    super("nginx-stacks:index:CertificateAuthority", name, recorded, opts);

    const childOpts = { parent: this, dependsOn: opts?.dependsOn };
    const authority =
      external ??
      (offline
        ? offlineAuthority(refuse, name, args.subject!, args, offline, childOpts)
        : selfSignedAuthority(name, args.subject!, args, childOpts));

    this.certificatePem = authority.certificatePem;
    this.privateKeyPem = authority.privateKeyPem;
    this.rootCertificatePem = authority.rootCertificatePem;
    this.chain = authority.chain;
    this.bundle = pulumi.all([authority.rootCertificatePem, ...additionalRoots]).apply((roots) => roots.join(""));
    if (crl !== undefined) this.crl = pulumi.output(crl);
    this.csrPem = authority.csrPem;
    this.validityEndTime = authority.validityEndTime;
    this.renewFrom = authority.validityEndTime.apply((end) => (end === "" ? "" : hoursBefore(end, renewalWindowHours)));
    this.renewalWindowHours = renewalWindowHours;
    const { chainLength, subordinateAuthorities } = depth;
    if (chainLength !== undefined) this.chainLength = chainLength;
    if (subordinateAuthorities !== undefined) this.subordinateAuthorities = subordinateAuthorities;
    warnFrom(this.renewFrom, `CertificateAuthority "${name}": a rollover is due`, this);
    // The whole state is written at every step of an update: the texts that others are made of are not registered again.
    this.registerOutputs({
      certificatePem: this.certificatePem,
      rootCertificatePem: this.rootCertificatePem,
      csrPem: this.csrPem,
      validityEndTime: this.validityEndTime,
      renewFrom: this.renewFrom,
      renewalWindowHours,
    });
  }
}

/** Returns what comes from elsewhere as it is read, the lifetimes, and what state records of the arguments. */
function resolveCertificateAuthority(name: string, args: CertificateAuthorityArgs) {
  return resolveArguments("CertificateAuthority", name, "CertificateAuthorityArgs", args, (argument) => {
    const { external, offline, additionalRoots = [], crl, ...recorded } = argument.value;
    argument.check(checkKind, checkNames);
    return {
      renewalWindowHours: resolveRenewalWindow(argument),
      external: external && argument.read((refuse) => externalAuthority(refuse, external)),
      offline: offline && argument.read((refuse) => readOffline(refuse, offline)),
      additionalRoots: additionalRoots.map((pem, index) =>
        argument.read((refuse) =>
          mapInputs({ pem }, (texts) =>
            printCertificates(readRoots(refuse, `additionalRoots[${index}]`, texts.pem ?? "")),
          ),
        ),
      ),
      crl: crl && argument.read((refuse) => validateWhenKnown(crl, (text) => checkCrl(refuse, "crl", text))),
      depth: depthOf(argument.value),
      /** For the key of an authority that an offline root has signed, which is known later. */
      refuse: argument.refuser,
      recorded,
    };
  });
}

/** Checks that the arguments describe one kind of authority. */
function checkKind(argument: Argument<CertificateAuthorityArgs>): void {
  const { external, offline } = argument.value;
  if (external !== undefined && offline !== undefined)
    argument
      .field("offline")
      .refuse("is given beside external", "remove one of the two: the authority has one issuing key");
  const elsewhere = external !== undefined ? "external" : offline !== undefined ? "offline" : undefined;
  if (elsewhere === undefined) return;
  for (const property of ["validityHours", "intermediate", "subordinateAuthorities"] as const)
    if (argument.value[property] !== undefined)
      argument
        .field(property)
        .refuse(`is given beside ${elsewhere}`, `remove it: ${elsewhere} certificates are made elsewhere`);
  if (external === undefined) return;
  for (const property of ["subject", "keyAlgorithm", "ecdsaCurve", "rsaBits"] as const)
    if (argument.value[property] !== undefined)
      argument
        .field(property)
        .refuse("is given beside external", "remove it: the external certificate has a subject and a key");
}

/** Checks the names and keys of an authority that is made here. */
function checkNames(argument: Argument<CertificateAuthorityArgs>): void {
  const { external, offline, subject, intermediate } = argument.value;
  if (external !== undefined) return;
  checkSubject(argument.field("subject"));
  checkKey(argument);
  if (offline !== undefined) return;
  // Zero cannot be said of a root: the provider takes it for no limit.
  argument.field("subordinateAuthorities").integer(intermediate ? 0 : 1, 8);
  if (intermediate === undefined) return;
  checkSubject(argument.field("intermediate").field("subject"));
  checkKey(argument.field("intermediate"));
  const names = { root: subject?.commonName, intermediate: intermediate.subject?.commonName };
  argument.attempt((refuse) => {
    mapInputs(names, ({ root, intermediate }) => {
      if (root !== undefined && root === intermediate)
        refuse(
          "intermediate.subject.commonName",
          "is that of the root",
          "write another: OpenSSL takes an issuer of its own name for a root",
        );
    });
  });
}

/** Returns the distance of the issuing authority from its root, and the path length that is allowed below it, as far as the arguments say. */
function depthOf(args: CertificateAuthorityArgs): { chainLength?: number; subordinateAuthorities?: number } {
  const { external, offline, intermediate, subordinateAuthorities } = args;
  if (external) {
    if (external.rootCertificatePem === undefined) return { chainLength: 0 };
    const between = certificateCount(external.chainPem ?? "");
    return { chainLength: between === undefined ? undefined : 1 + between };
  }
  if (offline)
    return {
      chainLength:
        offline.signedCertificatePem === undefined ? undefined : certificateCount(offline.signedCertificatePem),
    };
  return intermediate
    ? { chainLength: 1, subordinateAuthorities: subordinateAuthorities ?? 0 }
    : { chainLength: 0, subordinateAuthorities };
}

const certificateCount = (pem: pulumi.Input<string>) =>
  isPlainInput(pem) ? pem.split("-----BEGIN CERTIFICATE-----").length - 1 : undefined;

/** Checks the lifetimes, and returns how many hours before its end the issuing authority is rolled over. */
function resolveRenewalWindow(argument: Argument<CertificateAuthorityArgs>): number {
  const { external, offline, intermediate, renewalWindowHours } = argument.value;
  checkHours(argument.field("validityHours"));
  const ofIntermediate = argument.field("intermediate").field("validityHours");
  checkHours(ofIntermediate);
  checkHours(argument.field("renewalWindowHours"));
  if (external !== undefined || offline !== undefined) return renewalWindowHours ?? defaultValidityHours.leaf;

  const lifetimes = authorityLifetimes(argument.value);
  if (intermediate !== undefined && lifetimes.intermediate >= lifetimes.root)
    ofIntermediate.refuse(
      `is ${lifetimes.intermediate}, not less than the root's ${lifetimes.root}`,
      "shorten it: an intermediate that outlives its root is of no use",
    );
  const issuing = intermediate === undefined ? lifetimes.root : lifetimes.intermediate;
  if (renewalWindowHours !== undefined && renewalWindowHours >= issuing)
    argument
      .field("renewalWindowHours")
      .refuse(
        `is ${renewalWindowHours}, not less than the issuing authority's validity of ${issuing} hours`,
        "shorten it: a rollover would be due from the first day",
      );
  return renewalWindowHours ?? defaultRenewalWindowHours(issuing);
}
