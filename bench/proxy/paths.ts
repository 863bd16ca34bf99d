import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../engine";
import { runOnLoopback } from "../../loopback";
import { freePort } from "../../loopback/ports";
import { start, untilListening } from "../../loopback/process";
import { atEnd } from "../clean-up";
import { family } from "../cost";
import { missingPrograms } from "../report";
import type { Broker, CertificateFiles } from "./broker";
import { brokerName, type HaproxyOptions, haproxyConfiguration, streamConfiguration } from "./configurations";

/** A way from a client to the broker. */
export interface Path {
  name: PathName;
  port: number;
  /** TLS of the client itself, with a certificate. */
  tls?: CertificateFiles & { servername: string };
  /** Where no proxy injects them, the client brings the credentials. */
  login?: Broker["login"];
  /** The proxy's processes. */
  processes(): number[];
}

interface ProxyPath extends Path {
  stop(): Promise<void>;
}

/** Straight, or through one of the proxies; without or with TLS to the broker. */
export type PathName = "direct" | "directTls" | ProxyName;
/** An NGINX that only passes bytes on, a rendered MqttProxy without and with credentials, or HAProxy. */
export type ProxyName =
  | "stream"
  | "streamTls"
  | "preread"
  | "inject"
  | "injectTls"
  | "haproxy"
  | "haproxyMqtt"
  | "haproxyTls";

export const labels: Record<PathName, string> = {
  direct: "direct",
  directTls: "direct → TLS",
  stream: "plain NGINX",
  streamTls: "plain NGINX → TLS",
  preread: "MqttProxy, routes alone",
  inject: "MqttProxy",
  injectTls: "MqttProxy → TLS",
  haproxy: "HAProxy",
  haproxyMqtt: "HAProxy that reads MQTT",
  haproxyTls: "HAProxy → TLS",
};

export function directPaths({ port, tlsPort, login, clientCertificate }: Broker): Record<"direct" | "directTls", Path> {
  const common = { login, processes: () => [] };
  const tls = { ...clientCertificate, servername: brokerName };
  return {
    direct: { ...common, name: "direct", port },
    directTls: { ...common, name: "directTls", port: tlsPort, tls },
  };
}

export type Proxies = Partial<Record<ProxyName, ProxyPath>>;

/** Starts the proxies that are installed, fresh processes each time. */
export async function startProxies(broker: Broker): Promise<Proxies> {
  return {
    stream: await plainNginx("stream", broker, broker.port),
    preread: await renderedProxy("preread", broker, "preread", broker.login),
    inject: await renderedProxy("inject", broker, "inject"),
    streamTls: await plainNginx("streamTls", broker, broker.tlsPort),
    injectTls: await renderedProxy("injectTls", broker, "mutual"),
    ...(missingPrograms("haproxy")
      ? {}
      : {
          haproxy: await haproxy("haproxy", broker, { readsMqtt: false, tls: false }),
          haproxyMqtt: await haproxy("haproxyMqtt", broker, { readsMqtt: true, tls: false }),
          haproxyTls: await haproxy("haproxyTls", broker, { readsMqtt: false, tls: true }),
        }),
  };
}

async function plainNginx(name: ProxyName, { folder, login, tlsPort }: Broker, brokerPort: number): Promise<ProxyPath> {
  const port = await freePort();
  const configuration = join(folder, `${port}.conf`);
  writeFileSync(configuration, streamConfiguration(folder, port, brokerPort, brokerPort === tlsPort));
  const nginx = start("nginx", ["-e", "stderr", "-c", configuration], join(folder, `${port}.log`));
  atEnd(nginx.stop);
  await untilListening(port, nginx);
  return { name, port, login, processes: () => family(nginx.pid), stop: nginx.stop };
}

async function haproxy(name: ProxyName, broker: Broker, options: HaproxyOptions): Promise<ProxyPath> {
  const { folder, login } = broker;
  const port = await freePort();
  const configuration = join(folder, `${port}.cfg`);
  writeFileSync(configuration, haproxyConfiguration(folder, port, options.tls ? broker.tlsPort : broker.port, options));
  const running = start("haproxy", ["-db", "-f", configuration], join(folder, `${port}.log`));
  atEnd(running.stop);
  await untilListening(port, running);
  return { name, port, login, processes: () => [running.pid], stop: running.stop };
}

async function renderedProxy(
  name: ProxyName,
  { objects }: Broker,
  deployment: string,
  login?: Broker["login"],
): Promise<ProxyPath> {
  const loopback = await runOnLoopback(withoutOtherDeployments(objects, deployment));
  atEnd(loopback.stop);
  const main = () => Number(readFileSync(loopback.path("nginx", "/tmp/nginx.pid"), "utf8"));
  return { name, port: loopback.port("nginx", "mqtt"), login, processes: () => family(main()), stop: loopback.stop };
}

export const withoutOtherDeployments = (objects: KubernetesObject[], deployment: string) =>
  objects.filter(({ kind, metadata }) => kind !== "Deployment" || metadata.name.startsWith(deployment));
