import { createPrivateKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority } from "../../../components/pki";
import { record, reveal } from "../../../engine";
import { type Refusal, testRefusals, withoutPlace } from "../refusals";
import { secretOf } from "../secret-texts";

const namespace = "edge";
const subject = { commonName: "Root" };
const server = { namespace, usage: "server", subject: { commonName: "broker" }, dnsNames: ["broker.example.com"] };
/** An issuer in plain values: enough for what is checked before anything is signed. */
const issuer = { certificatePem: "PEM", privateKeyPem: "PEM", chain: "", bundle: "PEM", renewalWindowHours: 2160 };

/** Certificates and keys, PEM, of a root with an intermediate, of a stranger, and of a leaf of the intermediate. */
const made = {
  root: "",
  intermediate: "",
  stranger: "",
  strangerKey: "",
  leaf: "",
  leafKey: "",
  clientLeaf: "",
};
beforeAll(async () => {
  const result = await record(() => {
    const ca = new CertificateAuthority("ca", { subject, intermediate: { subject: { commonName: "Issuing" } } });
    const stranger = new CertificateAuthority("stranger", { subject: { commonName: "Stranger" } });
    const leaf = new Certificate("leaf", { ...server, usage: "server", issuer: ca });
    const client = new Certificate("client", { ...server, usage: "client", issuer: ca });
    return {
      root: ca.rootCertificatePem,
      intermediate: ca.certificatePem,
      stranger: stranger.rootCertificatePem,
      strangerKey: stranger.privateKeyPem,
      leaf: leaf.certificatePem,
      clientLeaf: client.certificatePem,
    };
  });
  Object.assign(made, reveal(result.outputs), { leafKey: secretOf(result, "leaf")["tls.key"] });
});

const encryptedKey = () =>
  createPrivateKey(made.leafKey).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "hunter2" });

const signed = (args: object = {}) => ({
  signed: { chainPem: made.leaf + made.intermediate, bundlePem: made.root, ...args },
});

function authority(rule: string, args: object | (() => object), error: string, plain = false): Refusal {
  return { rule: `CertificateAuthority: ${rule}`, component: CertificateAuthority, args, error, plain };
}

function certificate(
  rule: string,
  args: object | (() => object),
  error: string,
  plain = false,
  also: string[] = [],
): Refusal {
  const given = typeof args === "function" ? () => ({ ...server, ...args() }) : { ...server, ...args };
  return { rule: `Certificate: ${rule}`, component: Certificate, args: given, error, plain, also };
}

