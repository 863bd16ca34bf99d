import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority, InstanceManagerProxy, Namespace, TrustedCertificates } from "nginx-stacks";

const namespace = new Namespace("manager").name;
const servers = new CertificateAuthority("servers", { subject: { commonName: "Servers root" } });
const agents = new CertificateAuthority("agents", { subject: { commonName: "Agents root" } });
const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };

const proxy = new InstanceManagerProxy("proxy", {
  namespace,
  edition: "oss",
  hostname,
  certificate: new Certificate("server", {
    namespace,
    issuer: servers,
    usage: "server",
    subject: { commonName: hostname.manager },
    dnsNames: Object.values(hostname),
  }),
  agentAuthorities: new TrustedCertificates("agents", { namespace, certificatesPem: agents.bundle }),
  agents: { revocation: { deniedSerials: [new pulumi.Config().require("deniedSerial")] } },
  backendTls: {
    trustedCertificates: new TrustedCertificates("backends", { namespace, certificatesPem: servers.bundle }),
    clientCertificate: new Certificate("client", {
      namespace,
      issuer: servers,
      usage: "client",
      subject: { commonName: "proxy" },
    }),
  },
});

export const namespaceName = namespace;
export const usageEndpoint = proxy.usageEndpoint;
