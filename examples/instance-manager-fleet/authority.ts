import { CertificateAuthority } from "nginx-stacks";

/** What signs the certificates of all agents. Its outputs are what other stacks need to issue: the key is a secret in each. */
export function authority() {
  const { certificatePem, privateKeyPem, chain, bundle, renewalWindowHours } = new CertificateAuthority("agents", {
    subject: { commonName: "Agents root", organization: "Example" },
    intermediate: { subject: { commonName: "Agents issuer", organization: "Example" } },
  });
  return { certificatePem, privateKeyPem, chain, bundle, renewalWindowHours };
}
