import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  GatewayFabric,
  GatewayFabricV1,
  LicenseSecret,
  Namespace,
  RegistrySecret,
  TrustedCertificates,
} from "nginx-stacks";

const config = new pulumi.Config();
const namespace = new Namespace("gateway", { podSecurity: "baseline" }).name;
const jwt = config.requireSecret("jwt");
const issuer = new CertificateAuthority("authority", { subject: { commonName: "Instance Manager" } });

const args = {
  namespace,
  crds: "existing" as const,
  imagePullSecrets: [new RegistrySecret("registry", { namespace, jwt }).secretName],
  usage: {
    license: new LicenseSecret("license", { namespace, jwt }),
    usageEndpoint: "nim.example.com",
    trustedCertificates: new TrustedCertificates("nim-ca", { namespace, certificatesPem: issuer.bundle }),
    clientCertificate: new Certificate("nim-client", {
      namespace,
      issuer,
      usage: "client",
      subject: { commonName: "gateway" },
    }),
  },
};
if (config.require("line") === "1") new GatewayFabricV1("fabric", args);
else new GatewayFabric("fabric", args);

export const namespaceName = namespace;
