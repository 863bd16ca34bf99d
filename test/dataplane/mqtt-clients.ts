import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import * as x509 from "@peculiar/x509";
import * as k8s from "@pulumi/kubernetes";
import * as mqtt from "mqtt-packet";
import { MqttProxy, type MqttProxyArgs } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import type { BrokerStub } from "./broker-stub";
import { type Identity, OpenSsl } from "./openssl";

/** An authority for one test file, that signs whatever subject it is asked to. */
export class Devices {
  readonly openssl = new OpenSsl();
  readonly authority = this.openssl.root("devices");
  readonly server = this.issue("/CN=mqtt.example.com", "serverAuth");

  /** A certificate with any letters in its subject, also those that openssl cannot be told: a NUL. */
  async issueNames(subject: Record<string, string>): Promise<Identity> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const issuer = createPrivateKey(this.authority.key).export({ type: "pkcs8", format: "der" });
    const certificate = await x509.X509CertificateGenerator.create(
      {
        // Given as what it is, or the library takes a backslash and a hash for escapes.
        subject: Object.entries(subject).map(([field, utf8String]) => ({ [field]: [{ utf8String }] })) as never,
        issuer: new x509.X509Certificate(this.authority.certificate).subjectName.toJSON(),
        notAfter: new Date(Date.now() + 86_400_000),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: await webcrypto.subtle.importKey("pkcs8", issuer, algorithm, false, ["sign"]),
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      },
      webcrypto as never,
    );
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { key, certificate: certificate.toString("pem") };
  }

  /** A certificate with a subject as openssl writes it: `/OU=a/CN=sensor-1`. */
  issue(subject: string, usage = "clientAuth", issuer = this.authority, more: string[] = []): Identity {
    const key = this.openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const request = this.openssl.run([...["req", "-new", "-utf8", "-key", this.openssl.file(key), "-subj", subject]]);
    return { key, certificate: this.openssl.sign(request, issuer, [`extendedKeyUsage=${usage}`, ...more]) };
  }

  /** The certificate of a device, with so many intermediate ones between it and the authority. */
  below(intermediates: number, subject: string, usage = "clientAuth", more: string[] = []): Identity {
    let issuer = this.authority;
    const chain: string[] = [];
    for (let index = 1; index <= intermediates; index++) {
      issuer = this.openssl.intermediate(`intermediate ${index}`, issuer);
      chain.unshift(issuer.certificate);
    }
    const { key, certificate } = this.issue(subject, usage, issuer, more);
    return { key, certificate: [certificate, ...chain].join("") };
  }

  serial = ({ certificate }: Identity) =>
    this.openssl.run(["x509", "-noout", "-serial"], certificate).replace("serial=", "").trim();

  remove = () => this.openssl.remove();
}

/** Renders a proxy in the open-source dialect, with the Secrets that its arguments name. */
export async function renderProxy(
  args: Omit<MqttProxyArgs, "namespace" | "edition">,
  secrets: Record<string, Record<string, string>> = {},
): Promise<KubernetesObject[]> {
  const run = await record(() => {
    for (const [name, stringData] of Object.entries(secrets))
      new k8s.core.v1.Secret(name, { metadata: { name, namespace: "mqtt" }, stringData });
    new MqttProxy("edge", { namespace: "mqtt", edition: "oss", ...args });
  });
  return manifests(run, { secrets: "show" });
}

/** What a client says, and over what. */
export interface Client {
  clientId?: string;
  username?: string;
  password?: string;
  will?: mqtt.IConnectPacket["will"];
  /** TLS, with this certificate or without any. */
  tls?: Identity | true;
  /** Bytes before TLS and the CONNECT. */
  before?: string | Buffer;
  /** Loopback address that it comes from. */
  from?: string;
}

