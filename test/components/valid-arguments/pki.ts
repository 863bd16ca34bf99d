import type { ValidArguments } from "./index";

const subject = {
  commonName: "Example root",
  organization: "Example",
  organizationalUnit: "Platform",
  country: "DE",
  province: "BE",
  locality: "Berlin",
};
const metadata = { name: "a-name", namespace: "edge", labels: { team: "edge" }, annotations: { note: "b" } };
const issuer = {
  certificatePem: "PEM",
  privateKeyPem: "PEM",
  chain: "",
  bundle: "PEM",
  renewalWindowHours: 8760,
  chainLength: 0,
  subordinateAuthorities: 1,
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const pkiArguments: ValidArguments = {
  CertificateAuthority: [
    {
      subject,
      validityHours: 87_600,
      renewalWindowHours: 2160,
      intermediate: {
        subject: { commonName: "Example issuing" },
        validityHours: 43_800,
        keyAlgorithm: "RSA",
        rsaBits: 2048,
      },
      subordinateAuthorities: 1,
      keyAlgorithm: "ECDSA",
      ecdsaCurve: "P384",
    },
  ],
  Certificate: [
    {
      ...metadata,
      usage: "server",
      subject,
      issuer,
      validityHours: 2160,
      earlyRenewalHours: 720,
      keyAlgorithm: "ECDSA",
      ecdsaCurve: "P256",
      dnsNames: ["broker.example.com", "*.brokers.example.com"],
      ipAddresses: ["192.0.2.1", "2001:db8::1"],
      uris: ["spiffe://example.com/ns/edge/sa/proxy"],
    },
    { forHosts: true, usage: "client", subject: { commonName: "agent" }, keyAlgorithm: "RSA", rsaBits: 3072 },
    { namespace: "edge", existing: { name: "tls", revision: "1" } },
  ],
  TrustedCertificates: [{ namespace: "edge", existing: { name: "trusted", revision: "1" } }],
};
