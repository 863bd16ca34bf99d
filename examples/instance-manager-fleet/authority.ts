import { CertificateAuthority, issuerOutputs } from "nginx-stacks";

/** What signs the certificates of all agents. Its outputs are what other stacks need to issue: the key is a secret in each. */
export function authority() {
  const agents = new CertificateAuthority("agents", {
    subject: { commonName: "Agents root", organization: "Example" },
    intermediate: { subject: { commonName: "Agents issuer", organization: "Example" } },
  });
  return issuerOutputs("agents", agents);
}
