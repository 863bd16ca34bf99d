import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  type CertificateArgs,
  CertificateAuthority,
  type CertificateAuthorityArgs,
  TrustedCertificates,
} from "../../components/pki";
import { record } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { secretOf } from "../components/secret-texts";
import { authorityExtensions, type Identity, OpenSsl, pemBlocks } from "./openssl";

const missing = missingPrograms("openssl");
const suite = missing ? describe.skip : describe;

const server = {
  usage: "server",
  subject: { commonName: "broker" },
  dnsNames: ["broker.example.com"],
} satisfies Partial<CertificateArgs>;
const leafExtensions = ["subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid", "extendedKeyUsage=serverAuth"];

suite(`authorities elsewhere, verified by openssl${missing ? ` (${missing})` : ""}`, () => {
  const openssl = new OpenSsl();
  const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  let root: Identity;
  let upper: Identity;
  let issuing: Identity;
  beforeAll(() => {
    root = openssl.root("Company Root");
    upper = openssl.intermediate("Company Upper", root);
    issuing = openssl.intermediate("Company Issuing", upper);
  });
  afterAll(() => {
    openssl.remove();
    rmSync(stateFolder, { recursive: true });
  });

  /** The outputs of an authority and the Secret of a server's certificate that it issues, with keys kept from run to run. */
  async function authority(args: CertificateAuthorityArgs, issues = true) {
    const result = await record(
      () => {
        const issuer = new CertificateAuthority("ca", args);
        if (issues) new Certificate("leaf", { namespace: "edge", issuer, ...server });
        const { certificatePem, chain, bundle, csrPem, validityEndTime, renewFrom } = issuer;
        return { certificatePem, chain, bundle, csrPem, validityEndTime, renewFrom };
      },
      { stateFolder },
    );
    return {
      result,
      outputs: result.outputs as Record<string, string>,
      secret: issues ? secretOf(result, "leaf") : {},
    };
  }

  async function certificate(args: Partial<CertificateArgs>) {
    const result = await record(
      () => {
        const { csrPem, certificatePem, chainPem, validityEndTime, secretName } = new Certificate("direct", {
          namespace: "edge",
          ...server,
          ...args,
        });
        return { csrPem, certificatePem, chainPem, validityEndTime, secretName };
      },
      { stateFolder },
    );
    return { result, outputs: result.outputs as Record<string, string>, secret: secretOf(result, "direct") };
  }

  test("an external root issues", async () => {
    const { outputs, secret } = await authority({
      external: { certificatePem: root.certificate, privateKeyPem: root.key },
    });
    expect(outputs.chain).toBe("");
    expect(openssl.verify(secret["tls.crt"] ?? "", root.certificate, "sslserver")).toBe("OK");
    expect(secret["ca.crt"]).toBe(root.certificate);
  });

  const external = () => ({
    certificatePem: issuing.certificate,
    privateKeyPem: issuing.key,
    chainPem: upper.certificate,
    rootCertificatePem: root.certificate,
  });

  test("an external issuing authority issues, with the intermediates above it in the chain", async () => {
    const { outputs, secret } = await authority({ external: external() });
    expect(outputs.chain).toBe(issuing.certificate + upper.certificate);
    expect(pemBlocks(secret["tls.crt"] ?? "").slice(1)).toEqual([issuing.certificate, upper.certificate]);
    expect(openssl.verify(secret["tls.crt"] ?? "", root.certificate, "sslserver")).toBe("OK");
  });

  test("an external authority as Outputs is the same, and only its key is a secret", async () => {
    const { outputs } = await authority({
      external: {
        certificatePem: pulumi.output(issuing.certificate),
        privateKeyPem: pulumi.secret(issuing.key),
        chainPem: pulumi.output(`Bag Attributes\n${upper.certificate.trimEnd()}`),
        rootCertificatePem: pulumi.output(root.certificate),
      },
    });
    expect(outputs).toEqual((await authority({ external: external() })).outputs);
  });

  test("the end of an external authority is that of the first certificate above it to end, and the rollover is due before", async () => {
    const window = 100_000;
    const { outputs, result } = await authority({ external: external(), renewalWindowHours: window });
    const ends = [issuing, upper, root].map(({ certificate }) =>
      Date.parse(openssl.run(["x509", "-noout", "-enddate"], certificate).replace("notAfter=", "")),
    );
    const end = Math.min(...ends);
    const time = (milliseconds: number) => new Date(milliseconds).toISOString().replace(".000Z", "Z");
    const renewFrom = time(end - window * 3600 * 1000);
    expect(outputs).toMatchObject({ validityEndTime: time(end), renewFrom });
    expect(result.log.map(({ severity, message }) => [severity, message])).toEqual([
      ["warning", `CertificateAuthority "ca": a rollover is due since ${renewFrom}`],
    ]);
  });

  test("a certificate from elsewhere that is about to end is warned about", async () => {
    const { csrPem = "" } = (await certificate({})).outputs;
    const chainPem = openssl.sign(csrPem, root, leafExtensions, ["-copy_extensions", "copy", "-days", "29"]);
    const { result } = await certificate({ signed: { chainPem, bundlePem: root.certificate } });
    expect(result.log.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Certificate "direct": signed is to be renewed since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    ]);
  });

  test("an external authority that no peer accepts, or that ends too soon, is refused", async () => {
    const short = (days: string, extensions = authorityExtensions) => {
      const key = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
      const request = openssl.run(["req", "-new", "-key", openssl.file(key), "-subj", "/CN=Another"]);
      const certificatePem = openssl.sign(request, root, extensions, ["-days", days]);
      return { certificatePem, privateKeyPem: key, rootCertificatePem: root.certificate };
    };
    const [, ...usages] = authorityExtensions;
    const noLevels = openssl.sign(
      openssl.run(["req", "-new", "-key", openssl.file(upper.key), "-subj", "/CN=Company Upper"]),
      root,
      ["basicConstraints=critical,CA:TRUE,pathlen:0", ...usages],
    );
    await expect(authority({ external: { ...external(), chainPem: noLevels } }, false)).rejects.toThrow(
      'CertificateAuthority "ca": external.certificatePem has certificate 2 of 2, which allows 0 authorities below it (pathLenConstraint), and there are 1; have it signed with a larger pathlen',
    );
    await expect(authority({ external: short("-1") }, false)).rejects.toThrow(
      /CertificateAuthority "ca": external\.certificatePem has certificate 1 of 1, which expired at .*; have it renewed/,
    );
    await expect(authority({ external: short("1") })).rejects.toThrow(
      /Certificate "leaf": issuer ends at \S+, within the 720 hours in which certificates are renewed \(earlyRenewalHours\); have it renewed or roll it over first/,
    );
    await expect(authority({ external: short("40") })).resolves.toBeDefined();
    const clientsAlone = short("400", [...authorityExtensions, "extendedKeyUsage=codeSigning"]);
    await expect(authority({ external: clientsAlone }, false)).rejects.toThrow("which is not for usage server");
  });

  test("authorities that clients are to trust are whole, and valid now", async () => {
    const trusted = (certificatesPem: string) =>
      record(() => void new TrustedCertificates("trusted", { namespace: "edge", certificatesPem }));
    const leaf = openssl.sign(
      openssl.run(["req", "-new", "-key", openssl.file(root.key), "-subj", "/CN=leaf"]),
      root,
      leafExtensions,
    );
    const past = openssl.run(["req", "-new", "-key", openssl.file(root.key), "-subj", "/CN=Past"]);
    const signing = ["-signkey", openssl.file(root.key), "-extfile", openssl.file(authorityExtensions.join("\n"))];
    const expired = openssl.run(["x509", "-req", "-days", "-1", ...signing], past);
    const refused: [string, string][] = [
      [upper.certificate, "certificatesPem has no root in it; add the root"],
      [root.certificate + issuing.certificate, "certificatesPem has an intermediate without its root; add that root"],
      [root.certificate + leaf, "certificatesPem has a certificate that is no authority"],
      [expired, "certificatesPem has only roots that have expired; write the present root"],
    ];
    for (const [pem, message] of refused)
      await expect(trusted(pem)).rejects.toThrow(`TrustedCertificates "trusted": ${message}`);
    await expect(trusted(root.certificate + upper.certificate)).resolves.toBeDefined();
  });

  test("below an offline root, an authority asks, is signed, and issues", async () => {
    const offline = { rootCertificatePem: root.certificate };
    const subject = { commonName: "Edge Issuing" };
    const asked = await authority({ subject, offline }, false);
    expect(asked.outputs).toMatchObject({
      certificatePem: "",
      chain: "",
      bundle: root.certificate,
      validityEndTime: "",
      renewFrom: "",
    });
    expect(openssl.run(["req", "-noout", "-verify", "-subject"], asked.outputs.csrPem)).toContain("CN = Edge Issuing");

    const signed = openssl.sign(asked.outputs.csrPem ?? "", upper, authorityExtensions);
    const signedCertificatePem = signed + upper.certificate;
    const { outputs, secret } = await authority({ subject, offline: { ...offline, signedCertificatePem } });
    expect(outputs).toMatchObject({
      certificatePem: signed,
      chain: signedCertificatePem,
      csrPem: asked.outputs.csrPem,
    });
    expect(openssl.verify(secret["tls.crt"] ?? "", root.certificate, "sslserver")).toBe("OK");
  });

  test("an authority that no offline root has signed issues nothing", async () => {
    const offline = { rootCertificatePem: root.certificate };
    await expect(authority({ subject: { commonName: "Edge Issuing" }, offline })).rejects.toThrow(
      'Certificate "leaf": issuer has no certificate yet; have its csrPem signed, and give it offline.signedCertificatePem',
    );
  });

  test("an offline root's answer to somebody else's request is refused", async () => {
    const offline = { rootCertificatePem: root.certificate, signedCertificatePem: upper.certificate };
    await expect(authority({ subject: { commonName: "Edge Issuing" }, offline }, false)).rejects.toThrow(
      'CertificateAuthority "ca": offline.signedCertificatePem is for another key; sign the csrPem of this component',
    );
  });

  test("a certificate asks, is signed elsewhere, and becomes a Secret", async () => {
    const asked = await certificate({});
    expect(asked.outputs).toMatchObject({ certificatePem: "", chainPem: "", validityEndTime: "", secretName: "" });
    expect(asked.secret).toEqual({});

    const leaf = openssl.sign(asked.outputs.csrPem ?? "", issuing, leafExtensions, ["-copy_extensions", "copy"]);
    const chainPem = leaf + issuing.certificate + upper.certificate;
    const { outputs, secret } = await certificate({ signed: { chainPem, bundlePem: root.certificate } });
    expect(outputs).toMatchObject({ certificatePem: leaf, chainPem, csrPem: asked.outputs.csrPem });
    expect(openssl.verify(secret["tls.crt"] ?? "", secret["ca.crt"] ?? "", "sslserver")).toBe("OK");
    expect(openssl.run(["pkey", "-pubout"], secret["tls.key"])).toBe(openssl.run(["x509", "-noout", "-pubkey"], leaf));
  });

  test("a certificate that was signed for another key is refused", async () => {
    const key = openssl.run(["genpkey", "-algorithm", "ED25519"]);
    const request = openssl.run([
      ...["req", "-new", "-key", openssl.file(key), "-subj", "/CN=broker"],
      "-addext",
      "subjectAltName=DNS:broker.example.com",
    ]);
    const chainPem = openssl.sign(request, root, leafExtensions, ["-copy_extensions", "copy"]);
    await expect(certificate({ signed: { chainPem, bundlePem: root.certificate } })).rejects.toThrow(
      'Certificate "direct": signed.chainPem is for another key; sign the csrPem of this component',
    );
  });

  test("a certificate on the revocation list is rejected, and another of the authority is not", async () => {
    const direct = openssl.intermediate("Revoking", root);
    const issue = (crl?: string) =>
      record(
        () => {
          const issuer = new CertificateAuthority("ca", {
            external: {
              certificatePem: direct.certificate,
              privateKeyPem: direct.key,
              rootCertificatePem: root.certificate,
            },
            crl,
          });
          for (const name of ["kept", "revoked"]) new Certificate(name, { namespace: "edge", issuer, ...server });
        },
        { stateFolder },
      );
    const before = await issue();
    const revoked = secretOf(before, "revoked")["tls.crt"] ?? "";
    const after = await issue(openssl.revocationList(direct, [revoked]) + openssl.revocationList(root, []));
    // As NGINX does with `ssl_crl`: every certificate of the chain is looked up.
    const verdict = (name: string) => {
      const { "tls.crt": chain = "", "ca.crt": bundle = "", "ca.crl": crl = "" } = secretOf(after, name);
      expect(chain).toBe(secretOf(before, name)["tls.crt"]);
      return openssl.verify(chain, bundle, "sslserver", ["-crl_check_all", "-CRLfile", openssl.file(crl)]);
    };
    expect(verdict("kept")).toBe("OK");
    expect(verdict("revoked")).toBe("certificate revoked");
    expect(Object.keys(secretOf(before, "kept"))).toEqual(["ca.crt", "tls.crt", "tls.key"]);
  });
});
