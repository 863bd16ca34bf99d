import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority, LicenseSecret, MqttProxy, Namespace, RegistrySecret } from "nginx-stacks";

const config = new pulumi.Config();
const namespace = new Namespace("rotations");
const authority = new CertificateAuthority("authority", { subject: { commonName: "Rotations root" } });

function install(name: string, nameOf: (part: string) => string | undefined) {
  const common = { namespace: namespace.name };
  const registry = new RegistrySecret(`${name}-registry`, {
    ...common,
    name: nameOf("registry"),
    jwt: config.requireSecret("registryJwt"),
  });
  const license = new LicenseSecret(`${name}-license`, {
    ...common,
    name: nameOf("license"),
    jwt: config.requireSecret("licenseJwt"),
  });
  const certificate = new Certificate(`${name}-client`, {
    ...common,
    name: nameOf("client"),
    issuer: authority,
    usage: "client",
    subject: { commonName: name },
  });
  const proxy = new MqttProxy(
    name,
    {
      ...common,
      edition: "plus",
      license,
      pods: { imagePullSecrets: [registry.secretName] },
      upstreams: [{ name: "broker", servers: [{ host: "broker.example.com" }] }],
      defaultRoute: { upstream: "broker" },
      brokerTls: { trustedCertificatesPem: authority.bundle, clientCertificate: certificate },
      credentials: { username: "proxy" },
      timeouts: { longestKeepAliveSeconds: config.requireNumber("longestKeepAliveSeconds") },
    },
    { dependsOn: [registry, license, certificate] },
  );
  return proxy.password;
}

export const namespaceName = namespace.name;
export const passwords = [install("made-up", () => undefined), install("fixed", (part) => `fixed-${part}`)];
