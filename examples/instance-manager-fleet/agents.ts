import * as pulumi from "@pulumi/pulumi";
import { type CertificateIssuer, NginxAgentFleet } from "nginx-stacks";

/** The agents of one region. */
export function agents(region: string, count: number) {
  const authority = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/authority`);
  const issuer: CertificateIssuer = {
    certificatePem: authority.requireOutput("certificatePem"),
    privateKeyPem: authority.requireOutput("privateKeyPem"),
    chain: authority.requireOutput("chain"),
    bundle: authority.requireOutput("bundle"),
    renewalWindowHours: authority.requireOutput("renewalWindowHours"),
  };
  const hosts = Array.from({ length: count }, (_, index) => `nginx-${index + 1}.${region}.example.com`);
  new NginxAgentFleet(region, {
    issuer,
    agents: hosts.map((host) => ({ host })),
    v2: {
      hostname: "agents.nim.example.com",
      tls: {
        clientCertificate: { certificatePath: "/etc/nms/certs/agent.crt", keyPath: "/etc/nms/certs/agent.key" },
        trustedCertificatesPath: "/etc/nms/certs/ca.pem",
      },
    },
  });
  return { hosts };
}
