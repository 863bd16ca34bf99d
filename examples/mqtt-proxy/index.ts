import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Edition,
  LicenseSecret,
  MqttProxy,
  Namespace,
  RegistrySecret,
} from "nginx-stacks";
import { brokerLabels, mosquitto, mosquittoService } from "./mosquitto";
import { smokeTest } from "./smoke-test";

const config = new pulumi.Config();
const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;

const namespace = new Namespace("mqtt", { defaultDeny: true });

// NGINX Plus needs the subscription's JWT twice: to pull the image, and to run.
const jwt = edition === Edition.plus ? config.requireSecret("jwt") : undefined;
const registry = jwt && new RegistrySecret("registry", { namespace: namespace.name, jwt });
const license = jwt && new LicenseSecret("license", { namespace: namespace.name, jwt });

const authority = new CertificateAuthority("authority", {
  subject: { commonName: "MQTT example root", organization: "Example" },
  intermediate: { subject: { commonName: "MQTT example issuer", organization: "Example" } },
});
const clientCertificate = new Certificate("proxy-client", {
  namespace: namespace.name,
  issuer: authority,
  usage: "client",
  subject: { commonName: "mqtt-proxy" },
});

// Outside the cluster by config, or a mosquitto of our own.
const brokerHosts = config.getObject<string[]>("brokerHosts");
const brokers = brokerHosts
  ? { cidr: config.require("brokerNetwork"), ports: [8883] }
  : { podLabels: brokerLabels("broker"), ports: [8883] };
const servers = brokerHosts?.map((host) => ({ host })) ?? [{ host: mosquittoService("broker", namespace.name) }];

const proxy = new MqttProxy("edge", {
  namespace: namespace.name,
  edition,
  license,
  pods: {
    imagePullSecrets: registry && [registry.secretName],
    networkPolicy: { upstreams: [brokers] },
  },
  upstreams: [{ name: "broker", servers }],
  routes: [
    { clientId: { prefix: "sensor-" }, upstream: "broker" },
    { clientId: { exact: "Gateway-1" }, upstream: "broker" },
  ],
  defaultRoute: { refuse: true },
  brokerTls: {
    trustedCertificatesPem: brokerHosts ? config.require("brokerAuthorities") : authority.bundle,
    clientCertificate,
  },
  credentials: { username: "mqtt-proxy", password: config.getSecret("brokerPassword") },
});

if (!brokerHosts) {
  const certificate = new Certificate("broker-server", {
    namespace: namespace.name,
    issuer: authority,
    usage: "server",
    subject: { commonName: "mosquitto" },
    dnsNames: [servers[0]!.host],
  });
  const broker = mosquitto("broker", {
    namespace: namespace.name,
    certificate,
    username: proxy.username,
    password: proxy.password,
  });
  smokeTest("smoke-test", { namespace: namespace.name, proxy, broker });
}

/** Where MQTT clients in the cluster connect. */
export const address = pulumi.interpolate`${proxy.host}:${proxy.port}`;
/** What brokers outside the cluster must trust, to tell the proxy from strangers. */
export const clientAuthorities = authority.bundle;
/** The password to give to such brokers. */
export const brokerPassword = proxy.password;
