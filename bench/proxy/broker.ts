import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Certificate, CertificateAuthority, MqttProxy } from "nginx-stacks";
import { type KubernetesObject, manifests, record } from "../../engine";
import { data } from "../../loopback/pod";
import { freePort } from "../../loopback/ports";
import { start, untilListening } from "../../loopback/process";
import { atEnd } from "../clean-up";
import { brokerConfiguration, brokerName, brokerPassword } from "./configurations";

/** The one broker behind all paths, and what stands in front of it. */
export interface Broker {
  port: number;
  /** The port with mutual TLS. */
  tlsPort: number;
  login: { username: string; password: Buffer };
  /** Files of this benchmark; `client.crt`, `client.key`, `client.pem` and `client.ca` are what the broker asks a client for. */
  folder: string;
  clientCertificate: CertificateFiles;
  /** Kubernetes objects of the rendered proxies. */
  objects: KubernetesObject[];
}

export interface CertificateFiles {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

const username = "edge";

export async function startBroker(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-bench-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const password = randomBytes(16).toString("hex");
  const port = await freePort();
  const tlsPort = await freePort();
  const objects = await renderProxies(port, tlsPort, password);
  writeCertificate(folder, "broker", objects);
  const clientCertificate = writeCertificate(folder, "client", objects);

  writeFileSync(join(folder, "passwords"), brokerPassword(username, password), { mode: 0o600 });
  const configuration = join(folder, "mosquitto.conf");
  writeFileSync(configuration, brokerConfiguration(folder, port, tlsPort));
  const mosquitto = start("mosquitto", ["-c", configuration], join(folder, "mosquitto.log"));
  atEnd(mosquitto.stop);
  for (const listening of [port, tlsPort]) await untilListening(listening, mosquitto);
  return { port, tlsPort, login: { username, password: Buffer.from(password) }, folder, clientCertificate, objects };
}

/** Proxies as the library renders them, to the broker's port without TLS and to the one with mutual TLS; and the certificates. */
async function renderProxies(port: number, tlsPort: number, password: string): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const namespace = "bench";
    const issuer = new CertificateAuthority("authority", {
      subject: { commonName: "Example root" },
      intermediate: { subject: { commonName: "Example issuer" } },
    });
    const certificate = { namespace, issuer, dnsNames: [brokerName] };
    new Certificate("broker", { ...certificate, usage: "server", subject: { commonName: "broker" } });
    const clientCertificate = new Certificate("client", {
      ...certificate,
      usage: "client",
      subject: { commonName: "proxy" },
    });
    const proxy = { namespace, edition: "oss", defaultRoute: { upstream: "broker" } } as const;
    const plain = { ...proxy, upstreams: [{ name: "broker", servers: [{ host: "127.0.0.1", port }] }] };
    new MqttProxy("preread", plain);
    new MqttProxy("inject", {
      ...plain,
      credentials: { username, password, unsafeSendToUnverifiedBrokers: true },
    });
    new MqttProxy("mutual", {
      ...proxy,
      upstreams: [{ name: "broker", servers: [{ host: "127.0.0.1", port: tlsPort }], serverName: brokerName }],
      brokerTls: { trustedCertificatesPem: issuer.bundle, clientCertificate },
      credentials: { username, password },
    });
  });
  return manifests(run, { secrets: "show" });
}

/** Writes the files of a rendered certificate's Secret: `<name>.crt`, `<name>.key`, `<name>.ca`. */
function writeCertificate(folder: string, name: string, objects: KubernetesObject[]): CertificateFiles {
  const secret = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(`${name}-secret`));
  const contents = data(secret!);
  const files = { cert: contents["tls.crt"]!, key: contents["tls.key"]!, ca: contents["ca.crt"]! };
  writeFileSync(join(folder, `${name}.crt`), files.cert);
  writeFileSync(join(folder, `${name}.key`), files.key, { mode: 0o600 });
  writeFileSync(join(folder, `${name}.ca`), files.ca);
  // As HAProxy wants it.
  writeFileSync(join(folder, `${name}.pem`), Buffer.concat([files.cert, files.key]), { mode: 0o600 });
  return files;
}
