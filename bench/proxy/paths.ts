import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../engine";
import { runOnLoopback } from "../../loopback";
import { freePort, start, untilListening } from "../../loopback/process";
import { atEnd } from "../clean-up";
import { family } from "../cost";
import type { Broker, CertificateFiles } from "./broker";
import { brokerName, streamConfiguration } from "./configurations";

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
/** An NGINX that only passes bytes on, or a rendered MqttProxy. */
export type ProxyName = "stream" | "streamTls" | "inject" | "injectTls";

export const labels: Record<PathName, string> = {
  direct: "direct",
  directTls: "direct → TLS",
  stream: "plain NGINX",
  streamTls: "plain NGINX → TLS",
  inject: "MqttProxy",
  injectTls: "MqttProxy → TLS",
};

export function directPaths({ port, tlsPort, login, clientCertificate }: Broker): Record<"direct" | "directTls", Path> {
  const common = { login, processes: () => [] };
  const tls = { ...clientCertificate, servername: brokerName };
  return {
    direct: { ...common, name: "direct", port },
    directTls: { ...common, name: "directTls", port: tlsPort, tls },
  };
}

/** Starts the proxies, fresh processes each time. */
export async function startProxies(broker: Broker): Promise<Record<ProxyName, ProxyPath>> {
  return {
    stream: await plainNginx("stream", broker, broker.port),
    inject: await renderedProxy("inject", broker, "inject"),
    streamTls: await plainNginx("streamTls", broker, broker.tlsPort),
    injectTls: await renderedProxy("injectTls", broker, "mutual"),
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

async function renderedProxy(name: ProxyName, { objects }: Broker, deployment: string): Promise<ProxyPath> {
  const loopback = await runOnLoopback(withoutOtherDeployments(objects, deployment));
  atEnd(loopback.stop);
  const main = () => Number(readFileSync(loopback.path("nginx", "/tmp/nginx.pid"), "utf8"));
  return { name, port: loopback.port("nginx", "mqtt"), processes: () => family(main()), stop: loopback.stop };
}

const withoutOtherDeployments = (objects: KubernetesObject[], deployment: string) =>
  objects.filter(({ kind, metadata }) => kind !== "Deployment" || metadata.name.startsWith(deployment));