describe("subjects, keys and lifetimes", () => {
  testRefusals([
    authority(
      "a subject that is an Output as a whole",
      { subject: pulumi.output(subject) },
      "subject is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    authority("no subject", {}, "subject.commonName is missing; write a name by which people know the holder"),
    authority(
      "a common name that is too long",
      { subject: { commonName: "x".repeat(65) } },
      "subject.commonName is empty or longer than 64 characters; shorten it, or leave it out if it is optional",
    ),
    authority(
      "an organization of spaces",
      { subject: { ...subject, organization: " " } },
      "subject.organization is empty or longer than 64 characters; shorten it, or leave it out if it is optional",
    ),
    authority(
      "a country in small letters",
      { subject: { ...subject, country: "de" } },
      "subject.country is not a country code; write two capital letters of ISO 3166, for example `DE`",
    ),
    authority(
      "an algorithm that is not known",
      { subject, keyAlgorithm: "DSA" },
      'keyAlgorithm is "DSA"; write one of "RSA", "ECDSA", "ED25519"',
      true,
    ),
    authority(
      "a curve that is not known",
      { subject, ecdsaCurve: "P224" },
      'ecdsaCurve is "P224"; write one of "P256", "P384", "P521"',
      true,
    ),
    authority(
      "a curve beside RSA",
      { subject, keyAlgorithm: "RSA", ecdsaCurve: "P256" },
      "ecdsaCurve does not go with an RSA key; remove it, or write ECDSA as keyAlgorithm",
      true,
    ),
    certificate(
      "a key size beside ECDSA",
      { rsaBits: 2048 },
      "rsaBits does not go with an ECDSA key; remove it, or write RSA as keyAlgorithm",
    ),
    certificate(
      "a key that is too small",
      { keyAlgorithm: "RSA", rsaBits: 1024 },
      "rsaBits is not a whole number of at least 2048; write 2048, 3072 or 4096",
    ),
    authority(
      "an intermediate with a key that is too small",
      { subject, intermediate: { subject: { commonName: "Issuing" }, keyAlgorithm: "RSA", rsaBits: 512 } },
      "intermediate.rsaBits is not a whole number of at least 2048; write 2048, 3072 or 4096",
    ),
    authority(
      "an intermediate of the root's name",
      { subject, intermediate: { subject } },
      "intermediate.subject.commonName is that of the root; write another: OpenSSL takes an issuer of its own name for a root",
    ),
    authority(
      "a validity in days and a half",
      { subject, validityHours: 36.5 },
      "validityHours is not a positive whole number of hours; write for example 2160 for 90 days",
    ),
    authority(
      "an intermediate that outlives its root",
      { subject, validityHours: 8760, intermediate: { subject: { commonName: "Issuing" }, validityHours: 8760 } },
      "intermediate.validityHours is 8760, not less than the root's 8760; shorten it: an intermediate that outlives its root is of no use",
    ),
    authority(
      "a rollover that is due from the first day",
      { subject, validityHours: 8760, renewalWindowHours: 8760 },
      "renewalWindowHours is 8760, not less than the issuing authority's validity of 8760 hours; shorten it: a rollover would be due from the first day",
    ),
    certificate(
      "a renewal at every up",
      { issuer, validityHours: 720, earlyRenewalHours: 720 },
      "earlyRenewalHours is 720, not less than validityHours, 720; shorten it: every `pulumi up` would renew the certificate",
    ),
    certificate(
      "a negative renewal",
      { issuer, earlyRenewalHours: -1 },
      "earlyRenewalHours is not a positive whole number of hours; write for example 2160 for 90 days",
    ),
    certificate(
      "a certificate that can outlive its issuer",
      { issuer, validityHours: 2161 },
      "validityHours is 2161, more than the issuer's renewalWindowHours, 2160; shorten it, or roll the issuer over earlier: a certificate renewed late would outlive its issuer",
    ),
    certificate(
      "an issuer without a certificate",
      { issuer: { ...issuer, certificatePem: "" } },
      "issuer has no certificate yet; have its csrPem signed, and give it offline.signedCertificatePem",
    ),
    certificate(
      "the name of the issuer, in other letters",
      () => ({ issuer: { ...issuer, certificatePem: made.intermediate }, subject: { commonName: " issuing" } }),
      "subject.commonName is the name of the issuer; write another: OpenSSL takes a certificate of its issuer's name for a root",
    ),
  ]);

  test("only a whole subject that is the issuer's is refused: with another organization, its common name is good", async () => {
    const named = (organization: string) => () => {
      const ca = new CertificateAuthority("ca", { subject: { ...subject, organization: "Example" } });
      new Certificate("leaf", { ...server, usage: "server", subject: { ...subject, organization }, issuer: ca });
    };
    await record(named("Another"));
    await expect(record(named("Example"))).rejects.toThrow("subject.commonName is the name of the issuer");
  });

  test("a leaf of a CertificateAuthority is refused at once when it can outlive it", async () => {
    const attempt = record(() => {
      const ca = new CertificateAuthority("ca", { subject, validityHours: 1000 });
      try {
        new Certificate("wrong", { ...server, usage: "server", issuer: ca, validityHours: 201 });
      } catch (thrown) {
        return { thrown: withoutPlace((thrown as Error).message) };
      }
      return {};
    });
    expect((await attempt).outputs.thrown).toBe(
      'Certificate "wrong": validityHours is 201, more than the issuer\'s renewalWindowHours, 200; shorten it, or roll the issuer over earlier: a certificate renewed late would outlive its issuer',
    );
    expect((await attempt).requests.map(({ name }) => name)).not.toContain("wrong");
  });
});

describe("requests", () => {
  testRefusals([
    certificate(
      "names that are a secret as a whole",
      { dnsNames: pulumi.secret(["broker.example.com"]) },
      "dnsNames is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    certificate("no usage", { usage: undefined }, "usage is missing; write one of server, client, serverAndClient"),
    certificate(
      "a usage of authorities",
      { usage: "certificateAuthority" },
      'usage is "certificateAuthority"; write one of "server", "client", "serverAndClient"',
      true,
    ),
    certificate(
      "a server without a name that clients look at",
      { dnsNames: [] },
      "dnsNames is missing; write the names by which clients call the server: they ignore the common name",
    ),
    certificate(
      "an address among the DNS names",
      { dnsNames: ["192.0.2.1"] },
      "dnsNames[0] is an IP address; write it in ipAddresses: a client looks for it only there",
    ),
    certificate(
      "a wildcard for everything",
      { dnsNames: ["*.com"] },
      "dnsNames[0] has a wildcard that no client accepts; write `*` as the whole first label before at least two more",
    ),
    certificate(
      "a wildcard inside a label",
      { dnsNames: ["broker.example.com", "broker-*.example.com"] },
      "dnsNames[1] has a wildcard that no client accepts; write `*` as the whole first label before at least two more",
    ),
    certificate(
      "a wildcard that is not first",
      { dnsNames: ["broker.*.example.com"] },
      "dnsNames[0] is not a DNS name; write letters, digits and `-` between dots, without scheme, port or trailing dot",
    ),
    certificate(
      "a DNS name with a port",
      { dnsNames: ["broker.example.com:8883"] },
      "dnsNames[0] is not a DNS name; write letters, digits and `-` between dots, without scheme, port or trailing dot",
    ),
    certificate(
      "a network",
      { ipAddresses: ["192.0.2.0/24"] },
      "ipAddresses[0] is not an IP address; write an IPv4 or IPv6 address without port, zone or prefix length",
    ),
    certificate(
      "a URI without a scheme",
      { uris: ["example.com/ns/edge"] },
      "uris[0] is not an absolute URI in ASCII; write for example `spiffe://example.com/ns/edge/sa/proxy`",
    ),
    certificate(
      "two issuers",
      () => ({ issuer, ...signed() }),
      "signed is given beside issuer; remove one of the two: a certificate has one issuer",
    ),
    certificate(
      "a validity that somebody else decides",
      { validityHours: 720 },
      "validityHours is given without issuer; remove it: the authority that signs csrPem decides how long it is valid",
    ),
    certificate(
      "a usage beside an existing Secret",
      { existing: { name: "broker" } },
      "usage is given beside existing; remove one of the two: an existing Secret is used as it is",
      true,
      ["subject", "dnsNames"].map(
        (field) => `${field} is given beside existing; remove one of the two: an existing Secret is used as it is`,
      ),
    ),
  ]);
});

describe("certificates for hosts", () => {
  const { namespace: _, ...forHosts } = { ...server, forHosts: true };
  const refused = (property: string) =>
    `${property} is given beside forHosts; remove one of the two: a certificate for hosts is in no Secret`;
  const given = { namespace, name: "broker", labels: { team: "edge" }, annotations: { team: "edge" } };
  testRefusals(
    Object.entries({ ...given, existing: { name: "broker" } }).map(([property, value]) => ({
      ...certificate(`${property} of a Secret that is not made`, {}, refused(property), true),
      args: { ...forHosts, [property]: value },
    })),
  );
  testRefusals([
    {
      ...certificate(
        "neither hosts nor a namespace",
        {},
        "namespace is missing; write the namespace of the pods that use the Secret, or forHosts: true",
      ),
      args: { ...forHosts, forHosts: false },
    },
  ]);
});

describe("certificates from elsewhere", () => {
  const external = (args: object) => ({
    external: { certificatePem: made.stranger, privateKeyPem: made.strangerKey, ...args },
  });
  testRefusals([
    authority(
      "two kinds of authority",
      () => ({ ...external({}), offline: { rootCertificatePem: made.root } }),
      "offline is given beside external; remove one of the two: the authority has one issuing key",
    ),
    authority(
      "a subject beside an external certificate",
      () => ({ ...external({}), subject }),
      "subject is given beside external; remove it: the external certificate has a subject and a key",
    ),
    authority(
      "an intermediate below an offline root, where the authority itself is one",
      () => ({ subject, offline: { rootCertificatePem: made.root }, intermediate: { subject } }),
      "intermediate is given beside offline; remove it: offline certificates are made elsewhere",
    ),
    authority(
      "a file name for a certificate",
      () => external({ certificatePem: "ca.crt" }),
      "external.certificatePem has no PEM certificate in it; write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE",
    ),
    authority(
      "a certificate that lost its line breaks' neighbours",
      () => external({ certificatePem: made.root.replace(/\n.{20}/, "\n") }),
      "external.certificatePem has a PEM certificate that cannot be read; write the file's contents unchanged, line breaks included",
    ),
    authority(
      "a chain for a certificate",
      () => external({ certificatePem: made.intermediate + made.root }),
      "external.certificatePem has 2 certificates in it; write one here, and intermediates in external.chainPem",
    ),
    authority(
      "a certificate of no authority",
      () => external({ certificatePem: made.leaf, chainPem: made.intermediate, rootCertificatePem: made.root }),
      "external.certificatePem is not the certificate of an authority; write one that was signed with basicConstraints CA:TRUE and keyUsage keyCertSign",
    ),
    authority(
      "an intermediate without its root",
      () => external({ certificatePem: made.intermediate }),
      "external.rootCertificatePem is missing, and external.certificatePem is not a root; write the root that peers are to trust",
    ),
    authority(
      "intermediates above a root",
      () => external({ chainPem: made.intermediate }),
      "external.chainPem is given, but external.certificatePem is itself a root; remove it",
    ),
    authority(
      "somebody else's root",
      () => external({ certificatePem: made.intermediate, rootCertificatePem: made.stranger }),
      "external.certificatePem ends in a certificate that external.rootCertificatePem has no issuer of; add the intermediates that are missing, or the right root",
    ),
    {
      ...authority(
        "somebody else's key",
        () => external({ privateKeyPem: made.leafKey }),
        "external.privateKeyPem does not belong to external.certificatePem; write the key of that certificate",
      ),
      secrets: ["BEGIN"],
    },
    {
      ...authority(
        "a key that is no key",
        () => external({ privateKeyPem: "hunter2" }),
        "external.privateKeyPem is not a private key in PEM; write the contents of the key file, BEGIN and END lines included",
      ),
      secrets: ["hunter2"],
    },
    {
      ...authority(
        "a key that is encrypted",
        () => external({ privateKeyPem: encryptedKey() }),
        "external.privateKeyPem is an encrypted key; decrypt it, for example with `openssl pkey`, and give it as a Pulumi secret",
      ),
      secrets: ["BEGIN"],
    },
    authority(
      "an offline root that is none",
      () => ({ subject, offline: { rootCertificatePem: made.intermediate } }),
      "offline.rootCertificatePem is not one self-signed certificate; write the root alone",
    ),
    {
      ...authority(
        "a key among the published roots",
        () => ({ subject, additionalRoots: [made.stranger, made.root + made.leafKey] }),
        "additionalRoots[1] has a private key in it; write certificates only: this text is published",
      ),
      secrets: ["BEGIN"],
    },
    authority(
      "an additional root that is none",
      () => ({ subject, additionalRoots: [made.root + made.intermediate] }),
      "additionalRoots[0] has a certificate that is not a root; write self-signed roots only: OpenSSL trusts no other",
    ),
    authority(
      "a revocation list that is none",
      () => ({ subject, crl: made.root }),
      "crl has no PEM certificate revocation list in it; write the contents of the file: BEGIN X509 CRL, base64, END X509 CRL",
    ),
    certificate(
      "an authority signed as a leaf",
      () => signed({ chainPem: made.intermediate }),
      "signed.chainPem begins with an authority; write the certificate that was made of csrPem first",
    ),
    certificate(
      "the root in the chain",
      () => signed({ chainPem: made.leaf + made.intermediate + made.root }),
      "signed.chainPem has a root as certificate 3 of 3; write it in signed.bundlePem: a peer trusts no root because it was sent",
    ),
    certificate(
      "a chain in the wrong order",
      () => signed({ chainPem: made.leaf + made.leaf + made.intermediate }),
      "signed.chainPem is out of order: certificate 1 of 3 is not signed by the one after it; write the certificate first, then each one's issuer",
    ),
    certificate(
      "a chain without its intermediate",
      () => signed({ chainPem: made.leaf }),
      "signed.chainPem ends in a certificate that signed.bundlePem has no issuer of; add the intermediates that are missing, or the right root",
    ),
    certificate(
      "a certificate for clients alone",
      () => signed({ chainPem: made.clientLeaf + made.intermediate }),
      "signed.chainPem has a certificate without the extended key usage that usage server needs; sign it with extendedKeyUsage serverAuth, clientAuth or both",
    ),
    certificate(
      "a certificate that lost a name",
      () => ({ ...signed(), dnsNames: ["broker.example.com", "other.example.com"] }),
      "signed.chainPem has a certificate without the name in dnsNames[1]; sign csrPem with its subjectAltName, for example with `openssl x509 -req -copy_extensions copy`",
    ),
    certificate(
      "a revocation list that is none, from elsewhere",
      () => signed({ crlPem: "PEM" }),
      "signed.crlPem has no PEM certificate revocation list in it; write the contents of the file: BEGIN X509 CRL, base64, END X509 CRL",
    ),
  ]);
});
