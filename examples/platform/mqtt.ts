import { Certificate, MqttProxy, NginxServiceType, NginxTrafficPolicy } from "nginx-stacks";
import { brokerLabels, mosquitto, mosquittoService } from "../mqtt-proxy/mosquitto";
import type { Foundation } from "./given";
import { config, metricsFrom, size } from "./settings";

/** MQTT for the devices of several tenants, told apart by their certificates. A tenant without brokers of its own gets a mosquitto. */
export function mqtt({ namespace: of, trusted, issuer, server, nginx }: Foundation) {
  const namespace = of("mqtt");
  const domain = config.require("domain");
  const brokers = issuer("brokers");
  const certificate = (name: string, usage: "client" | "server", dnsNames?: string[]) =>
    new Certificate(name, { namespace, issuer: brokers, usage, subject: { commonName: name }, dnsNames });

  const tenants = Object.entries(config.requireObject<Record<string, string[]>>("brokers")).map(([name, hosts]) => ({
    name,
    inCluster: hosts.length === 0,
    hosts: hosts.length === 0 ? [mosquittoService(name, namespace)] : hosts,
    // The name that all brokers of a tenant show.
    serverName: `${name}.brokers.${domain}`,
  }));
  const network = config.get("brokerNetwork");

  const { imagePullSecrets, ...edition } = nginx;
  const hostname = `mqtt.${domain}`;
  const proxy = new MqttProxy("mqtt", {
    ...edition,
    namespace,
    pods: {
      ...size,
      imagePullSecrets,
      service: config.getBoolean("loadBalancer")
        ? { type: NginxServiceType.loadBalancer, externalTrafficPolicy: NginxTrafficPolicy.local }
        : undefined,
      networkPolicy: {
        metricsFrom,
        upstreams: network
          ? [{ cidr: network, ports: [8883] }]
          : tenants.map(({ name }) => ({ podLabels: brokerLabels(name), ports: [8883] })),
      },
    },
    listeners: [
      {
        name: "mqtts",
        port: 8883,
        tls: {
          certificate: server("mqtt-server", "mqtt", [hostname]),
          clientCertificates: { trustedCertificatesPem: trusted("devices") },
        },
      },
    ],
    upstreams: tenants.map(({ name, hosts, serverName }) => ({
      name,
      servers: hosts.map((host) => ({ host })),
      serverName,
    })),
    tenants: tenants.map(({ name }) => ({
      name,
      listeners: ["mqtts"],
      certificate: { organizationalUnit: { exact: name } },
      defaultRoute: { upstream: name },
      credentials: { username: name },
    })),
    defaultRoute: { refuse: true },
    brokerTls: { trustedCertificatesPem: brokers.bundle, clientCertificate: certificate("mqtt-client", "client") },
  });

  for (const { name, serverName } of tenants.filter(({ inCluster }) => inCluster))
    mosquitto(name, {
      namespace,
      certificate: certificate(`${name}-broker`, "server", [serverName]),
      username: name,
      password: proxy.passwords.apply((passwords) => passwords[name]!),
    });

  return { mqtt: `mqtts://${hostname}:8883`, brokerPasswords: proxy.passwords };
}
