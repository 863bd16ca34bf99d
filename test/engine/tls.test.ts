import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "@pulumi/tls";
import { type PropertyMap, type RunResult, record, reveal, Secret } from "../../engine";
import { temporaryFolder } from "./temporary";

/** A program's outputs by resource name, envelopes off. */
async function outputsOf(
  program: () => unknown,
  stateFolder?: string,
): Promise<Record<string, Record<string, string>>> {
  const { requests } = await record(() => void program(), { stateFolder });
  return Object.fromEntries(requests.map(({ name, outputs }) => [name, reveal(outputs)])) as never;
}

function file(content: string): string {
  const path = join(temporaryFolder(), "file.pem");
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** The extensions as openssl prints them, without the values that differ in every run. */
function extensionsOf(certificate: string): string {
  const text = execFileSync(
    "openssl",
    [
      "x509",
      "-noout",
      "-text",
      "-certopt",
      "no_header,no_version,no_serial,no_signame,no_validity,no_pubkey,no_sigdump",
      "-in",
      file(certificate),
    ],
    { encoding: "utf8" },
  );
  return text
    .replace(/([0-9A-F]{2}:){19}[0-9A-F]{2}/g, "<key id>")
    .replace(/^ {8}/gm, "")
    .trimEnd();
}

function keyId(certificate: string, extension: "subjectKeyIdentifier" | "authorityKeyIdentifier"): string | undefined {
  const text = execFileSync("openssl", ["x509", "-noout", "-ext", extension, "-in", file(certificate)], {
    encoding: "utf8",
  });
  return text.match(/([0-9A-F]{2}:){19}[0-9A-F]{2}/)?.[0];
}

const rootKey = () => new tls.PrivateKey("root-key", { algorithm: "ECDSA", ecdsaCurve: "P384" });

function root(key: tls.PrivateKey, args: Partial<tls.SelfSignedCertArgs> = {}) {
  return new tls.SelfSignedCert("root", {
    privateKeyPem: key.privateKeyPem,
    isCaCertificate: true,
    subject: {
      commonName: "Example Root",
      organization: "Example",
      country: "DE",
      streetAddresses: ["1 Main St", "Zürich"],
    },
    allowedUses: ["cert_signing", "crl_signing"],
    validityPeriodHours: 100,
    ...args,
  });
}

describe("PrivateKey", () => {
  const sizes = [
    ["RSA", { algorithm: "RSA" }, "rsa", { modulusLength: 2048, publicExponent: 65537n }, "RSA PRIVATE KEY"],
    [
      "RSA 3072",
      { algorithm: "RSA", rsaBits: 3072 },
      "rsa",
      { modulusLength: 3072, publicExponent: 65537n },
      "RSA PRIVATE KEY",
    ],
    ["P224, the provider's default", { algorithm: "ECDSA" }, "ec", { namedCurve: "secp224r1" }, "EC PRIVATE KEY"],
    ["P256", { algorithm: "ECDSA", ecdsaCurve: "P256" }, "ec", { namedCurve: "prime256v1" }, "EC PRIVATE KEY"],
    ["P384", { algorithm: "ECDSA", ecdsaCurve: "P384" }, "ec", { namedCurve: "secp384r1" }, "EC PRIVATE KEY"],
    ["P521", { algorithm: "ECDSA", ecdsaCurve: "P521" }, "ec", { namedCurve: "secp521r1" }, "EC PRIVATE KEY"],
    ["ED25519", { algorithm: "ED25519" }, "ed25519", {}, "PRIVATE KEY"],
  ] as const;

  test.each(sizes)("%s", async (_what, args, type, details, label) => {
    const { key } = await outputsOf(() => new tls.PrivateKey("key", args));
    const parsed = createPrivateKey(key!.privateKeyPem!);
    expect(parsed.asymmetricKeyType).toBe(type);
    expect(parsed.asymmetricKeyDetails).toEqual(details);
    expect(key!.privateKeyPem!.split("\n")[0]).toBe(`-----BEGIN ${label}-----`);
    expect(key!.privateKeyPemPkcs8!.split("\n")[0]).toBe("-----BEGIN PRIVATE KEY-----");
    expect(createPrivateKey(key!.privateKeyPemPkcs8!).equals(parsed)).toBe(true);
    expect(createPublicKey(parsed).export({ type: "spki", format: "pem" })).toBe(key!.publicKeyPem);
    expect(key).toMatchObject({ rsaBits: 2048, ecdsaCurve: "P224", ...args });
  });

  test("the private forms are secret, the public ones are not", async () => {
    const { requests } = await record(() => void new tls.PrivateKey("key", { algorithm: "ED25519" }));
    const outputs = requests[1]!.outputs;
    expect(
      Object.keys(outputs)
        .filter((output) => outputs[output] instanceof Secret)
        .sort(),
    ).toEqual(["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
  });

  const withSshKeygen = spawnSync("ssh-keygen", ["-?"]).error ? test.skip : test;
  withSshKeygen.each(["RSA", "ECDSA", "ED25519"])(
    "ssh-keygen reads the %s key and has its fingerprints",
    async (algorithm) => {
      const { key } = await outputsOf(() => new tls.PrivateKey("key", { algorithm, ecdsaCurve: "P256" }));
      const path = file(key!.privateKeyOpenssh!);
      expect(sshKeygen("-y", "-f", path)).toBe(key!.publicKeyOpenssh);
      expect(sshKeygen("-l", "-f", path)).toContain(key!.publicKeyFingerprintSha256);
      expect(sshKeygen("-l", "-E", "md5", "-f", path)).toContain(`MD5:${key!.publicKeyFingerprintMd5} `);
    },
  );

  test.each([
    [{ algorithm: "DSA" }, 'algorithm is "DSA"; write one of RSA, ECDSA, ED25519'],
    [{ algorithm: "ECDSA", ecdsaCurve: "P192" }, 'ecdsaCurve is "P192"; write one of P224, P256, P384, P521'],
  ])("%j is refused", async (args, message) => {
    await expect(record(() => void new tls.PrivateKey("key", args))).rejects.toThrow(message);
  });
});

function sshKeygen(...words: string[]): string {
  return execFileSync("ssh-keygen", words, { encoding: "utf8" });
}

// What the real provider (5.6.1) writes for the same arguments was compared line by line when this was written.
describe("certificates", () => {
  test("a root has critical key usage and basic constraints, and its key's identifier", async () => {
    const { root: outputs } = await outputsOf(() => root(rootKey(), { maxPathLength: 1, setAuthorityKeyId: true }));
    expect(extensionsOf(outputs!.certPem!)).toMatchInlineSnapshot(`
"Issuer: C = DE, O = Example, street = 1 Main St + street = Z\\C3\\BCrich, CN = Example Root
Subject: C = DE, O = Example, street = 1 Main St + street = Z\\C3\\BCrich, CN = Example Root
X509v3 extensions:
    X509v3 Key Usage: critical
        Certificate Sign, CRL Sign
    X509v3 Basic Constraints: critical
        CA:TRUE, pathlen:1
    X509v3 Subject Key Identifier: 
        <key id>
    X509v3 Authority Key Identifier: 
        <key id>"
`);
  });

  test("maxPathLength 0 is no limit, as the real provider has it", async () => {
    const { root: outputs } = await outputsOf(() => root(rootKey(), { maxPathLength: 0 }));
    expect(extensionsOf(outputs!.certPem!)).toMatchInlineSnapshot(`
"Issuer: C = DE, O = Example, street = 1 Main St + street = Z\\C3\\BCrich, CN = Example Root
Subject: C = DE, O = Example, street = 1 Main St + street = Z\\C3\\BCrich, CN = Example Root
X509v3 extensions:
    X509v3 Key Usage: critical
        Certificate Sign, CRL Sign
    X509v3 Basic Constraints: critical
        CA:TRUE
    X509v3 Subject Key Identifier: 
        <key id>"
`);
  });

  test("a leaf takes names and key from its request, and its issuer's key identifier", async () => {
    const outputs = await outputsOf(() => {
      const key = rootKey();
      const leafKey = new tls.PrivateKey("leaf-key", { algorithm: "RSA" });
      const request = new tls.CertRequest("request", {
        privateKeyPem: leafKey.privateKeyPem,
        subject: { commonName: "broker.example.com" },
        dnsNames: ["broker.example.com", "*.mqtt.example.com"],
        ipAddresses: ["10.0.0.1", "fd00::1"],
        uris: ["spiffe://example.com/broker"],
      });
      new tls.LocallySignedCert("leaf", {
        caPrivateKeyPem: key.privateKeyPem,
        caCertPem: root(key).certPem,
        certRequestPem: request.certRequestPem,
        validityPeriodHours: 10,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
      });
    });
    const { root: ca, leaf, request } = outputs;
    expect(extensionsOf(leaf!.certPem!)).toMatchInlineSnapshot(`
"Issuer: C = DE, O = Example, street = 1 Main St + street = Z\\C3\\BCrich, CN = Example Root
Subject: CN = broker.example.com
X509v3 extensions:
    X509v3 Key Usage: critical
        Digital Signature, Key Encipherment
    X509v3 Extended Key Usage: 
        TLS Web Server Authentication, TLS Web Client Authentication
    X509v3 Basic Constraints: critical
        CA:FALSE
    X509v3 Authority Key Identifier: 
        <key id>
    X509v3 Subject Alternative Name: 
        DNS:broker.example.com, DNS:*.mqtt.example.com, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://example.com/broker"
`);
    expect(keyId(leaf!.certPem!, "authorityKeyIdentifier")).toBe(keyId(ca!.certPem!, "subjectKeyIdentifier"));
    expect(leaf).toMatchObject({
      caKeyAlgorithm: "ECDSA",
      earlyRenewalHours: 0,
      isCaCertificate: false,
      readyForRenewal: false,
    });
    expect(request).toMatchObject({ keyAlgorithm: "RSA" });
    expect(Date.parse(leaf!.validityEndTime!) - Date.parse(leaf!.validityStartTime!)).toBe(10 * 3_600_000);
    const bundle = file(ca!.certPem!);
    for (const purpose of ["sslserver", "sslclient"]) {
      expect(openssl("verify", "-purpose", purpose, "-CAfile", bundle, file(leaf!.certPem!))).toMatch(/: OK\n$/);
    }
    expect(openssl("req", "-noout", "-verify", "-in", file(request!.certRequestPem!))).toBe("");
  });

  test("without a subject the names are critical, and without uses there is no key usage", async () => {
    const outputs = await outputsOf(() => {
      const key = rootKey();
      const request = new tls.CertRequest("request", { privateKeyPem: key.privateKeyPem, dnsNames: ["a.example.com"] });
      new tls.LocallySignedCert("leaf", {
        caPrivateKeyPem: key.privateKeyPem,
        caCertPem: root(key).certPem,
        certRequestPem: request.certRequestPem,
        validityPeriodHours: 10,
        allowedUses: [],
        setSubjectKeyId: true,
      });
    });
    expect(extensionsOf(outputs.leaf!.certPem!)).toMatchInlineSnapshot(`
"Issuer: C = DE, O = Example, street = 1 Main St + street = Z\\C3\\BCrich, CN = Example Root
Subject: 
X509v3 extensions:
    X509v3 Basic Constraints: critical
        CA:FALSE
    X509v3 Subject Key Identifier: 
        <key id>
    X509v3 Authority Key Identifier: 
        <key id>
    X509v3 Subject Alternative Name: critical
        DNS:a.example.com"
`);
  });

  test("the path length of an intermediate is enforced by openssl", async () => {
    const outputs = await outputsOf(() => {
      const key = rootKey();
      const root1 = root(key, { maxPathLength: 1 });
      const sign = (
        name: string,
        issuer: { privateKeyPem: tls.PrivateKey["privateKeyPem"]; certPem: tls.SelfSignedCert["certPem"] },
        isCaCertificate: boolean,
      ) => {
        const own = new tls.PrivateKey(`${name}-key`, { algorithm: "ED25519" });
        const request = new tls.CertRequest(`${name}-request`, {
          privateKeyPem: own.privateKeyPem,
          subject: { commonName: name },
        });
        const certificate = new tls.LocallySignedCert(name, {
          caPrivateKeyPem: issuer.privateKeyPem,
          caCertPem: issuer.certPem,
          certRequestPem: request.certRequestPem,
          validityPeriodHours: 10,
          isCaCertificate,
          allowedUses: isCaCertificate ? ["cert_signing"] : ["client_auth"],
        });
        return { privateKeyPem: own.privateKeyPem, certPem: certificate.certPem };
      };
      const first = sign("first", { privateKeyPem: key.privateKeyPem, certPem: root1.certPem }, true);
      const second = sign("second", first, true);
      sign("allowed", first, false);
      sign("too-deep", second, false);
    });
    const bundle = file(outputs.root!.certPem!);
    const chain = file(`${outputs.first!.certPem}${outputs.second!.certPem}`);
    const verify = (name: string) =>
      openssl("verify", "-CAfile", bundle, "-untrusted", chain, file(outputs[name]!.certPem!));
    expect(verify("allowed")).toMatch(/: OK\n$/);
    expect(() => verify("too-deep")).toThrow(/path length constraint exceeded/);
  });

  test.each([
    ["P256", "ecdsa-with-SHA256"],
    ["P384", "ecdsa-with-SHA384"],
    ["P521", "ecdsa-with-SHA512"],
  ])("a key of curve %s signs with %s", async (ecdsaCurve, algorithm) => {
    const { root: outputs } = await outputsOf(() =>
      root(new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve })),
    );
    expect(openssl("x509", "-noout", "-text", "-in", file(outputs!.certPem!))).toContain(
      `Signature Algorithm: ${algorithm}`,
    );
    expect(openssl("verify", "-CAfile", file(outputs!.certPem!), file(outputs!.certPem!))).toMatch(/: OK\n$/);
  });

  const refused: [what: string, program: () => unknown, message: string][] = [
    [
      "a key that is none",
      () => root({ privateKeyPem: "not a key" } as never),
      "privateKeyPem is not a private key in PEM, or it is encrypted",
    ],
    [
      "a key of curve P224",
      () => root(new tls.PrivateKey("key", { algorithm: "ECDSA" })),
      "privateKeyPem is a key of curve P-224, which the embedded engine cannot sign with; use P256, P384 or P521",
    ],
    [
      "a use that is none",
      () => root(rootKey(), { allowedUses: ["cert_sign"] }),
      'allowedUses has "cert_sign"; write one of any_extended, cert_signing, ',
    ],
    [
      "an address that is none",
      () => root(rootKey(), { ipAddresses: ["10.0.0.256"] }),
      'ipAddresses has "10.0.0.256", which is not an IP address',
    ],
    [
      "a CA without a name",
      () => root(rootKey(), { subject: {} }),
      "subject is empty; a certificate authority must have at least one name in it",
    ],
    [
      "a leaf with a path length",
      () => root(rootKey(), { isCaCertificate: false, maxPathLength: 2 }),
      "maxPathLength is only for a certificate authority; set isCaCertificate, or leave it out",
    ],
    [
      "an authority key identifier of nothing",
      () => root(rootKey(), { isCaCertificate: false, setAuthorityKeyId: true }),
      "setAuthorityKeyId needs a subject key identifier; set setSubjectKeyId too",
    ],
  ];
  test.each(refused)("%s is refused", async (_what, program, message) => {
    await expect(record(() => void program())).rejects.toThrow(message);
  });
});

describe("what is kept", () => {
  const certificateOf = (
    stateFolder: string,
    args: Partial<tls.SelfSignedCertArgs>,
    preview = false,
  ): Promise<PropertyMap> => record(() => void root(rootKey(), args), { stateFolder, preview }).then(named("root"));
  const named = (name: string) => (run: RunResult) => run.requests.find((request) => request.name === name)!.outputs;

  test("a second run has the same certificate, a changed input a new one", async () => {
    const folder = temporaryFolder();
    const first = await certificateOf(folder, {});
    expect((await certificateOf(folder, {})).certPem).toBe(first.certPem);
    expect((await certificateOf(folder, {}, true)).certPem).toBe(first.certPem);
    const renamed = await certificateOf(folder, { subject: { commonName: "Another" } });
    expect(renamed.certPem).not.toBe(first.certPem);
    expect(renamed.privateKeyPem).toEqual(first.privateKeyPem);
  });

  test("a certificate inside its renewal window is made anew; a longer window alone changes nothing", async () => {
    const folder = temporaryFolder();
    const first = await certificateOf(folder, {});
    const longer = await certificateOf(folder, { earlyRenewalHours: 99 });
    expect(longer).toMatchObject({ certPem: first.certPem, earlyRenewalHours: 99 });
    expect((await certificateOf(folder, { earlyRenewalHours: 100 })).certPem).not.toBe(first.certPem);
  });
});

function openssl(...words: string[]): string {
  return execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
