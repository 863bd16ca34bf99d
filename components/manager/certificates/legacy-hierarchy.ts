import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { allowedUses, CertificateAuthority, type CertificateIssuer, keyAlgorithm, makeKey } from "../../pki";
import { rsaBits, validityHours } from "./profiles";
import type { ResolvedCertificates } from "./resolve";

/** Issuers of the two kinds of certificates, and the document's `ca.pem`: the intermediate, then the root. */
export interface Hierarchy {
  server: CertificateIssuer;
  agents: CertificateIssuer;
  caPem: pulumi.Output<string>;
}

/** Makes the authorities of a document's script: the root signs the agents' certificates, and no server sends the intermediate. */
export function legacyHierarchy(
  name: string,
  { profile, subject, key: keyOf, additionalRoots, crl }: ResolvedCertificates,
  opts: pulumi.ComponentResourceOptions,
): Hierarchy {
  const { root: rootName, intermediate, documented } = profile;
  const key = keyOf(rsaBits.authority);
  const root = new CertificateAuthority(
    `${name}-authority`,
    { subject: subject(rootName), validityHours: documented.rootValidityHours, ...key, additionalRoots, crl },
    { ...opts, transformations: [withInputs("SelfSignedCert", documented.authorityNames(rootName))] },
  );
  const { privateKeyPem } = makeKey(`${name}-intermediate-key`, key, opts);
  const request = new tls.CertRequest(
    `${name}-intermediate-request`,
    { privateKeyPem, subject: subject(intermediate), ...documented.authorityNames(intermediate) },
    opts,
  );
  const { certPem } = new tls.LocallySignedCert(
    `${name}-intermediate`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: root.certificatePem,
      caPrivateKeyPem: root.privateKeyPem,
      isCaCertificate: true,
      allowedUses: allowedUses("certificateAuthority", keyAlgorithm(key)),
      validityPeriodHours: validityHours.leaf,
      setSubjectKeyId: true,
    },
    opts,
  );
  const caPem = pulumi.concat(certPem, root.bundle);
  const common = { chain: pulumi.output(""), bundle: caPem, crl: root.crl, renewalWindowHours: validityHours.leaf };
  return {
    server: { ...common, certificatePem: certPem, privateKeyPem },
    agents: { ...common, certificatePem: root.certificatePem, privateKeyPem: root.privateKeyPem },
    caPem,
  };
}

/** Changes what a component asks of the provider, where the component itself would not ask for it. */
export function withInputs(
  type: "SelfSignedCert" | "LocallySignedCert",
  inputs: tls.SelfSignedCertArgs | Partial<tls.LocallySignedCertArgs> | object,
): pulumi.ResourceTransformation {
  return (resource) =>
    resource.type.endsWith(`:${type}`) ? { props: { ...resource.props, ...inputs }, opts: resource.opts } : undefined;
}
