import * as pulumi from "@pulumi/pulumi";
import { issuerFrom, NginxAgentFleet } from "nginx-stacks";

/** The agents of one region. */
export function agents(region: string, count: number) {
  const authority = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/authority`);
  const hosts = Array.from({ length: count }, (_, index) => `nginx-${index + 1}.${region}.example.com`);
  new NginxAgentFleet(region, {
    issuer: issuerFrom(authority, "agents"),
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