/** Opens a connection and sends a CONNECT. Resolves with the broker's name, or "" when the proxy closes, and the socket. */
export function open(port: number, client: Client): Promise<{ broker: string; socket: Socket }> {
  return new Promise((resolve) => {
    const raw = createConnection({ port, host: "127.0.0.1", localAddress: client.from });
    if (client.before) raw.write(client.before);
    const identity = client.tls === true ? undefined : client.tls;
    const socket = client.tls
      ? connectTls({ socket: raw, rejectUnauthorized: false, key: identity?.key, cert: identity?.certificate })
      : raw;
    const parser = mqtt.parser();
    parser.on("packet", (packet) => packet.cmd === "publish" && resolve({ broker: packet.topic, socket }));
    parser.on("error", () => undefined);
    socket.on("data", (bytes) => parser.parse(bytes));
    for (const one of [raw, socket]) {
      one.on("error", () => undefined);
      one.on("close", () => resolve({ broker: "", socket }));
    }
    const { clientId = "device", username, password, will } = client;
    socket.write(
      mqtt.generate({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clientId,
        clean: true,
        keepalive: 60,
        will,
        ...(username !== undefined && { username, password: Buffer.from(password ?? "own") }),
      }),
    );
  });
}

/** The broker that a client gets to; "" for none. */
export async function reached(port: number, client: Client): Promise<string> {
  const { broker, socket } = await open(port, client);
  socket.destroy();
  return broker;
}

/** The last CONNECT that a broker was sent, after what came before it. */
export function lastConnect({ received }: BrokerStub): { before: string; username?: string; password?: string } {
  const bytes = received[received.length - 1] ?? Buffer.alloc(0);
  const start = Math.max(bytes.indexOf(0x10), 0);
  let found: mqtt.IConnectPacket | undefined;
  const parser = mqtt.parser();
  parser.on("packet", (packet) => {
    if (packet.cmd === "connect") found = packet;
  });
  parser.on("error", () => undefined);
  parser.parse(bytes.subarray(start));
  return {
    before: bytes.subarray(0, start).toString(),
    username: found?.username,
    password: found?.password?.toString(),
  };
}

/** What a load balancer says of a client, in either version of the PROXY protocol. `LOCAL` is its own connection. */
export function proxyHeader(version: "1" | "2", family: "TCP4" | "TCP6" | "LOCAL", address: string): string | Buffer {
  const six = family === "TCP6";
  if (version === "1") return `PROXY ${family} ${address} ${six ? "2001:db8::1" : "198.51.100.1"} 1111 1883\r\n`;
  const bytes = six ? sixteen(address) : Buffer.from(address.split(".").map(Number));
  const addresses = Buffer.concat([bytes, bytes, Buffer.from([4, 87, 7, 91])]);
  const head = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
  const command = family === "LOCAL" ? 0x20 : 0x21;
  return Buffer.concat([Buffer.from([...head, command, six ? 0x21 : 0x11, 0, addresses.length]), addresses]);
}

/** An IPv6 address, in which `::` stands for zeros, as bytes. */
function sixteen(address: string): Buffer {
  const [before, after] = address.split("::").map((part) => (part === "" ? [] : part.split(":"))) as [
    string[],
    string[],
  ];
  const groups = [...before, ...Array(8 - before.length - after.length).fill("0"), ...after];
  return Buffer.concat(groups.map((group) => Buffer.from(group.padStart(4, "0"), "hex")));
}

/**
 * Waits until so many bytes have come to where `count` says. With a rate, they never came faster.
 *
 * @param from before the connection was opened, as `performance.now()` says
 */
export async function arrived(enough: number, count: () => number, from: number, rate?: number): Promise<void> {
  for (let bytes = 0; bytes < enough; ) {
    bytes = count();
    // What NGINX allows in the seconds that it counts, the first and the last of which are not whole, and its buffer.
    const allowed = (rate ?? Number.POSITIVE_INFINITY) * ((performance.now() - from) / 1000 + 2) + 16_384;
    expect(bytes).toBeLessThanOrEqual(allowed);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
