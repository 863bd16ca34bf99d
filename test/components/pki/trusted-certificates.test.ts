import { X509Certificate } from "node:crypto";
import { refuser } from "../../../components/foundation";
import { CertificateAuthority, TrustedCertificates } from "../../../components/pki";
import { readTrusted } from "../../../components/pki/chain";
import { manifests, record, reveal, Secret } from "../../../engine";
import { OpenSsl } from "../../dataplane/openssl";
import { testRefusals } from "../refusals";

const namespace = "edge";

/** The certificate of an authority that this library did not make. */
function authority(): string {
  const openssl = new OpenSsl();
  const { certificate } = openssl.root("Elsewhere");
  openssl.remove();
  return certificate;
}

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

test("revocation lists stand beside the authorities, and a new list is a new revision", async () => {
  const list = (text: string) => `-----BEGIN X509 CRL-----\n${text}\n-----END X509 CRL-----\n`;
  const certificatesPem = authority();
  const publish = async (crlPem?: string) => {
    const run = await record(() => {
      const { revision } = new TrustedCertificates("nim-ca", { namespace, certificatesPem, crlPem });
      return { revision };
    });
    const [secret] = manifests(run, { secrets: "show" }).filter(({ kind }) => kind === "Secret");
    return {
      data: secret!.data as Record<string, string>,
      revision: (reveal(run.outputs) as { revision: string }).revision,
    };
  };
  const [first, second, none] = [await publish(list("AA==")), await publish(list("AQ==")), await publish()];
  expect(Object.keys(first.data).sort()).toEqual(["ca.crl", "ca.crt"]);
  expect(Buffer.from(first.data["ca.crl"]!, "base64").toString()).toBe(list("AA=="));
  expect(Object.keys(none.data)).toEqual(["ca.crt"]);
  expect(first.revision).not.toBe(second.revision);
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
    rule: "a revocation list in DER, as authorities publish it",
    component: TrustedCertificates,
    args: () => ({ namespace, certificatesPem: authority(), crlPem: "0\x82" }),
    error:
      "crlPem has no PEM certificate revocation list in it; write the contents of the file: BEGIN X509 CRL, base64, END X509 CRL",
  },
  {
    rule: "no authorities",
    component: TrustedCertificates,
    args: { namespace },
    error: "certificatesPem is missing; write the authorities in PEM, or name an existing Secret",
  },
  {
    rule: "both ways at once",
    component: TrustedCertificates,
    args: () => ({ namespace, certificatesPem: authority(), existing: { name: "corporate-ca" } }),
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

test("a root that begins within minutes is valid: clocks differ; one that begins later is not yet", () => {
  const pem = authority();
  const start = Date.parse(new X509Certificate(pem).validFrom);
  const read = (now: number) => () => readTrusted(refuser("TrustedCertificates", "x"), "certificatesPem", pem, now);
  expect(read(start - 4 * 60_000)).not.toThrow();
  expect(read(start - 6 * 60_000)).toThrow("certificatesPem has only roots that are not valid yet");
});
