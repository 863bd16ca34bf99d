import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Edition,
  Gateway,
  GatewayFabricCrds,
  GatewayFabricV1,
  type GatewayUsageReporting,
  LicenseSecret,
  Namespace,
  RegistrySecret,
  TrustedCertificates,
} from "nginx-stacks";

const config = new pulumi.Config();
const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;
const instanceManager = config.get("instanceManager");

// The control plane signals NGINX, for which it has a capability that "restricted" does not allow.
const namespace = new Namespace("nginx-gateway", { podSecurity: "baseline" }).name;

// NGINX Plus needs the subscription's JWT twice: to pull the image, and to run.
const jwt = edition === Edition.plus ? config.requireSecret("jwt") : undefined;
const registry = jwt && new RegistrySecret("registry", { namespace, jwt });
const license = jwt && new LicenseSecret("license", { namespace, jwt });

// Where reports go to NGINX Instance Manager, one authority certifies both ends: this one's root is what both trust.
const authority =
  license && instanceManager
    ? new CertificateAuthority("reporting", {
        subject: { commonName: "Usage reporting root", organization: "Example" },
        intermediate: { subject: { commonName: "Usage reporting issuer", organization: "Example" } },
      })
    : undefined;

const reporting: Partial<GatewayUsageReporting> = authority
  ? {
      usageEndpoint: instanceManager,
      resolver: config.get("resolver"),
      trustedCertificates: new TrustedCertificates("nim-ca", { namespace, certificatesPem: authority.bundle }),
      clientCertificate: new Certificate("nim-client", {
        namespace,
        issuer: authority,
        usage: "client",
        subject: { commonName: "nginx-gateway-fabric" },
      }),
    }
  : {};

const fabric = new GatewayFabricV1("fabric", {
  namespace,
  // Two stacks in one cluster differ in these two.
  name: config.get("name"),
  gatewayClassName: config.get("gatewayClassName"),
  edition,
  crds: config.get<GatewayFabricCrds>("crds", { allowedValues: Object.values(GatewayFabricCrds) }),
  crdSource: config.get("crdSource"),
  imagePullSecrets: registry && [registry.secretName],
  usage: license && { license, ...reporting },
});

const gateway = new Gateway("web", {
  namespace: new Namespace("web").name,
  gatewayClassName: fabric.gatewayClassName,
  listeners: [{ name: "http", port: 80, protocol: "HTTP", hostname: "*.example.com" }],
});

/** The Gateway that routes attach to. */
export const gatewayName = pulumi.interpolate`${gateway.namespace}/${gateway.gatewayName}`;
/** What NGINX Instance Manager must trust to tell these pods from strangers, and what must certify it. */
export const reportingAuthorities = authority?.bundle;
