import {
  Certificate,
  type CertificateAuthority,
  InstanceManagerHostProxy,
  NginxAgentConfiguration,
  type NginxHost,
} from "nginx-stacks";

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };

/** Instance Manager 2: HTTPS for people, mutual TLS for agents, both on port 443 and told apart by name. */
export function instanceManager2(host: NginxHost, authority: CertificateAuthority) {
  const proxy = new InstanceManagerHostProxy("nim", {
    host,
    hostname,
    certificate: new Certificate("nim-server", {
      forHosts: true,
      issuer: authority,
      usage: "server",
      subject: { commonName: hostname.manager },
      dnsNames: Object.values(hostname),
    }),
    agentAuthorities: { certificatesPem: authority.bundle },
    // The sockets of agents' services are known. The gateway of the packages is an NGINX of its own, which listens here.
    backends: { apigw: { host: "unix:/run/nms/apigw.sock" } },
  });

  const agent = new Certificate("web-1-agent", {
    forHosts: true,
    issuer: authority,
    usage: "client",
    subject: { commonName: "web-1.example.com" },
  });
  new NginxAgentConfiguration("web-1", {
    v2: {
      hostname: proxy.agentHost,
      tls: {
        clientCertificate: { certificatePath: "/etc/nms/certs/agent.crt", keyPath: "/etc/nms/certs/agent.key" },
        trustedCertificatesPath: "/etc/nms/certs/ca.pem",
      },
    },
    host: {
      name: "web-1.example.com",
      certificatePem: agent.chainPem,
      privateKeyPem: agent.privateKeyPem,
      trustedCertificatesPem: authority.bundle,
    },
  });
  return proxy;
}
