import "reflect-metadata";
import { createHash, createPublicKey, randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { PropertyMap } from "../../property-values";
import { type Kept, keep } from "../kept";
import type { ResourceRequest } from "../provider";
import { pemText, privateKeyOf } from "./cert-request";
import { importSigningKey } from "./keys";
import { alternativeNames, list, subjectAlternativeNames, subjectName } from "./names";
import { usageExtensions } from "./usages";

const HOUR = 3_600_000;
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

type SigningKey = Awaited<ReturnType<typeof importSigningKey>>;

/** Differences between a self-signed certificate and one that a CA signs. */
interface Template {
  subject: x509.Name;
  alternativeNames: x509.JsonGeneralName[];
  publicKey: x509.PublicKey;
  signer: SigningKey;
  /** The CA's certificate; none where the certificate signs itself. */
  issuer?: x509.X509Certificate;
}

export function createSelfSignedCert(request: ResourceRequest, inputs: PropertyMap) {
  return keep(request, {
    ...keptCertificate(inputs, "keyAlgorithm"),
    defaults: { ...DEFAULTS, setAuthorityKeyId: false },
    async make() {
      const signer = await importSigningKey(privateKeyOf(inputs), "privateKeyPem");
      const certificate = await sign(inputs, {
        subject: subjectName((inputs.subject ?? {}) as PropertyMap),
        alternativeNames: alternativeNames(inputs),
        publicKey: await x509.PublicKey.create(signer.keys.publicKey),
        signer,
      });
      return { ...certificate, outputs: { ...certificate.outputs, keyAlgorithm: signer.algorithm } };
    },
  });
}

export function createLocallySignedCert(request: ResourceRequest, inputs: PropertyMap) {
  return keep(request, {
    ...keptCertificate(inputs, "caKeyAlgorithm"),
    defaults: DEFAULTS,
    async make() {
      const signer = await importSigningKey(
        String(inputs.caPrivateKeyPem ?? inputs.caPrivateKeyPemWo),
        "caPrivateKeyPem",
      );
      const certRequest = parse(
        () => new x509.Pkcs10CertificateRequest(String(inputs.certRequestPem)),
        "certRequestPem",
      );
      const issuer = parse(() => new x509.X509Certificate(String(inputs.caCertPem)), "caCertPem");
      const certificate = await sign(inputs, {
        subject: certRequest.subjectName,
        alternativeNames: requestedNames(certRequest),
        publicKey: certRequest.publicKey,
        signer,
        issuer,
      });
      return { ...certificate, outputs: { ...certificate.outputs, caKeyAlgorithm: signer.algorithm } };
    },
  });
}

const DEFAULTS = { earlyRenewalHours: 0, isCaCertificate: false, setSubjectKeyId: false };

function keptCertificate(
  inputs: PropertyMap,
  algorithmOutput: string,
): Pick<Kept, "computed" | "ignoredInputs" | "isCurrent"> {
  return {
    computed: ["certPem", "readyForRenewal", "validityStartTime", "validityEndTime", algorithmOutput],
    ignoredInputs: ["earlyRenewalHours"],
    isCurrent: ({ validityEndTime }) =>
      Date.now() < Date.parse(String(validityEndTime)) - Number(inputs.earlyRenewalHours ?? 0) * HOUR,
  };
}

/** As Go's `x509.CreateCertificate` builds it from the provider's template. */
async function sign(inputs: PropertyMap, template: Template) {
  const { subject, issuer, signer } = template;
  const notBefore = new Date();
  const notAfter = new Date(notBefore.getTime() + Number(inputs.validityPeriodHours) * HOUR);
  const serialNumber = randomBytes(16);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber.toString("hex"),
    subject,
    issuer: issuer?.subjectName ?? subject,
    notBefore,
    notAfter,
    publicKey: template.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { name: signer.keys.privateKey.algorithm.name, hash: signer.hash },
    extensions: extensions(inputs, template),
  });
  return {
    id: BigInt(`0x${serialNumber.toString("hex")}`).toString(),
    outputs: {
      certPem: pemText(certificate),
      readyForRenewal: false,
      validityStartTime: notBefore.toISOString(),
      validityEndTime: notAfter.toISOString(),
    },
  };
}

