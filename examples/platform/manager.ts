import { Certificate, InstanceManagerProxy, NginxServiceType, TrustedCertificates } from "nginx-stacks";
import type { Foundation } from "./given";
import { config, metricsFrom, size } from "./settings";

/** What stands before an NGINX Instance Manager: HTTPS for people, mutual TLS for agents. */
export function manager({ namespace: of, trusted, issuer, server, nginx }: Foundation) {
  const namespace = of("manager");
  // Instance Manager's own parts, which verify each other.
  const parts = issuer("manager");
  const host = config.require("managerHost");
  const people = config.getObject<string[]>("peopleNetworks");
  const name = `nim.${config.require("domain")}`;
  const hostname = { manager: name, agents: `agents.${name}` };

  const { imagePullSecrets, ...product } = nginx;
  const front = new InstanceManagerProxy("manager", {
    ...product,
    namespace,
    hostname,
    certificate: server("manager-server", "manager", Object.values(hostname)),
    agentAuthorities: new TrustedCertificates("agents", { namespace, certificatesPem: trusted("agents") }),
    backends: { apigw: { host }, dpm: { host }, ingestion: { host } },
    backendTls: {
      trustedCertificates: new TrustedCertificates("manager-parts", { namespace, certificatesPem: parts.bundle }),
      clientCertificate: new Certificate("manager-client", {
        namespace,
        issuer: parts,
        usage: "client",
        subject: { commonName: "manager-client" },
      }),
    },
    pods: {
      ...size,
      imagePullSecrets,
      service: people && { type: NginxServiceType.loadBalancer, loadBalancerSourceRanges: people },
      networkPolicy: { metricsFrom, upstreams: [{ cidr: config.require("managerNetwork"), ports: [443, 8036, 8035] }] },
    },
  });

  return { manager: `https://${name}/ui/`, agentHost: front.agentHost };
}
