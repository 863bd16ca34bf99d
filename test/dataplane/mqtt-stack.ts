import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Output } from "@pulumi/pulumi";
import { Certificate, CertificateAuthority, MqttProxy, type MqttProxyArgs, Namespace } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { mosquitto, mosquittoService } from "../../examples/mqtt-proxy/mosquitto";
import type { Loopback } from "../../loopback";
import { longestWaitSeconds, until } from "../cluster/until";

/** A name that every broker's certificate has beside its own. */
export const sharedName = "brokers.example.com";

/** A proxy under test with brokers of its own, each named, all in front of the same certificate authority. */
export interface MqttStack {
  brokers: string[];
  /** Arguments of the proxy, given where each broker is. */
  proxy(
    hosts: Record<string, Output<string>>,
  ): Omit<MqttProxyArgs, "namespace" | "edition" | "upstreams"> & Partial<Pick<MqttProxyArgs, "upstreams">>;
}

/** The rendered objects of such a stack, with NGINX in the open-source dialect: what loopback can run. */
export async function renderMqttStack({ brokers, proxy }: MqttStack): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const namespace = new Namespace("mqtt", {}).name;
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "test root" } });
    const hosts = Object.fromEntries(brokers.map((name) => [name, mosquittoService(name, namespace)]));
    const edge = new MqttProxy("edge", {
      namespace,
      edition: "oss",
      upstreams: brokers.map((name) => ({ name, servers: [{ host: hosts[name]! }] })),
      brokerTls: {
        trustedCertificatesPem: issuer.bundle,
        clientCertificate: new Certificate("proxy", {
          namespace,
          issuer,
          usage: "client",
          subject: { commonName: "proxy" },
        }),
      },
      credentials: { username: "edge", password: randomBytes(16).toString("hex") },
      ...proxy(hosts),
    });
    for (const name of brokers) {
      const certificate = new Certificate(`${name}-server`, {
        namespace,
        issuer,
        usage: "server",
        subject: { commonName: name },
        dnsNames: [hosts[name]!, sharedName],
      });
      mosquitto(name, { namespace, certificate, username: edge.username, password: edge.password });
    }
  });
  return manifests(run, { secrets: "show" });
}

/** What a command of mosquitto-clients ended with. */
export interface ClientResult {
  status: number;
  output: string;
}

/** Runs `mosquitto_pub` or `mosquitto_sub` against a loopback port. */
export function client(
  command: "mosquitto_pub" | "mosquitto_sub",
  port: number,
  ...args: string[]
): Promise<ClientResult> {
  return new Promise((resolve) =>
    execFile(
      command,
      ["-h", "127.0.0.1", "-p", `${port}`, ...args],
      { timeout: longestWaitSeconds * 1000 },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    ),
  );
}

/** Publishes one message as a client id. */
export const publish = (port: number, clientId: string, ...args: string[]) =>
  client("mosquitto_pub", port, "-i", clientId, "-t", "test", "-q", "1", "-m", "x", ...args);

/** Client ids that a broker let in, in order, from its log. */
export const admitted = (brokerLog: string) =>
  [...brokerLog.matchAll(/New client connected from \S+ as (\S+) \(/g)].map(([, clientId]) => clientId);

/** The access log's lines, each of which must be JSON. */
export const accessLog = (nginxOutput: string): Record<string, unknown>[] =>
  nginxOutput
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

/** The first line of NGINX's access log that is meant. NGINX writes it when a session is over, which the client knows first. */
export const logged = (stack: Loopback, meant: (line: Record<string, unknown>) => boolean) =>
  until("the line of the access log", longestWaitSeconds, async () => accessLog(stack.output("nginx")).find(meant));
