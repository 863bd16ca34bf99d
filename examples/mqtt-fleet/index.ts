import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Edition,
  LicenseSecret,
  MqttProxy,
  Namespace,
  NginxServiceType,
  NginxTrafficPolicy,
  RegistrySecret,
} from "nginx-stacks";
import { brokerLabels, mosquitto, mosquittoService } from "../mqtt-proxy/mosquitto";

const config = new pulumi.Config();
const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;
const hostname = config.get("hostname");

const namespace = new Namespace("fleet", { defaultDeny: true });

const jwt = edition === Edition.plus ? config.requireSecret("jwt") : undefined;
const registry = jwt && new RegistrySecret("registry", { namespace: namespace.name, jwt });
const license = jwt && new LicenseSecret("license", { namespace: namespace.name, jwt });

// One authority for devices and one for everything of ours: a device's certificate opens no broker.
const deviceAuthority = new CertificateAuthority("device-authority", {
  subject: { commonName: "Fleet example devices", organization: "Example" },
});
const authority = new CertificateAuthority("authority", {
  subject: { commonName: "Fleet example root", organization: "Example" },
});

// A tenant's devices have its name as their organizational unit. Its brokers do not share sessions: each device has one of the two.
const tenants = ["north", "south"].map((name) => {
  const brokers = ["1", "2"].map((number) => `${name}-${number}`);
  return {
    name,
    brokers: brokers.map((broker) => ({ broker, host: mosquittoService(broker, namespace.name) })),
    device: new Certificate(`${name}-device`, {
      namespace: namespace.name,
      issuer: deviceAuthority,
      usage: "client",
      subject: { commonName: `${name}-device-1`, organizationalUnit: name, organization: "Example" },
    }),
  };
});
// All brokers of a tenant show one name, under which the proxy verifies them.
const serverName = (tenant: string) => `${tenant}.brokers.example.com`;

const proxy = new MqttProxy("gateway", {
  namespace: namespace.name,
  edition,
  license,
  pods: {
    imagePullSecrets: registry && [registry.secretName],
    service: hostname
      ? { type: NginxServiceType.loadBalancer, externalTrafficPolicy: NginxTrafficPolicy.local }
      : undefined,
    networkPolicy: {
      upstreams: tenants.flatMap(({ brokers }) =>
        brokers.map(({ broker }) => ({ podLabels: brokerLabels(broker), ports: [8883] })),
      ),
    },
  },
  listeners: [
    {
      name: "mqtts",
      port: 8883,
      tls: {
        certificate: new Certificate("gateway-server", {
          namespace: namespace.name,
          issuer: authority,
          usage: "server",
          subject: { commonName: "mqtt gateway" },
          dnsNames: [hostname ?? "gateway.example.com"],
        }),
        clientCertificates: { trustedCertificatesPem: deviceAuthority.bundle },
      },
    },
  ],
  upstreams: tenants.map(({ name, brokers }) => ({
    name,
    servers: brokers.map(({ host }) => ({ host })),
    serverName: serverName(name),
  })),
  tenants: tenants.map(({ name }) => ({
    name,
    listeners: ["mqtts"],
    certificate: { organizationalUnit: { exact: name } },
    defaultRoute: { upstream: name },
    credentials: { username: `gateway-${name}` },
  })),
  defaultRoute: { refuse: true },
  limits: { connectionsPerAddress: 200, uploadBytesPerSecond: 64 * 1024 },
  brokerTls: {
    trustedCertificatesPem: authority.bundle,
    clientCertificate: new Certificate("gateway-client", {
      namespace: namespace.name,
      issuer: authority,
      usage: "client",
      subject: { commonName: "mqtt-gateway" },
    }),
  },
});

for (const { name, brokers } of tenants)
  for (const { broker, host } of brokers)
    mosquitto(broker, {
      namespace: namespace.name,
      certificate: new Certificate(`${broker}-server`, {
        namespace: namespace.name,
        issuer: authority,
        usage: "server",
        subject: { commonName: broker },
        dnsNames: [host, serverName(name)],
      }),
      username: `gateway-${name}`,
      password: proxy.passwords.apply((passwords) => passwords[name]!),
    });

/** Where devices connect. */
export const address = pulumi.interpolate`${hostname ?? proxy.host}:${proxy.port}`;
/** What devices trust. */
export const gatewayAuthorities = authority.bundle;
/** Secrets with the certificates of one device of each tenant. */
export const devices = Object.fromEntries(tenants.map(({ name, device }) => [name, device.secretName]));
