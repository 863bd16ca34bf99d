import { Certificate, type CertificateArgs, CertificateAuthority } from "../../components/pki";
import { type RunResult, record, reveal } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { secretOf } from "../components/secret-texts";
import { OpenSsl, pemBlocks } from "./openssl";

const missing = missingPrograms("openssl");
const suite = missing ? describe.skip : describe;

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

const server = {
  usage: "server",
  subject: { commonName: "broker" },
  dnsNames: ["broker.example.com"],
} satisfies Partial<CertificateArgs>;
const client = { usage: "client", subject: { commonName: "proxy" } } satisfies Partial<CertificateArgs>;
const both = { ...server, usage: "serverAndClient" } satisfies Partial<CertificateArgs>;

function issue(issuer: CertificateAuthority, certificates: Record<string, Partial<CertificateArgs>>): void {
  for (const [name, args] of Object.entries(certificates))
    new Certificate(name, { namespace: "edge", issuer, ...args });
}

suite(`certificate hierarchies, verified by openssl${missing ? ` (${missing})` : ""}`, () => {
  describe.each([
    { key: { keyAlgorithm: "RSA", rsaBits: 2048 } },
    { key: { keyAlgorithm: "ECDSA", ecdsaCurve: "P256" } },
    { key: { keyAlgorithm: "ECDSA", ecdsaCurve: "P521" } },
    { key: { keyAlgorithm: "ED25519" } },
  ] as const)("$key", ({ key }) => {
    let result: RunResult;
    beforeAll(async () => {
      result = await record(() => {
        const intermediate = { ...key, subject: { commonName: "Issuing" } };
        const issuer = new CertificateAuthority("ca", { ...key, subject: { commonName: "Root" }, intermediate });
        issue(issuer, { server: { ...key, ...server }, client: { ...key, ...client }, both: { ...key, ...both } });
        const bare = new CertificateAuthority("bare", { ...key, subject: { commonName: "Bare" } });
        issue(bare, { "below-root": { ...key, ...both } });
      });
    });

    test.each([
      ["server", "OK", "unsuitable certificate purpose"],
      ["client", "unsuitable certificate purpose", "OK"],
      ["both", "OK", "OK"],
      ["below-root", "OK", "OK"],
    ])("%s", (name, asServer, asClient) => {
      const { "tls.crt": chain = "", "ca.crt": bundle = "" } = secretOf(result, name);
      expect(openssl.verify(chain, bundle, "sslserver")).toBe(asServer);
      expect(openssl.verify(chain, bundle, "sslclient")).toBe(asClient);
    });

    test("the key belongs to the certificate", () => {
      const { "tls.crt": chain = "", "tls.key": privateKey = "" } = secretOf(result, "server");
      expect(openssl.run(["pkey", "-pubout"], privateKey)).toBe(openssl.run(["x509", "-noout", "-pubkey"], chain));
    });

    test("an intermediate that is not sent leaves the chain without an issuer", () => {
      const { "tls.crt": chain = "", "ca.crt": bundle = "" } = secretOf(result, "server");
      expect(openssl.verify(pemBlocks(chain)[0] ?? "", bundle, "sslserver")).toBe(
        "unable to get local issuer certificate",
      );
    });
  });

  describe("a root, an intermediate and their certificates", () => {
    let result: RunResult;
    let root: string;
    beforeAll(async () => {
      result = await record(() => {
        const issuer = new CertificateAuthority("ca", {
          subject: {
            commonName: "Root",
            organization: "Example",
            organizationalUnit: "Edge",
            country: "DE",
            province: "Hessen",
            locality: "Fulda",
          },
          intermediate: { subject: { commonName: "Issuing" } },
        });
        issue(issuer, {
          rsa: { keyAlgorithm: "RSA", rsaBits: 2048, ...both },
          named: {
            ...server,
            dnsNames: ["*.example.com", "broker"],
            ipAddresses: ["192.0.2.1", "2001:db8::1"],
            uris: ["spiffe://example.com/broker"],
          },
          client,
        });
        return { root: issuer.rootCertificatePem };
      });
      root = String(result.outputs.root);
    });

    test("have these extensions, and no leaf has one of an authority", () => {
      const certificates = {
        root,
        intermediate: pemBlocks(secretOf(result, "client")["tls.crt"] ?? "")[1] ?? "",
        rsa: secretOf(result, "rsa")["tls.crt"] ?? "",
        named: secretOf(result, "named")["tls.crt"] ?? "",
        client: secretOf(result, "client")["tls.crt"] ?? "",
      };
      const dumps = Object.entries(certificates).map(([name, pem]) => `${name}\n${openssl.extensions(pem)}`);
      expect(dumps.join("\n")).toMatchInlineSnapshot(`
"root
X509v3 Key Usage: critical
    Certificate Sign, CRL Sign
X509v3 Basic Constraints: critical
    CA:TRUE, pathlen:1
X509v3 Subject Key Identifier: 
    …
X509v3 Authority Key Identifier: 
    …

intermediate
X509v3 Key Usage: critical
    Certificate Sign, CRL Sign
X509v3 Basic Constraints: critical
    CA:TRUE
X509v3 Subject Key Identifier: 
    …
X509v3 Authority Key Identifier: 
    …

rsa
X509v3 Key Usage: critical
    Digital Signature, Key Encipherment
X509v3 Extended Key Usage: 
    TLS Web Server Authentication, TLS Web Client Authentication
X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Subject Key Identifier: 
    …
X509v3 Authority Key Identifier: 
    …
X509v3 Subject Alternative Name: 
    DNS:broker.example.com

named
X509v3 Key Usage: critical
    Digital Signature
X509v3 Extended Key Usage: 
    TLS Web Server Authentication
X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Subject Key Identifier: 
    …
X509v3 Authority Key Identifier: 
    …
X509v3 Subject Alternative Name: 
    DNS:*.example.com, DNS:broker, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://example.com/broker

client
X509v3 Key Usage: critical
    Digital Signature
X509v3 Extended Key Usage: 
    TLS Web Client Authentication
X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Subject Key Identifier: 
    …
X509v3 Authority Key Identifier: 
    …
"
`);
    });

    test("have the subjects that were given, and tls.crt holds the leaf, then the intermediate, and no root", () => {
      const { "tls.crt": chain = "", "ca.crt": bundle = "" } = secretOf(result, "named");
      const names = (text: string) =>
        pemBlocks(text).map((pem) => openssl.run(["x509", "-noout", "-subject", "-issuer"], pem).trim().split("\n"));
      const rootName = "C = DE, O = Example, OU = Edge, CN = Root, ST = Hessen, L = Fulda";
      const sorted = (name: string) => name.replace(/^\w+=/, "").split(", ").sort().join(", ");
      expect(names(chain).flat().slice(0, 3)).toEqual([
        "subject=CN = broker",
        "issuer=CN = Issuing",
        "subject=CN = Issuing",
      ]);
      expect(names(chain)).toHaveLength(2);
      expect(names(bundle)).toHaveLength(1);
      for (const name of names(bundle)[0] ?? []) expect(sorted(name)).toBe(sorted(rootName));
    });

    test("a leaf cannot sign", () => {
      const { "tls.crt": chain = "", "tls.key": key = "", "ca.crt": bundle = "" } = secretOf(result, "client");
      const stolen = openssl.intermediate("stolen", { key, certificate: pemBlocks(chain)[0] ?? "" });
      expect(openssl.verify(stolen.certificate + chain, bundle, "any")).toBe("invalid CA certificate");
    });
  });

  test("an intermediate cannot make further authorities", async () => {
    const result = await record(() => {
      const { chain, privateKeyPem, bundle } = new CertificateAuthority("ca", {
        subject: { commonName: "Root" },
        intermediate: { subject: { commonName: "Issuing" } },
      });
      return { chain, bundle, key: privateKeyPem };
    });
    const { chain, bundle } = result.outputs as Record<string, string>;
    const issuing = { certificate: chain ?? "", key: String(reveal(result.outputs.key ?? "")) };
    const further = openssl.intermediate("Further", issuing);
    const request = openssl.run(["req", "-new", "-key", openssl.file(further.key), "-subj", "/CN=leaf"]);
    const leaf = openssl.sign(request, further, [
      "extendedKeyUsage=serverAuth",
      "subjectKeyIdentifier=hash",
      "authorityKeyIdentifier=keyid",
    ]);
    expect(openssl.verify(leaf + further.certificate + chain, bundle ?? "", "sslserver")).toBe(
      "path length constraint exceeded",
    );
  });

  test("in a rollover, peers that have both roots accept old and new certificates, and later the new one alone", async () => {
    const result = await record(() => {
      const old = new CertificateAuthority("old", {
        subject: { commonName: "Root 1" },
        intermediate: { subject: { commonName: "Issuing 1" } },
      });
      const next = new CertificateAuthority("next", {
        subject: { commonName: "Root 2" },
        additionalRoots: [old.rootCertificatePem],
      });
      const prepared = new CertificateAuthority("prepared", {
        subject: { commonName: "Root 0" },
        additionalRoots: [next.rootCertificatePem],
      });
      issue(old, { "old-leaf": server });
      issue(next, { "new-leaf": server });
      return { before: old.bundle, during: next.bundle, after: next.rootCertificatePem, prepared: prepared.bundle };
    });
    const { before = "", during = "", after = "", prepared = "" } = result.outputs as Record<string, string>;
    const old = secretOf(result, "old-leaf")["tls.crt"] ?? "";
    const fresh = secretOf(result, "new-leaf")["tls.crt"] ?? "";
    const verdicts = (bundle: string) => [old, fresh].map((chain) => openssl.verify(chain, bundle, "sslserver"));
    expect(verdicts(before)).toEqual(["OK", "unable to get local issuer certificate"]);
    expect(verdicts(during)).toEqual(["OK", "OK"]);
    expect(verdicts(after)).toEqual(["unable to get local issuer certificate", "OK"]);
    expect(pemBlocks(prepared)[1]).toBe(after);
    expect(secretOf(result, "new-leaf")["ca.crt"]).toBe(during);
  });
});
