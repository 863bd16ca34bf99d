import * as pulumi from "@pulumi/pulumi";
import { Certificate, type CertificateIssuer, NginxAgentConfiguration } from "nginx-stacks";

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
  for (const name of hosts) {
    const certificate = new Certificate(name, {
      forHosts: true,
      issuer,
      usage: "client",
      subject: { commonName: name },
    });
    new NginxAgentConfiguration(name, {
      v2: {
        hostname: "agents.nim.example.com",
        tls: {
          clientCertificate: { certificatePath: "/etc/nms/certs/agent.crt", keyPath: "/etc/nms/certs/agent.key" },
          trustedCertificatesPath: "/etc/nms/certs/ca.pem",
        },
      },
      host: {
        name,
        certificatePem: certificate.chainPem,
        privateKeyPem: certificate.privateKeyPem,
        trustedCertificatesPem: issuer.bundle,
      },
    });
  }
  return { hosts };
}
