import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Edition,
  InstanceManager,
  InstanceManagerMode,
  InstanceManagerProxy,
  LicenseSecret,
  Namespace,
  NginxAgentConfiguration,
  RegistrySecret,
  TrustedCertificates,
} from "nginx-stacks";
import { agentPaths, alias, managedNginx } from "./managed-nginx";

const config = new pulumi.Config();
const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;
const mode = config.get<InstanceManagerMode>("mode", { allowedValues: Object.values(InstanceManagerMode) });
const storageClass = config.get("storageClass");
const sourceRanges = config.getObject<string[]>("sourceRanges");

const namespace = new Namespace("nim", { defaultDeny: true });

// F5's registry has Instance Manager's images too, so only a render does without the token.
const jwt = edition === Edition.plus ? config.requireSecret("jwt") : config.getSecret("jwt");
const registry = jwt && new RegistrySecret("registry", { namespace: namespace.name, jwt });
const license = edition === Edition.plus ? new LicenseSecret("license", { namespace: namespace.name, jwt }) : undefined;
const imagePullSecrets = registry && [registry.secretName];

// Two authorities: an agent's certificate is none of Instance Manager, and the other way round.
const [authority, agentAuthority] = ["servers", "agents"].map(
  (name) =>
    new CertificateAuthority(`${name}-authority`, {
      subject: { commonName: `Instance Manager example ${name} root`, organization: "Example" },
      intermediate: { subject: { commonName: `Instance Manager example ${name} issuer`, organization: "Example" } },
    }),
) as [CertificateAuthority, CertificateAuthority];

const manager = new InstanceManager("manager", {
  namespace: namespace.name,
  issuer: authority,
  imagePullSecrets,
  chartRepository: config.get("chartRepository"),
  mode,
  clickHouse: config.getBoolean("clickHouse") === false ? { disabled: true } : undefined,
  persistence: storageClass ? { storageClass } : undefined,
});

// Names outside the cluster by config, or names of its own.
const domain = config.get("hostname");
const inCluster = (name: string) => pulumi.interpolate`${name}.${namespace.name}.svc.cluster.local`;
const hostname = domain
  ? { manager: domain, agents: `agents.${domain}` }
  : { manager: inCluster("manager"), agents: inCluster("agents") };

const front = new InstanceManagerProxy("front", {
  namespace: manager.namespace,
  edition,
  license,
  hostname,
  certificate: new Certificate("front", {
    namespace: namespace.name,
    issuer: authority,
    usage: "server",
    subject: { commonName: "front" },
    dnsNames: [hostname.manager, hostname.agents],
  }),
  agentAuthorities: new TrustedCertificates("agents", {
    namespace: namespace.name,
    certificatesPem: agentAuthority.bundle,
  }),
  backends: manager.backends,
  backendTls: manager,
  pods: {
    imagePullSecrets,
    // A proxy of NGINX Plus reports to the Instance Manager behind it.
    management:
      edition === Edition.plus
        ? {
            usageEndpoint: manager.usageEndpoint,
            instanceManagerVersion: manager.version,
            trustedCertificates: manager.trustedCertificates,
          }
        : undefined,
    service: sourceRanges && { type: "LoadBalancer", loadBalancerSourceRanges: sourceRanges },
    networkPolicy: {
      clients: sourceRanges ? undefined : [{ podLabels: {} }],
      upstreams: [
        { podLabels: { "app.kubernetes.io/name": "apigw" }, ports: [8443] },
        { podLabels: { "app.kubernetes.io/name": "dpm" }, ports: [8036] },
        { podLabels: { "app.kubernetes.io/name": "ingestion" }, ports: [8035] },
      ],
    },
  },
});
if (!domain) for (const name of ["manager", "agents"]) alias(name, namespace.name, front.host);

const agent = new NginxAgentConfiguration("agent", {
  v2: {
    hostname: hostname.agents,
    tls: {
      clientCertificate: {
        certificatePath: `${agentPaths.certificate}/tls.crt`,
        keyPath: `${agentPaths.certificate}/tls.key`,
      },
      trustedCertificatesPath: `${agentPaths.authorities}/ca.crt`,
    },
  },
  kubernetes: { namespace: namespace.name },
});
managedNginx("managed", {
  namespace: namespace.name,
  image: config.require("agentImage"),
  imagePullSecrets,
  agent,
  certificate: new Certificate("agent-client", {
    namespace: namespace.name,
    issuer: agentAuthority,
    usage: "client",
    subject: { commonName: "agent" },
  }),
  authorities: new TrustedCertificates("servers", {
    namespace: namespace.name,
    certificatesPem: authority.bundle,
  }),
  front,
});

/** The web interface. */
export const url = pulumi.interpolate`https://${hostname.manager}/ui/`;
/** Password of the first user, `admin`. */
export const adminPassword = manager.adminPassword;
/** Where NGINX Plus elsewhere reports its usage. */
export const usageEndpoint = front.usageEndpoint;
/** What browsers, agents and NGINX Plus have to trust. */
export const serverAuthorities = authority.bundle;
