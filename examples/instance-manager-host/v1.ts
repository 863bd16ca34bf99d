import {
  Certificate,
  type CertificateAuthority,
  InstanceManagerV1Host,
  NginxAgentConfiguration,
  type NginxHost,
} from "nginx-stacks";

const hostname = "nim.example.com";
const agentPort = 10443;

/** Instance Manager 1 on loopback, and before it NGINX: HTTPS for people on port 443, mutual TLS for agents on 10443. */
export function instanceManager1(host: NginxHost, authority: CertificateAuthority) {
  const manager = new InstanceManagerV1Host("nim", {
    host,
    hostname,
    manager: { logLevel: "info" },
    front: { api: { redirectPort: 80 }, agents: { port: agentPort }, status: {} },
    certificate: new Certificate("nim-server", {
      forHosts: true,
      issuer: authority,
      usage: "server",
      subject: { commonName: hostname },
      dnsNames: [hostname],
    }),
    agentAuthoritiesPem: authority.bundle,
  });

  const agent = new Certificate("web-1-agent", {
    forHosts: true,
    issuer: authority,
    usage: "client",
    subject: { commonName: "web-1.example.com" },
  });
  new NginxAgentConfiguration("web-1", {
    v1: {
      hostname: manager.agentHost,
      port: agentPort,
      tls: {
        clientCertificate: {
          certificatePath: "/etc/nginx-agent/certs/agent.crt",
          keyPath: "/etc/nginx-agent/certs/agent.key",
        },
      },
      nginx: { stubStatusUrl: "http://localhost:8080/nginx_status" },
    },
    // Without trustedCertificatesPath, the operating system comes to trust the root.
    host: {
      name: "web-1.example.com",
      certificatePem: agent.chainPem,
      privateKeyPem: agent.privateKeyPem,
      trustedCertificatesPem: authority.bundle,
    },
  });
  return manager;
}
