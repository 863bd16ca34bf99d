import { CertificateUsage, KeyAlgorithm } from "../../../components/pki";
import { allowedUses } from "../../../components/pki/profiles";

const algorithms = Object.values(KeyAlgorithm);

test.each([
  ["certificateAuthority", ["cert_signing", "crl_signing"]],
  ["server", ["digital_signature", "server_auth"]],
  ["client", ["digital_signature", "client_auth"]],
  ["serverAndClient", ["digital_signature", "server_auth", "client_auth"]],
] as const)("%s may be used for this and nothing else", (profile, uses) => {
  expect(allowedUses(profile, "ECDSA")).toEqual(uses);
  expect(allowedUses(profile, "ED25519")).toEqual(uses);
});

test("an RSA key of a leaf may also decipher what TLS 1.2 sends it, that of an authority may not", () => {
  expect(allowedUses("server", "RSA")).toEqual(["digital_signature", "key_encipherment", "server_auth"]);
  expect(allowedUses("certificateAuthority", "RSA")).toEqual(["cert_signing", "crl_signing"]);
});

test("no usage of a leaf, with no key, signs certificates or revocation lists", () => {
  const uses = Object.values(CertificateUsage).flatMap((usage) =>
    algorithms.flatMap((algorithm) => allowedUses(usage, algorithm)),
  );
  expect(uses.filter((use) => use.endsWith("_signing"))).toEqual([]);
});