function extensions(
  inputs: PropertyMap,
  { subject, issuer, publicKey, alternativeNames: names }: Template,
): x509.Extension[] {
  const isAuthority = inputs.isCaCertificate === true;
  if (isAuthority && subject.toJSON().length === 0) {
    throw new Error("subject is empty; a certificate authority must have at least one name in it");
  }
  const subjectKeyId = isAuthority || inputs.setSubjectKeyId === true ? keyIdentifier(publicKey) : undefined;
  const authorityKeyId = authorityIdentifier(inputs, subject, subjectKeyId, issuer);
  return [
    ...usageExtensions(list(inputs.allowedUses)),
    new x509.BasicConstraintsExtension(isAuthority, pathLength(inputs, isAuthority), true),
    ...(subjectKeyId ? [new x509.SubjectKeyIdentifierExtension(subjectKeyId, false)] : []),
    ...(authorityKeyId ? [new x509.AuthorityKeyIdentifierExtension(authorityKeyId, false)] : []),
    ...subjectAlternativeNames(names, subject),
  ];
}

/** Zero is no limit: the provider does not tell Go that it meant zero. */
function pathLength(inputs: PropertyMap, isAuthority: boolean): number | undefined {
  const length = Number(inputs.maxPathLength ?? 0);
  if (length <= 0) return undefined;
  if (!isAuthority)
    throw new Error("maxPathLength is only for a certificate authority; set isCaCertificate, or leave it out");
  return length;
}

function authorityIdentifier(
  inputs: PropertyMap,
  subject: x509.Name,
  subjectKeyId: string | undefined,
  issuer: x509.X509Certificate | undefined,
): string | undefined {
  if (!issuer) {
    if (inputs.setAuthorityKeyId !== true) return undefined;
    if (!subjectKeyId) throw new Error("setAuthorityKeyId needs a subject key identifier; set setSubjectKeyId too");
    return subjectKeyId;
  }
  if (Buffer.from(issuer.subjectName.toArrayBuffer()).equals(Buffer.from(subject.toArrayBuffer()))) return undefined;
  return issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
}

/** SHA-1 of the key itself, without its algorithm; of an ED25519 key the provider takes the DER octet string. */
function keyIdentifier({ rawData }: x509.PublicKey): string {
  const key = createPublicKey({ key: Buffer.from(rawData), format: "der", type: "spki" });
  const hash = createHash("sha1");
  switch (key.asymmetricKeyType) {
    case "rsa":
      return hash.update(key.export({ type: "pkcs1", format: "der" })).digest("hex");
    case "ec": {
      const { x = "", y = "" } = key.export({ format: "jwk" });
      return hash
        .update(Buffer.from([4]))
        .update(Buffer.from(x, "base64url"))
        .update(Buffer.from(y, "base64url"))
        .digest("hex");
    }
    default: {
      const raw = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
      return hash
        .update(Buffer.from([0x04, raw.length]))
        .update(raw)
        .digest("hex");
    }
  }
}

/** Returns the alternative names that the provider copies from a request: DNS names, IP addresses and URIs, in this order. */
function requestedNames(certRequest: x509.Pkcs10CertificateRequest): x509.JsonGeneralName[] {
  const extension = certRequest.getExtension(SUBJECT_ALTERNATIVE_NAME) as x509.SubjectAlternativeNameExtension | null;
  const requested = extension?.names.toJSON() ?? [];
  return (["dns", "ip", "url"] as const).flatMap((type) => requested.filter((name) => name.type === type));
}

function parse<T>(read: () => T, property: string): T {
  try {
    return read();
  } catch {
    throw new Error(`${property} is not readable as PEM`);
  }
}
