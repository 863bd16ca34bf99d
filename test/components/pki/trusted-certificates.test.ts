import { CertificateAuthority, TrustedCertificates } from "../../../components/pki";
import { manifests, record, reveal, Secret } from "../../../engine";
import { testRefusals } from "../refusals";

const namespace = "edge";

test("an authority's bundle is a Secret with one key", async () => {
  const run = await record(() => {
    const { bundle } = new CertificateAuthority("authority", { subject: { commonName: "Root" } });
    const trusted = new TrustedCertificates("nim-ca", { namespace, certificatesPem: bundle });
    return { bundle, name: trusted.secretName, revision: trusted.revision };
  });
  const { bundle, name } = reveal(run.outputs) as { bundle: string; name: string };
  expect(manifests(run, { secrets: "show" }).filter(({ kind }) => kind === "Secret")).toEqual([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      type: "Opaque",
      data: { "ca.crt": Buffer.from(bundle).toString("base64") },
    },
  ]);
  expect(bundle).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(name).toMatch(/^nim-ca-secret-/);
  expect(run.outputs.revision).toBeInstanceOf(Secret);
});

test("an existing Secret is used as it is", async () => {
  const run = await record(() => {
    const { secretName } = new TrustedCertificates("nim-ca", { namespace, existing: { name: "corporate-ca" } });
    return { secretName };
  });
  expect(run.outputs).toEqual({ secretName: "corporate-ca" });
  expect(manifests(run)).toEqual([]);
});

testRefusals([
  {
    rule: "no authorities",
    component: TrustedCertificates,
    args: { namespace },
    error: "certificatesPem is missing; write the authorities in PEM, or name an existing Secret",
  },
  {
    rule: "both ways at once",
    component: TrustedCertificates,
    args: { namespace, certificatesPem: "PEM", existing: { name: "corporate-ca" } },
    error: "certificatesPem is given beside existing; remove one of the two: an existing Secret is used as it is",
    plain: true,
  },
  {
    rule: "the path of the file",
    component: TrustedCertificates,
    args: { namespace, certificatesPem: "/etc/ssl/ca.crt" },
    error:
      "certificatesPem has no PEM certificate in it; write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE",
  },
  {
    rule: "the key beside the certificate",
    component: TrustedCertificates,
    args: { namespace, certificatesPem: "-----BEGIN PRIVATE KEY-----" },
    error: "certificatesPem has a private key in it; write certificates only: this text is published",
  },
]);
